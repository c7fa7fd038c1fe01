"""The points family."""

from __future__ import annotations

from datetime import date

from tests.integration.tags.person import Person
from tests.integration.tags.rows import Row, grouped


def points_expiring_count_30d(person: Person) -> int:
    return sum(
        _account_expiring(person, entries)
        for entries in grouped(
            person.of("fct_points"),
            lambda row: (row["channel_code"], row["shop_code"]),
        ).values()
    )


def _account_expiring(person: Person, entries: list[Row]) -> int:
    """Walk the days of one account: earn, spend what ends first, let lots end."""
    open_orders = {
        order["order_key"]
        for order in person.orders
        if order["order_status"] in ("created", "deposit_paid", "paid", "shipped")
    }
    earned = [
        row
        for row in entries
        if row["order_key"] not in open_orders
        and (
            row["entry_type"] == "earn"
            or (row["entry_type"] == "return" and row["points"] < 0)
        )
    ]
    lots = []
    debts: list[tuple[date, int]] = []
    for rows in grouped(
        earned,
        lambda row: (
            ("order", row["order_key"])
            if row["order_key"] is not None
            else ("grant", row["points_key"])
        ),
    ).values():
        points = sum(row["points"] for row in rows)
        ends = max(
            (row["expires_on"] for row in rows if row["expires_on"]), default=None
        )
        if points > 0:
            lots.append([ends, points])
        else:
            debts.append((max(row["occurred_on"] for row in rows), -points))
    for row in entries:
        if row["entry_type"] == "redeem" or (
            row["entry_type"] == "return" and row["points"] > 0
        ):
            debts.append((row["occurred_on"], -row["points"]))
    lots.sort(key=lambda lot: lot[0] or date.max)
    owed, ended = 0, 0
    days = {day for day, _ in debts} | {lot[0] for lot in lots if lot[0]}
    for day in sorted(one for one in days if one <= person.today):
        owed += sum(points for when, points in debts if when == day)
        # Points of a programme end in the order they were earned, so whatever is
        # spent comes off the front; a lot that ends takes its rest with it.
        gone = owed + ended
        through = 0
        for ends, points in lots:
            through += points
            if ends is not None and ends <= day and through > gone:
                ended += through - gone
                gone = through
    gone = owed + ended
    expiring = 0
    for ends, points in lots:
        rest = points - min(points, max(gone, 0))
        gone -= min(points, max(gone, 0))
        if ends is not None and 0 < (ends - person.today).days <= 30:
            expiring += rest
    return expiring
