"""All export tables of the sample group: each channel's module adds its own here.

A channel module builds its tables from the world, and this is all it has to say:

- It yields its tables one by one where they are large: only one is then in memory.
- Rows of the shared frames (orders, lines, refunds, accounts, points, coupons ...):
  take the channel's with `tell.orders_of`, `tell.of_channel` and the like, and hand
  the subset to `tell.exported`. Lines nested in their order: `nested=` as well.
- Rows that only this channel has (interactions, leads, reviews, shares, contacts):
  make a frame from `world` with draws of `world.dice.stream(<topic>)` only, with a
  column of ids and a column `person` (row of world.people, -1: nobody knows) or
  `account` (row of world.accounts); `tell.own(frame, <id column>, <record type>)`
  makes the subset. truth.parquet then names the person of every row written, under
  that record type. Contents, sessions and codes are nobody's: leave the type out.
- Rows that the source does not have but that must be found again in staging say so in
  their `Records` (`why`, `staged_in`); `quanyu sample-check` looks for them there, or
  among the rejected where `refused` says for what.

A channel with shops that take orders is, besides, a row of `shops.CHANNELS` and rows of
`shops.SHOPS`. Nothing else lists channels.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ingestion.sample.douyin import douyin_tables
from ingestion.sample.douyin_content import douyin_content_tables
from ingestion.sample.export import ExportTable
from ingestion.sample.kuaishou import kuaishou_tables
from ingestion.sample.kuaishou_content import kuaishou_content_tables
from ingestion.sample.masters import master_tables
from ingestion.sample.mini_program import mini_program_tables
from ingestion.sample.pos import pos_tables
from ingestion.sample.reviews import review_tables
from ingestion.sample.service import service_tables
from ingestion.sample.tmall import tmall_tables
from ingestion.sample.wecom import wecom_tables
from ingestion.sample.world import World
from ingestion.sample.xiaohongshu import xiaohongshu_tables
from ingestion.sample.xiaohongshu_content import xiaohongshu_content_tables
from ingestion.sample.youzan import youzan_tables

# in the order of the channels; a channel may have several modules
MODULES: tuple[Callable[[World], Iterable[ExportTable]], ...] = (
    tmall_tables,
    youzan_tables,
    pos_tables,
    service_tables,
    master_tables,
    douyin_tables,
    douyin_content_tables,
    review_tables,
    xiaohongshu_tables,
    xiaohongshu_content_tables,
    kuaishou_tables,
    kuaishou_content_tables,
    mini_program_tables,
    wecom_tables,
)


def all_tables(world: World) -> list[ExportTable]:
    """Return every table that some channel exports."""
    return [table for tables_of in MODULES for table in tables_of(world)]
