"""The referral family."""

from __future__ import annotations

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from tests.integration.tags.person import SHANGHAI, Person
from tests.integration.tags.rows import Row


def _invitations(person: Person) -> list[Row]:
    """Everybody's invitations in the order they happened."""
    rows = person.tables.by("fct_referrals", "referral_kind").get("inviter", [])
    return sorted(
        (
            row
            for row in rows
            if row["inviter_customer_id"] != row["invitee_customer_id"]
        ),
        key=lambda row: (row["occurred_at"], row["inviter_customer_id"]),
    )


def _invited(person: Person) -> dict[int, datetime]:
    """Whom this person invited, and when first."""
    found: dict[int, datetime] = {}
    for row in person.of("fct_referrals", "inviter_customer_id"):
        who = row["invitee_customer_id"]
        if row["referral_kind"] == "inviter" and who != person.customer_id:
            found[who] = min(row["occurred_at"], found.get(who, row["occurred_at"]))
    return found


def _first_paid(person: Person, who: int) -> datetime | None:
    orders = person.tables.of("fct_orders", who)
    return min(
        (row["paid_at"] for row in orders if row["is_valid_order"]), default=None
    )


def _parents(person: Person) -> dict[int, tuple[int, Row]]:
    """Let the tree grow invitation by invitation: invitee -> inviter."""
    parents: dict[int, tuple[int, Row]] = {}
    seen: set[int] = set()
    rows = _invitations(person)
    for row in rows:
        who, by = row["invitee_customer_id"], row["inviter_customer_id"]
        was_inviter = any(
            one["inviter_customer_id"] == who
            and one["occurred_at"] <= row["occurred_at"]
            for one in rows
        )
        if who not in seen and not was_inviter:
            parents[who] = (by, row)
        seen.add(who)
    return parents


def _below(person: Person) -> list[Row]:
    """Everybody below this person: from each one climb up and look whom one meets."""
    if not _invited(person):
        return []
    parents, found = _parents(person), []
    for who, (_, row) in parents.items():
        above = who
        while above in parents:
            above = parents[above][0]
            if above == person.customer_id:
                found.append(row)
    return found


def referral_is_invited(person: Person) -> bool:
    return any(
        row["invitee_customer_id"] == person.customer_id for row in _invitations(person)
    )


def referral_depth_count(person: Person) -> int:
    parents, above, depth = _parents(person), person.customer_id, 0
    while above in parents:
        above, depth = parents[above][0], depth + 1
    return depth


def referral_invited_count(person: Person) -> int:
    return len(_invited(person))


def referral_converted_count(person: Person) -> int:
    return sum(_first_paid(person, who) is not None for who in _invited(person))


def referral_new_buyer_count(person: Person) -> int:
    count = 0
    for who, invited_at in _invited(person).items():
        paid_at = _first_paid(person, who)
        count += paid_at is not None and paid_at >= invited_at
    return count


def referral_last_invited_on(person: Person) -> date | None:
    # Who is invited twice came the first time.
    times = _invited(person).values()
    return max(times).astimezone(SHANGHAI).date() if times else None


def referral_tree_count(person: Person) -> int:
    return len(_below(person))


def referral_k_factor_90d(person: Person) -> Decimal | None:
    below = _below(person)
    if not below:
        return None
    fresh = [row for row in below if person.within(row["occurred_on"], 90)]
    factor = Decimal(len(fresh)) / (1 + len(below) - len(fresh))
    return factor.quantize(Decimal("0.0001"), ROUND_HALF_UP)


def referral_share_opener_count_90d(person: Person) -> int:
    return len(
        {
            row["invitee_customer_id"]
            for row in person.of("fct_referrals", "inviter_customer_id")
            if row["referral_kind"] == "share_open"
            and person.within(row["occurred_on"], 90)
        }
        - {person.customer_id}
    )
