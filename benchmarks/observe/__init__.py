"""What benchmarks look at while something runs: memory, and when what was at work."""
