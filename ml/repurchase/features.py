"""What the model reads: columns of features.feat_customer_brand and their names."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ml.errors import EmptyInputError, InvalidInputError, MissingColumnError

Floats = npt.NDArray[np.float64]

KEYS = ["base_date", "brand_code", "customer_id"]
LABEL = "is_repurchased"

# Column -> name in the reasons that the growth team reads.
NUMBERS = {
    "days_since_last_purchase": "距末次购买本品牌天数",
    "days_since_first_purchase": "距首次购买本品牌天数",
    "purchase_days": "累计购买本品牌天数",
    "purchase_days_30d": "近30天购买本品牌天数",
    "purchase_days_60d": "近60天购买本品牌天数",
    "purchase_days_90d": "近90天购买本品牌天数",
    "purchase_days_180d": "近180天购买本品牌天数",
    "purchase_days_365d": "近一年购买本品牌天数",
    "purchase_months_365d": "近一年购买本品牌月数",
    "goods_amount": "累计本品牌消费额",
    "goods_amount_30d": "近30天本品牌消费额",
    "goods_amount_90d": "近90天本品牌消费额",
    "goods_amount_365d": "近一年本品牌消费额",
    "line_count": "累计本品牌件行数",
    "line_count_90d": "近90天本品牌件行数",
    "quantity_90d": "近90天本品牌件数",
    "gap_days_mean": "平均购买间隔天数",
    "gap_days_stddev": "购买间隔波动",
    "days_until_due": "距预计下次购买天数",
    "discounted_line_rate_180d": "近180天优惠商品占比",
    "coupon_line_rate_180d": "近180天用券商品占比",
    "online_line_rate_180d": "近180天线上购买占比",
    "discount_rate_180d": "近180天折扣率",
    "brand_day_share": "本品牌购买日占比",
    "brand_amount_share_90d": "近90天本品牌消费占比",
    "brand_count_90d": "近90天购买品牌数",
    "any_days_since_last_purchase": "距末次购买天数(全部品牌)",
    "any_purchase_days_30d": "近30天购买天数(全部品牌)",
    "any_purchase_days_90d": "近90天购买天数(全部品牌)",
    "any_goods_amount_30d": "近30天消费额(全部品牌)",
    "any_goods_amount_90d": "近90天消费额(全部品牌)",
    "event_active_days_30d": "近30天线上活跃天数",
    "event_view_count_30d": "近30天浏览次数",
    "event_cart_count_30d": "近30天加购次数",
    "touch_count_30d": "近30天触达次数",
    "coupon_used_count_90d": "近90天用券张数",
    "refund_count_90d": "近90天退款次数",
    "is_member": "会员",
    "age_years": "年龄",
}
CATEGORIES = {"brand_code": "品牌", "gender": "性别"}
NAMES = {**NUMBERS, **CATEGORIES}

# The obvious rules a model has to beat; higher means likelier.
BASELINES: dict[str, Callable[[pd.DataFrame], Floats]] = {
    "recency": lambda rows: -np.log1p(_float(rows["days_since_last_purchase"])),
    "frequency_90d": lambda rows: np.log1p(_float(rows["purchase_days_90d"])),
    "spend": lambda rows: np.log1p(_float(rows["goods_amount_365d"]).clip(min=0)),
}


def checked(features: pd.DataFrame) -> pd.DataFrame:
    """Return the feature rows in the order of their keys, or say what is wrong.

    The order matters: LightGBM's bagging draws row numbers, so the same rows must come
    in the same order to give the same model.
    """
    _require(features, [*KEYS, *NUMBERS, *CATEGORIES], "feat_customer_brand")
    if features.empty:
        raise EmptyInputError(
            "feat_customer_brand holds no row: no customer has bought anything yet."
        )
    _refuse_duplicates(features, "feat_customer_brand")
    return features.sort_values(KEYS, kind="stable", ignore_index=True)


def labelled(features: pd.DataFrame, labels: pd.DataFrame) -> pd.DataFrame:
    """Return the checked feature rows whose outcome is known, with it as 0.0 or 1.0."""
    _require(labels, [*KEYS, LABEL], "label_repurchase")
    _refuse_duplicates(labels, "label_repurchase")
    if labels[LABEL].isna().any():
        raise InvalidInputError(
            f"label_repurchase.{LABEL} is null in {labels[LABEL].isna().sum()} rows."
        )
    rows = features.merge(labels[[*KEYS, LABEL]], on=KEYS, how="inner", sort=False)
    rows[LABEL] = _float(rows[LABEL])
    return rows


def design(
    rows: pd.DataFrame, columns: list[str], categories: dict[str, list[str]]
) -> Floats:
    """Return the matrix LightGBM reads: numbers, and categories as their position.

    A category that was not there in training, and null, become NaN: LightGBM sends them
    the way of missing values.
    """
    matrix = np.empty((len(rows), len(columns)), dtype=np.float64)
    for at, column in enumerate(columns):
        if column in categories:
            position = {name: index for index, name in enumerate(categories[column])}
            matrix[:, at] = _float(rows[column].map(position))
        else:
            matrix[:, at] = _float(rows[column])
    return matrix


def informative(rows: pd.DataFrame) -> tuple[list[str], list[str]]:
    """Split the feature columns into those that vary here and those that do not."""
    varies = {
        column: rows[column].nunique(dropna=False) > 1
        for column in [*NUMBERS, *CATEGORIES]
    }
    used = [column for column, is_used in varies.items() if is_used]
    return used, [column for column in varies if column not in used]


def category_values(rows: pd.DataFrame, columns: Iterable[str]) -> dict[str, list[str]]:
    """Return the known values of each category column, sorted."""
    return {
        column: sorted(map(str, rows[column].dropna().unique()))
        for column in columns
        if column in CATEGORIES
    }


def text(column: pd.Series) -> npt.NDArray[Any]:
    """Return a text column as an array of Python strings."""
    return column.to_numpy(dtype=object)


def _float(column: pd.Series) -> Floats:
    return np.asarray(column.to_numpy(dtype=np.float64, na_value=np.nan))


def _require(frame: pd.DataFrame, columns: list[str], name: str) -> None:
    missing = [column for column in columns if column not in frame.columns]
    if missing:
        raise MissingColumnError(f"{name} lacks {', '.join(missing)}.")


def _refuse_duplicates(frame: pd.DataFrame, name: str) -> None:
    twice = frame.duplicated(KEYS)
    if twice.any():
        row = frame.loc[twice, KEYS].iloc[0]
        raise InvalidInputError(
            f"{name} has base_date {row['base_date']:%Y-%m-%d}, customer "
            f"{row['customer_id']}, brand {row['brand_code']} more than once."
        )
