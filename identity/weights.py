"""The weights of the fuzzy tier, estimated on the warehouse's own customers."""

from __future__ import annotations

import pandas as pd
import psycopg

from identity.fellegi_sunter import estimate_weights
from warehouse.connection import Connection, read_frame
from warehouse.errors import QuanyuError

_PATTERNS = "select * from identity.int_identity__fuzzy_patterns"
_BLOCKS = "select * from seeds.oneid_fuzzy_blocks"
_CUSTOMERS = "select count(*) from identity.oneid_customers where status = 'active'"


def propose_weights(conn: Connection) -> pd.DataFrame:
    """Return rows for the seed oneid_fuzzy_weights: trait, agreement, weight.

    Raises QuanyuError when the fuzzy tier is not built or has too few pairs.
    """
    try:
        patterns = read_frame(conn, _PATTERNS)
        blocks = read_frame(conn, _BLOCKS)
        row = conn.execute(_CUSTOMERS).fetchone()
    except psycopg.errors.UndefinedTable as error:
        raise QuanyuError("OneID is not built: run `quanyu run` first.") from error
    names = ["trait_1", "trait_2", "trait_3"]
    shared = {
        int(number): set(given.dropna())
        for number, (_, given) in zip(
            blocks["block_no"], blocks[names].iterrows(), strict=True
        )
    }
    try:
        return estimate_weights(patterns, shared, int(row[0]) if row else 0)
    except ValueError as error:
        raise QuanyuError(f"No weights can be estimated: {error}.") from error
