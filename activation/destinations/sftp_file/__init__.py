"""CSV files on a server that speaks SFTP."""
