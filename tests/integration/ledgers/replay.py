"""Points accounts from a customer's facts, by the words of the rules."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from math import floor
from zoneinfo import ZoneInfo

from tests.integration.ledgers.account import Account, Balance
from tests.integration.ledgers.rules import Row, Rules

SHANGHAI = ZoneInfo("Asia/Shanghai")


class Customer:
    """A customer's orders, refunds (by order) and entries of the channels."""

    def __init__(
        self,
        rules: Rules,
        row: Row,
        orders: list[Row],
        refunds: dict[int, list[Row]],
        entries: list[Row],
    ) -> None:
        """Book what happened; nothing is walked yet."""
        self.rules, self.row, self.entries = rules, row, entries
        self.orders = sorted(
            (one for one in orders if one["is_valid_order"]),
            key=lambda one: (one["paid_at"], one["order_key"]),
        )
        self.refunds: dict[int, dict[date, Decimal]] = {}
        for order in self.orders:
            days = self.refunds[order["order_key"]] = defaultdict(Decimal)
            for refund in refunds.get(order["order_key"], ()):
                done = refund["completed_on"]
                if refund["status"] == "completed" and done <= rules.today:
                    days[max(done, order["paid_on"])] += refund["refund_amount"]
        joined = row["joined_at"]
        self.joined = joined.astimezone(SHANGHAI).date() if joined else None
        self.accounts: defaultdict[str, Account] = defaultdict(Account)
        self.bonuses: list[tuple[date, int]] = []
        self._earn()
        self._open()
        self._spend()

    def balances(self) -> dict[tuple[str, date], Balance]:
        """Return the balances by pool and day."""
        return {
            (pool, day): balance
            for pool, account in self.accounts.items()
            for day, balance in account.walk(self.rules.today)
        }

    def spent(self, year: int, day: date) -> Decimal:
        """Return the net spend of a year since joining, as a day knew it."""
        amount = Decimal(0)
        for order in self.orders:
            if order["paid_on"].year == year and self.joined <= order["paid_on"] <= day:
                amount += order["goods_amount"]
                for refunded_on, refund in self.refunds[order["order_key"]].items():
                    if refunded_on <= day:
                        amount -= refund
        return amount

    def tier(self, day: date) -> str | None:
        """Return the tier held on the evening of a day, as that day knew it."""
        if not self.row["is_member"] or self.joined is None or day < self.joined:
            return None
        best = max(self.spent(day.year, day), self.spent(day.year - 1, day), Decimal(0))
        return self.rules.tier(best, day)

    def _earn(self) -> None:
        room: dict[tuple[str, date], int] = {}
        for order in self.orders:
            day, shop = order["paid_on"], order["shop_code"]
            if order["goods_amount"] <= 0 or not self.joined or day < self.joined:
                continue
            tier = self.tier(day - timedelta(days=1))
            for rule in self.rules.of("earn", shop, day):
                pool = rule["pool_code"]
                times = self.rules.times(pool, shop, day, tier, self.row["birthday"])
                points = floor(order["goods_amount"] * rule["rate"] * times)
                usual = floor(order["goods_amount"] * rule["rate"])
                if cap := self.rules.one("cap", pool, shop, day):
                    points = min(points, room.setdefault((pool, day), int(cap["rate"])))
                    room[pool, day] -= points
                self.bonuses.append((day, max(points - usual, 0)))
                if points:
                    self._book(order, rule, points)

    def _book(self, order: Row, rule: Row, points: int) -> None:
        """Points wait, shrink with refunds, come to be spent, are taken back."""
        pool, day, goods = rule["pool_code"], order["paid_on"], order["goods_amount"]
        account = self.accounts[pool]
        confirmed = self._confirmed_on(order, rule)
        refunds = dict(self.refunds[order["order_key"]])
        if order["order_status"] == "closed":
            refunds[max(refunds, default=day)] = goods
        account.pending[day] += points
        kept = waiting = points
        gone = Decimal(0)
        for refunded_on in sorted(refunds):
            gone += refunds[refunded_on]
            now = floor(points * max(goods - gone, Decimal(0)) / goods)
            if confirmed is None or refunded_on <= confirmed:
                account.pending[refunded_on] -= kept - now
                waiting = now
            elif kept > now:
                account.taken_back.append((refunded_on, order["order_key"], kept - now))
            kept = now
        if confirmed is not None and waiting:
            ends = self.rules.ends(pool, order["shop_code"], day, confirmed)
            account.pending[confirmed] -= waiting
            account.arrivals.append((confirmed, ends, order["order_key"], waiting))

    def _confirmed_on(self, order: Row, rule: Row) -> date | None:
        if not order["completed_at"] or order["order_status"] == "closed":
            return None
        received = order["completed_at"].astimezone(SHANGHAI).date()
        day: date = max(received, order["paid_on"]) + timedelta(days=rule["days"])
        return day if day <= self.rules.today else None

    def _open(self) -> None:
        """What ends last of the points of before is what was left of them."""
        for pool, starts_on in self.rules.starts.items():
            for shop in self.rules.shops:
                if self.rules.one("redeem", pool, shop, starts_on):
                    old = [
                        one
                        for one in self.entries
                        if one["shop_code"] == shop and one["occurred_on"] < starts_on
                    ]
                    if old:
                        self._open_with(pool, shop, starts_on, old)

    def _open_with(self, pool: str, shop: str, day: date, entries: list[Row]) -> None:
        account = self.accounts[pool]
        balance = sum(one["points"] for one in entries)
        if balance < 0:
            account.spends[day] -= balance
            account.opened.append(balance)
        usual = self.rules.ends(pool, shop, day, day)
        grants = [
            (max(one["expires_on"] or usual, day), one["points_key"], one["points"])
            for one in entries
            if one["points"] > 0
        ]
        for ends, key, points in sorted(grants, reverse=True):
            left = min(points, balance)
            if left > 0:
                account.arrivals.append((day, ends, key, left))
                account.opened.append(left)
                balance -= left

    def _spend(self) -> None:
        for one in self.entries:
            for rule in self.rules.of("redeem", one["shop_code"], one["occurred_on"]):
                if one["entry_type"] == "redeem" or (
                    one["entry_type"] == "return" and one["points"] > 0
                ):
                    spends = self.accounts[rule["pool_code"]].spends
                    spends[one["occurred_on"]] -= one["points"]
