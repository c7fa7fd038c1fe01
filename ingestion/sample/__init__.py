"""The sample group: purchases of a year told as the exports of all channels."""

from __future__ import annotations
