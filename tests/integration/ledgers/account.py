"""A points account walked day by day: lots are a list eaten from the front."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple


class Balance(NamedTuple):
    """An account at the end of a day."""

    available: int
    pending: int
    debt: int


class Lot:
    """Points that came in together; `left` of `size` are not gone."""

    def __init__(self, origin: int, size: int, arrives: date, ends: date) -> None:
        self.origin, self.size, self.left = origin, size, size
        self.arrives, self.ends, self.ended = arrives, ends, False


class Account:
    """A customer's points in a pool: first what is to happen, then the walk."""

    def __init__(self) -> None:
        self.lots: list[Lot] = []
        self.opened: list[int] = []
        self.arrivals: list[tuple[date, date, int, int]] = []
        self.taken_back: list[tuple[date, int, int]] = []
        self.spends: defaultdict[date, int] = defaultdict(int)
        self.pending: defaultdict[date, int] = defaultdict(int)
        self.debt = 0
        self.expired: defaultdict[date, int] = defaultdict(int)

    def walk(self, today: date) -> Iterator[tuple[date, Balance]]:
        """Yield the balance of every day on which something may have happened.

        Within a day points come, are spent, are given back, and end.
        """
        coming = self._lives()
        ends = {lot.origin: lot.ends for lot in coming}
        for day, origin, points in self.taken_back:
            if day <= ends[origin]:
                self.spends[day] += points
        days = {lot.arrives for lot in coming} | {lot.ends for lot in coming}
        pending = 0
        for day in sorted(days | set(self.spends) | set(self.pending)):
            if day > today:
                break
            pending += self.pending.get(day, 0)
            while coming and coming[0].arrives == day:
                self._arrive(coming.pop(0))
            spent = self.spends.get(day, 0)
            self._spend(max(spent, 0))
            self._give_back(day, max(-spent, 0))
            for lot in self.lots:
                if lot.ends <= day and not lot.ended:
                    self.expired[day] += lot.left
                    lot.left, lot.ended = 0, True
            yield day, Balance(sum(lot.left for lot in self.lots), pending, self.debt)

    def _lives(self) -> list[Lot]:
        """Return the lots in the order they come; none ends before those before it."""
        lots, latest = [], date.min
        for arrives, ends, origin, size in sorted(self.arrivals):
            latest = max(latest, ends)
            lots.append(Lot(origin, size, arrives, latest))
        return lots

    def _arrive(self, lot: Lot) -> None:
        """A debt is repaid first."""
        paid = min(self.debt, lot.left)
        self.debt -= paid
        lot.left -= paid
        self.lots.append(lot)

    def _spend(self, points: int) -> None:
        for lot in self.lots:
            taken = min(points, lot.left)
            lot.left -= taken
            points -= taken
        self.debt += points

    def _give_back(self, day: date, points: int) -> None:
        """What was spent last comes back first; to a lot that ended, for nothing."""
        paid = min(self.debt, points)
        self.debt -= paid
        points -= paid
        for lot in reversed(self.lots):
            if not lot.ended:
                back = min(points, lot.size - lot.left)
                lot.left += back
                points -= back
        self.expired[day] += points
