"""The `quanyu` command, one module per group."""
