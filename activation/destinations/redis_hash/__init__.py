"""Hashes in Redis, one per member, for services that ask by key."""
