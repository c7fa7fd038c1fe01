"""What is known of items before anybody has bought them: a category, and words."""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np
import pandas as pd
from scipy import sparse

from ml.errors import EmptyInputError, InvalidInputError, MissingColumnError
from ml.recommendation.sources import Items

# Columns of feat_products whose values are words of an item as they are.
TRAITS = (
    "department",
    "category",
    "product_type",
    "brand_code",
    "manufacturer_code",
    "price_band",
)
PRODUCT_COLUMNS = ("product_key", "item_code", "name", *TRAITS)
_WORDS = re.compile(r"[a-z]{3,}|[\u4e00-\u9fff]+")


def checked_products(products: pd.DataFrame) -> pd.DataFrame:
    """Return the catalogue, one row per item in the order of product_key."""
    missing = [one for one in PRODUCT_COLUMNS if one not in products.columns]
    if missing:
        raise MissingColumnError(f"feat_products lacks {', '.join(missing)}.")
    if products.empty:
        raise EmptyInputError("feat_products holds no row: there is nothing to offer.")
    twice = products["product_key"].duplicated()
    if twice.any():
        key = products.loc[twice, "product_key"].iloc[0]
        raise InvalidInputError(f"feat_products has product_key {key} more than once.")
    return products.sort_values("product_key", ignore_index=True)


def product_items(products: pd.DataFrame) -> Items:
    """Return categories and words of checked products, in their order.

    An unknown category is one of its own; an unknown trait is no word.
    """
    category, _ = pd.factorize(products["category"].fillna(""), sort=True)
    words = [
        products[trait].dropna().map(lambda value, trait=trait: f"{trait}={value}")
        for trait in TRAITS
    ]
    named = products["name"].fillna("").map(lambda name: list(set(name_words(name))))
    words.append(named.explode().dropna())
    found = pd.concat([one.astype(str) for one in words])
    code, vocabulary = pd.factorize(found, sort=True)
    tokens = sparse.csr_matrix(
        (np.ones(len(code), dtype=np.float32), (found.index, code)),
        shape=(len(products), max(len(vocabulary), 1)),
    )
    return Items(np.asarray(category, dtype=np.int64), tokens)


def name_words(name: str) -> Iterable[str]:
    """Return the words of a name: Latin words of three letters, pairs of Chinese."""
    for run in _WORDS.findall(str(name).lower()):
        if run.isascii():
            yield run
        else:
            yield from (run[at : at + 2] for at in range(max(len(run) - 1, 1)))


def without_words(count: int) -> Items:
    """Return `count` items that are their own category and have no words."""
    return Items(
        np.arange(count, dtype=np.int64),
        sparse.csr_matrix((count, 1), dtype=np.float32),
    )
