"""Where people live, what they are known by, and what they agreed to."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from tests.integration.tags.crowd.base import PEOPLE, TODAY, Crowd
from tests.integration.tags.crowd.places import REGIONS

KINDS = [
    # kind, scopes
    ("phone", ("",)),
    ("email", ("",)),
    ("wechat_unionid", ("",)),
    ("wechat_openid", ("youzan_market", "club")),
    ("wecom_external_userid", ("wecom_group",)),
    ("tmall_ouid", ("tmall_market",)),
    ("pos_member_no", ("",)),
]
# Birthdays that are near, today, or not in every year.
DAYS = [(11, 19), (11, 20), (11, 21), (2, 29), (12, 31), (1, 1)]


def add(crowd: Crowd, customer_id: int) -> None:
    rng = crowd.rng
    row = crowd.marts["dim_customers"][customer_id - 1]
    row["name"] = rng.choice([None, "王芳", "李强"])
    row["region_code"] = rng.choice([None, "999900", *(one[0] for one in REGIONS)])
    row["gender_is_inferred"] = rng.random() < 0.2
    row["first_seen_on"] = TODAY - timedelta(days=rng.randrange(900))
    if rng.random() < 0.5:
        row["birthday"] = rng.choice([None, birthday(crowd, 1940, 2005)])
    if rng.random() < 0.5:
        row["baby_birthday"] = birthday(crowd, 2002, 2018)
    for _ in range(rng.choice([*range(8), 25])):
        contact_point(crowd, customer_id)
    if rng.random() < 0.8:
        said = [None, "granted", "granted", "withdrawn"]
        crowd.marts["mart_customer_consents"].append(
            {
                "customer_id": customer_id,
                **{
                    f"consent_{channel}": rng.choice(said)
                    for channel in ("sms", "phone", "email", "wechat")
                },
            }
        )
    for _ in range(rng.choice([0, 0, 1, 4])):
        crowd.marts["fct_ad_exposures"].append(
            {
                "customer_id": customer_id,
                "ad_device_hash": f"device{rng.randrange(2)}",
                "device_os": rng.choice(["android", "ios"]),
                "occurred_at": crowd.moment(90),
            }
        )
    if rng.random() < 0.3:
        suspect = {"customer_id": customer_id, "suspicion": rng.randrange(1, 6)}
        crowd.marts["mart_suspect_customers"].append(suspect)


def birthday(crowd: Crowd, first: int, last: int) -> date:
    month, day = crowd.rng.choice(DAYS)
    year = crowd.rng.randrange(first, last + 1)
    return date(year - year % 4 if day == 29 else year, month, day)


def contact_point(crowd: Crowd, customer_id: int) -> None:
    """An identifier of the customer's, or of one a parcel went to."""
    rng = crowd.rng
    kind, scopes = rng.choice([KINDS[0], KINDS[0], *KINDS])
    roles = ["account", "receiver", "receiver"] if kind == "phone" else ["account"]
    row: dict[str, Any] = {
        "customer_id": customer_id,
        "kind": kind,
        "scope": rng.choice(scopes),
        "value": f"{kind}{rng.randrange(12 if kind == 'phone' else PEOPLE)}",
        "role": rng.choice(roles),
        "valid_from": crowd.moment(800).date(),
        "is_current": rng.random() < 0.8,
    }
    if row["role"] == "receiver":
        row["is_current"] = True
    keys = ("customer_id", "kind", "scope", "value", "role")
    if not any(
        all(one[key] == row[key] for key in keys)
        for one in crowd.marts["dim_contact_points"]
    ):
        crowd.marts["dim_contact_points"].append(row)
