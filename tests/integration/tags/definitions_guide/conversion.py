"""Guides: the conversion family."""

from __future__ import annotations

from decimal import Decimal

from tests.integration.tags.subject import ratio
from tests.integration.tags.things import ZERO, Guide, Payment, by_customer


def guide_order_count_30d(guide: Guide) -> int:
    return len(_month(guide))


def guide_order_count_365d(guide: Guide) -> int:
    return len(guide.year)


def guide_net_amount_30d(guide: Guide) -> Decimal:
    return sum((one.net for one in _month(guide)), ZERO)


def guide_net_amount_365d(guide: Guide) -> Decimal:
    return sum((one.net for one in guide.year), ZERO)


def guide_ticket_amount_365d(guide: Guide) -> Decimal | None:
    return ratio(guide_net_amount_365d(guide), len(guide.year), "0.01")


def guide_buyer_count_365d(guide: Guide) -> int:
    return len(by_customer(guide.year))


def guide_repurchase_rate_365d(guide: Guide) -> Decimal | None:
    buyers = by_customer(guide.year).values()
    return guide.share((len(paid) > 1 for paid in buyers), "guide")


def guide_days_since_last_sale(guide: Guide) -> int | None:
    return guide.since(max((one.day for one in guide.year), default=None))


def guide_task_bought_rate_365d(guide: Guide) -> Decimal | None:
    return guide.share(
        (
            one["outcome"] == "bought"
            for one in guide.tasks
            if one["done_at"] is not None and guide.within(one["assigned_on"], 365)
        ),
        "guide",
    )


def _month(guide: Guide) -> list[Payment]:
    return [one for one in guide.year if guide.within(one.day, 30)]
