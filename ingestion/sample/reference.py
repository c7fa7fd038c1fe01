"""Stores, staff, items and campaigns: the masters that the stores' ERP exports."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from ingestion.sample.dice import Dice, texts
from ingestion.sample.names import given_names
from ingestion.sample.source import Source

# GB/T 2260 code, province, city as written in full, short form, weight of a big city
CITIES = pd.read_csv(
    Path(__file__).with_name("cities.csv"), dtype={"region_code": "str"}
)
OPENING = np.datetime64("2016-12-31T08:00:00", "s")


def make_stores(source: Source, dice: Dice) -> pd.DataFrame:
    """Return one row per store: code, city (row of CITIES), opening, status."""
    rng = dice.stream("stores")
    ids = np.sort(source.lines["store_id"].unique())
    weight = CITIES["weight"].to_numpy() / CITIES["weight"].sum()
    region = rng.choice(len(CITIES), len(ids), p=weight)
    last_sale = source.lines.groupby("store_id")["sold_at"].max().loc[ids].to_numpy()
    # a store silent since the autumn has been shut, most of the time
    shut = (last_sale < np.datetime64("2017-10-01")) & (rng.random(len(ids)) < 0.3)
    codes = texts([f"S{store:05d}" for store in ids])
    cities = CITIES["city"].to_numpy()[region]
    return pd.DataFrame(
        {
            "store_id": ids,
            "store_code": codes,
            "name": texts(
                [f"全域{c[:-1]}{s}店" for c, s in zip(cities, codes, strict=True)]
            ),
            "region": region,
            "opened_on": np.datetime64("2003-01-01")
            + rng.integers(0, 4700, len(ids)).astype("timedelta64[D]"),
            "shut_at": np.where(
                shut, last_sale + np.timedelta64(20, "D"), np.datetime64("NaT", "s")
            ).astype("datetime64[s]"),
            "has_guide": rng.random(len(ids)) < 0.4,
            "receipts": source.lines.groupby("store_id")["basket_id"]
            .nunique()
            .loc[ids]
            .to_numpy(),
        }
    )


def make_staff(stores: pd.DataFrame, phones: np.ndarray, dice: Dice) -> pd.DataFrame:
    """Return one row per person on the staff; guides only where a store has them."""
    rng = dice.stream("staff")
    guides = np.where(stores["has_guide"], 1 + (stores["receipts"] > 300) * 2, 0)
    store = np.repeat(np.arange(len(stores)), guides + 1)
    first = np.r_[True, store[1:] != store[:-1]]
    count = len(store)
    left = ~first & (rng.random(count) < 0.08)
    leaving = ~first & ~left & (rng.random(count) < 0.06)
    if not left.any() and not leaving.any() and (~first).any():
        leaving[np.argmax(~first)] = True
    changed = np.datetime64("2017-04-01T09:00:00", "s") + rng.integers(
        0, 270 * 86400, count
    ).astype("timedelta64[s]")
    return pd.DataFrame(
        {
            "staff_code": texts([f"G{i:05d}" for i in range(1, count + 1)]),
            "name": given_names(rng, np.full(count, "F")),
            "phone": phones[:count],
            "store": store,
            "role": np.where(first, "manager", "guide"),
            "final_status": np.select([left, leaving], ["left", "leaving"], "active"),
            "changed_at": np.where(
                left | leaving, changed, np.datetime64("NaT", "s")
            ).astype("datetime64[s]"),
            "hired_on": np.datetime64("2012-01-01")
            + rng.integers(0, 1800, count).astype("timedelta64[D]"),
        }
    )


def make_products(source: Source, dice: Dice) -> pd.DataFrame:
    """Return the item master: names, bar codes and the median shelf price."""
    products = source.products
    lines = source.lines
    sold = lines[(lines["quantity"] > 0) & (lines["list"] > 0)]
    unit = sold["list"] / sold["quantity"].clip(upper=50)
    median = unit.groupby(sold["product_id"]).median()
    price = products["product_id"].map(median).fillna(299)
    kind = products["product_type"].fillna(products["department"]).str.title()
    size = products["package_size"].fillna("")
    gift = products["product_category"].isin(["GIFT & FRUIT BASKETS"]) | products[
        "product_type"
    ].fillna("").str.contains(r"GIFT (?:SET|PACK|BOX)|BASKET", regex=True)
    changed = dice.stream("list prices").random(len(products)) < 0.01
    return pd.DataFrame(
        {
            "product_id": products["product_id"],
            "item_code": products["product_id"].astype(str),
            "barcode": barcodes(products["product_id"].to_numpy()),
            "name": (kind + " " + size).str.strip(),
            "department": products["department"],
            "category": products["product_category"],
            "product_type": products["product_type"],
            "manufacturer_code": products["manufacturer_id"].astype(str),
            "manufacturer_brand": products["brand"],
            "package_size": products["package_size"],
            "list_price": np.rint(price).clip(lower=1).astype("int64"),
            "is_gift_set": gift,
            "price_raised": changed,
        }
    )


def barcodes(product_ids: np.ndarray) -> np.ndarray:
    """Return EAN-13 texts: 690, nine digits of the product id, check digit."""
    twelve = 690_000_000_000 + product_ids.astype("int64")
    weighted = sum(
        (twelve // 10**place % 10) * (3 if place % 2 == 0 else 1) for place in range(12)
    )
    check = (10 - weighted % 10) % 10
    return texts((twelve * 10 + check).astype(str))


def make_campaigns(source: Source) -> pd.DataFrame:
    """Return the 27 real campaigns with their code and a name."""
    campaigns = source.campaigns.sort_values("campaign_id").reset_index(drop=True)
    number = campaigns["campaign_id"].astype(str).str.zfill(2)
    month = campaigns["start_date"].dt.strftime("%Y-%m")
    return campaigns.assign(
        campaign_code="C" + number,
        name=month + " " + campaigns["campaign_type"] + " 优惠券活动",
        published_at=campaigns["start_date"] - pd.Timedelta(days=7),
    )
