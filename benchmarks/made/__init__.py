"""Made-up data at the size of a brand."""
