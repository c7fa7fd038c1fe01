"""The committed parameters of the synthetic source, read once and checked."""

from __future__ import annotations

import datetime as dt
from functools import cached_property
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from warehouse.errors import QuanyuError

SYNTHETIC_FILE = Path(__file__).with_name("synthetic.yml")
Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PeopleRates(_Part):
    """Shares over all people."""

    known: Share
    old: Share
    at_home: Share
    price_spread: Share


class Gamma(_Part):
    """Purchases per week over people: BG/NBD's r and alpha."""

    shape: Positive
    scale: Positive


class Beta(_Part):
    """Probability of leaving after a repeat purchase, over people: BG/NBD's a and b."""

    a: Positive
    b: Positive


class BasketSize(_Part):
    """Lines beyond the first of a basket, over baskets."""

    mean: Positive
    shape: Positive


class Pantry(_Part):
    """A group that some people run out of in so many days."""

    group: str
    share: Share
    days: tuple[Positive, Positive]


class Archetype(_Part):
    """A kind of person."""

    share: Share
    rate: Gamma
    dropout: Beta
    basket: BasketSize
    calendar: str
    prefers: dict[str, Positive]
    pantry: Pantry | None = None


class Group(_Part):
    """A group of products, how many pieces are bought and how faithfully."""

    categories: tuple[str, ...] = ()
    departments: tuple[str, ...] = ()
    quantity: Annotated[float, Field(ge=1)]
    loyal: Share


class FormulaStage(_Part):
    """The product types for children below an age."""

    until_month: int
    types: tuple[str, ...]


class Days(_Part):
    """Days on which people buy more, or less."""

    name: str
    first: dt.date
    last: dt.date
    factor: Positive


class Calendar(_Part):
    """What multiplies the purchase rate."""

    weekdays: Annotated[tuple[Positive, ...], Field(min_length=7, max_length=7)]
    days: tuple[Days, ...]


class CampaignRates(_Part):
    """Whom the campaigns reach, and what they do."""

    targeted: dict[str, Share]
    lift: Annotated[float, Field(ge=0)]
    redeems: Share
    price_cut: Share


class PriceRates(_Part):
    """What comes off the list prices."""

    promoted: Share
    promoted_event: Share
    depths: tuple[Share, ...]
    platform: Share
    platform_event: Share
    coupon: Share
    gift_line: Share
    voided_line: Share


class SyntheticRates(_Part):
    """All processes of synthetic.yml."""

    people: PeopleRates
    archetypes: dict[str, Archetype]
    groups: dict[str, Group]
    formula_stages: tuple[FormulaStage, ...]
    calendars: dict[str, Calendar]
    hours: Annotated[tuple[Positive, ...], Field(min_length=24, max_length=24)]
    campaigns: CampaignRates
    prices: PriceRates

    @model_validator(mode="after")
    def _names_are_known(self) -> SyntheticRates:
        for name, kind in self.archetypes.items():
            named = {*kind.prefers, *([kind.pantry.group] if kind.pantry else [])}
            if unknown := sorted(named - set(self.groups)):
                raise ValueError(f"{name} names the unknown group {unknown[0]}")
            if kind.calendar not in self.calendars:
                raise ValueError(f"{name} names the unknown calendar {kind.calendar}")
        total = sum(kind.share for kind in self.archetypes.values())
        if abs(total - 1) > 1e-9:
            raise ValueError(f"the shares of the archetypes add up to {total:g}, not 1")
        return self

    @cached_property
    def group_number(self) -> dict[str, int]:
        """Return the number of each group, in the file's order."""
        return {name: number for number, name in enumerate(self.groups)}


def load_synthetic_rates(path: Path = SYNTHETIC_FILE) -> SyntheticRates:
    """Return the parameters of the synthetic source."""
    try:
        return SyntheticRates(**yaml.safe_load(path.read_text("utf-8")))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        raise QuanyuError(
            f"{path.name}: {where}: {first['msg']}; correct the file"
        ) from error
