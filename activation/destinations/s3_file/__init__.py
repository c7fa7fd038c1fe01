"""CSV files in a bucket of S3 or what speaks it (OSS, COS, TOS, MinIO)."""
