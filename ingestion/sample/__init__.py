"""The sample group: real purchases of 2017 told as the exports of three channels."""

from __future__ import annotations
