"""Audiences: tag entries, segments, and what is generated from them."""
