"""What OneID is like, for people."""
