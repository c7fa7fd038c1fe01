"""Models on public data: a part each, run as a process of its own (make bench-ml)."""
