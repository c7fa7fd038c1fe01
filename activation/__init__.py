"""Reverse ETL: a planned, logged and reversible way from a segment to a channel.

Start reading at `engine.py`; docs/activation.md has the whole picture.
"""
