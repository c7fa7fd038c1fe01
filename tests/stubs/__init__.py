"""Stand-ins for channels that have no server of their own to test against.

Each is a process of its own (`python -m tests.stubs.<channel> --data DIR`), keeps what
it was given in SQLite and enforces what the channel documents; every rule says where it
comes from: [V] a primary source, [S] a second hand, [U] a guess. docs/destinations.md
lists the sources.
"""
