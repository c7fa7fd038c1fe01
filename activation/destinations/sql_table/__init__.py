"""Rows of a table in another PostgreSQL, MariaDB or MySQL database."""
