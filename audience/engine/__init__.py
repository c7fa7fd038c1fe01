"""Audiences counted, profiled and compared over a columnar copy of all customers."""
