"""The real shelves that synthetic people buy from: products, stores, campaigns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ingestion.sample.dice import Floats, Ints
from ingestion.sample.source import MONEY, data_folder, read_source
from ingestion.sample.synthetic_rates import SyntheticRates
from warehouse.errors import QuanyuError

FORMULA = "formula"


@dataclass(frozen=True)
class Catalogue:
    """Products in pools; a pool is a group, or a stage of infant formula.

    The products of a pool lie together, the cheapest first. `ladder` counts them up: a
    product is drawn by searching `pool + share` in it, as often as the source sold it.
    """

    product_id: Ints
    unit_price: Floats
    ladder: Floats
    first_stage: int
    store_id: Ints
    store_ladder: Floats
    products: pd.DataFrame
    campaigns: pd.DataFrame
    coupons: pd.DataFrame

    def draw(self, pool: np.ndarray, share: np.ndarray) -> np.ndarray:
        """Return products (rows here) of pools, by their place on the price ladder."""
        return np.searchsorted(self.ladder, pool + share)

    def draw_stores(self, share: np.ndarray) -> np.ndarray:
        """Return rows of `store_id`, each as often as the source's receipts say."""
        return np.searchsorted(self.store_ladder, share)


def load_catalogue(rates: SyntheticRates) -> Catalogue:
    """Read the source's shelves and sort its products into the pools of the rates."""
    sold = _sold()
    products = read_source("products")
    known = sold.merge(products, on="product_id", how="left")
    pool = _pools(known, rates)
    order = np.lexsort((known["unit_price"], pool))
    known, pool = known.iloc[order], pool[order]
    lines = known["lines"].to_numpy().astype(float)
    size = np.bincount(pool, lines, len(rates.groups) + len(rates.formula_stages))
    names = [*rates.groups, *(f"{FORMULA} {s.types}" for s in rates.formula_stages)]
    if not size.all():
        empty = names[int(np.argmin(size))]
        raise QuanyuError(f"synthetic.yml: the source sold no product of {empty}")
    before = np.cumsum(size) - size
    ladder = pool + (np.cumsum(lines) - before[pool]) / size[pool]
    # the last product of a pool reaches its end, whatever the rounding
    ladder[np.r_[pool[1:] != pool[:-1], True]] = np.unique(pool) + 1.0
    stores = _receipts_by_store()
    ids = known["product_id"].to_numpy()
    return Catalogue(
        product_id=ids,
        unit_price=known["unit_price"].to_numpy(),
        ladder=ladder,
        first_stage=len(rates.groups),
        store_id=stores["store_id"].to_numpy(),
        store_ladder=np.cumsum(stores["lines"].to_numpy()) / stores["lines"].sum(),
        products=products[products["product_id"].isin(ids)],
        campaigns=read_source("campaign_descriptions"),
        coupons=read_source("coupons")[["coupon_upc", "campaign_id"]].drop_duplicates(),
    )


def _sold() -> pd.DataFrame:
    """Return how often each product was sold, and at which median price per piece."""
    table = pq.read_table(
        data_folder() / "transactions.parquet",
        columns=["product_id", "quantity", *MONEY],
    )
    total = table["sales_value"]
    for name in list(MONEY)[1:]:
        total = pc.add(total, table[name])
    table = pa.table(
        {
            "product_id": table["product_id"],
            "unit_price": pc.divide(pc.multiply(total, 100.0), table["quantity"]),
        }
    ).filter(pc.and_(pc.greater(table["quantity"], 0), pc.greater(total, 0)))
    # sorted by price within a product, the median is the one in the middle
    frame = table.to_pandas().sort_values(["product_id", "unit_price"])
    begin = np.flatnonzero(np.r_[True, np.diff(frame["product_id"]) != 0])
    count = np.diff(np.r_[begin, len(frame)])
    return pd.DataFrame(
        {
            "product_id": frame["product_id"].to_numpy()[begin],
            "unit_price": frame["unit_price"].to_numpy()[begin + count // 2],
            "lines": count,
        }
    )


def _receipts_by_store() -> pd.DataFrame:
    stores = pq.read_table(data_folder() / "transactions.parquet", columns=["store_id"])
    counts = stores["store_id"].value_counts()
    return pd.DataFrame(
        {
            "store_id": counts.field("values").to_numpy(),
            "lines": counts.field("counts").to_numpy(),
        }
    ).sort_values("store_id", ignore_index=True)


def _pools(products: pd.DataFrame, rates: SyntheticRates) -> Ints:
    """Return the pool of each product: its group's number, or that of its stage."""
    category, department = products["product_category"], products["department"]
    pool = np.full(len(products), len(rates.groups) - 1)
    for of, named in ((department, "departments"), (category, "categories")):
        for number, group in reversed(list(enumerate(rates.groups.values()))):
            pool[of.isin(getattr(group, named)).to_numpy()] = number
    formula = pool == rates.group_number[FORMULA]
    for number, stage in enumerate(rates.formula_stages):
        typed = products["product_type"].isin(stage.types).to_numpy()
        pool[formula & typed] = len(rates.groups) + number
    return pool
