"""The identity family."""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.integration.tags.person import Person
from tests.integration.tags.rows import Row

CONSENTS = {"sms": "phone", "phone": "phone", "email": "email"}


def _in_use(person: Person, kind: str | None = None) -> list[Row]:
    return [
        row
        for row in person.of("dim_contact_points")
        if row["role"] == "account"
        and row["is_current"]
        and kind in (None, row["kind"])
    ]


def _kind(person: Person, kind: str) -> Row:
    rows: list[Row] = person.tables.by("contact_kinds", "contact_kind")[kind]
    return rows[0]


def _channel(person: Person, row: Row) -> str | None:
    if channel := _kind(person, row["kind"])["channel_code"]:
        return str(channel)
    shops = person.tables.by("dim_shops", "shop_code").get(row["scope"])
    return str(shops[0]["channel_code"]) if shops else None


def _channels(person: Person) -> dict[str, date]:
    """The channels with an identifier in use, and the day each was first known."""
    channels: dict[str, date] = {}
    for row in _in_use(person):
        channel = _channel(person, row)
        if channel is None:
            continue
        # Parcels to the same account may have shown it earlier.
        days = [
            one["valid_from"]
            for one in person.of("dim_contact_points")
            if (one["kind"], one["scope"], one["value"])
            == (row["kind"], row["scope"], row["value"])
        ]
        channels[channel] = min([*days, channels.get(channel, date.max)])
    return channels


def _consent(person: Person, channel: str) -> Any:
    rows = person.of("mart_customer_consents")
    return rows[0][f"consent_{channel}"] if rows else None


def _reachable(person: Person, channel: str) -> bool:
    if channel == "wechat":
        known = any(row["is_current"] for row in person.of("fct_guide_contacts"))
    else:
        known = bool(_in_use(person, CONSENTS[channel]))
    return known and _consent(person, channel) == "granted"


def identity_has_phone(person: Person) -> bool:
    return bool(_in_use(person, "phone"))


def identity_has_email(person: Person) -> bool:
    return bool(_in_use(person, "email"))


def identity_has_unionid(person: Person) -> bool:
    return bool(_in_use(person, "wechat_unionid"))


def identity_has_wecom_id(person: Person) -> bool:
    return bool(_in_use(person, "wecom_external_userid"))


def identity_has_tmall_id(person: Person) -> bool:
    return bool(_in_use(person, "tmall_ouid"))


def identity_has_former_phone(person: Person) -> bool:
    now = {row["value"] for row in _in_use(person, "phone")}
    return any(
        row["kind"] == "phone" and row["role"] == "account" and row["value"] not in now
        for row in person.of("dim_contact_points")
    )


def identity_identifier_count(person: Person) -> int:
    return len(_in_use(person))


def identity_account_count(person: Person) -> int:
    return sum(_kind(person, row["kind"])["is_account"] for row in _in_use(person))


def identity_channel_count(person: Person) -> int:
    return len(_channels(person))


def identity_days_since_new_channel(person: Person) -> int | None:
    days = sorted(_channels(person).values())
    if not days or days[-1] == days[0]:
        return None
    return (person.today - days[-1]).days


def identity_receiver_count(person: Person) -> int:
    return len(person.others_phones())


def identity_device_count(person: Person) -> int | None:
    exposures = person.of("fct_ad_exposures")
    return len({row["ad_device_hash"] for row in exposures} - {None}) or None


def identity_device_os(person: Person) -> str | None:
    found = None
    rows = person.of("fct_ad_exposures")
    for row in sorted(rows, key=lambda one: (one["occurred_at"], one["device_os"])):
        found = row["device_os"]
    return found


def identity_days_since_first_seen(person: Person) -> int:
    return int((person.today - person.row["first_seen_on"]).days)


def identity_is_sms_reachable(person: Person) -> bool:
    return _reachable(person, "sms")


def identity_is_call_reachable(person: Person) -> bool:
    return _reachable(person, "phone")


def identity_is_email_reachable(person: Person) -> bool:
    return _reachable(person, "email")


def identity_is_wecom_reachable(person: Person) -> bool:
    return _reachable(person, "wechat")


def identity_reachable_channel_count(person: Person) -> int:
    return sum(_reachable(person, one) for one in (*CONSENTS, "wechat"))


def identity_has_withdrawn_consent(person: Person) -> bool:
    return any(_consent(person, one) == "withdrawn" for one in (*CONSENTS, "wechat"))
