"""Identity resolution on random small worlds against the rules in plain Python."""

from __future__ import annotations

import random
from collections import defaultdict
from pathlib import Path

import pytest

from tests.integration.identity_naive import Rules, resolve
from tests.integration.identity_project import IdentityProject, Record, rows

WORLDS = 120
LAST_DAY = 60
# Random worlds are no group of shops: what they hold says nothing of budgets.
BUDGETS = "assert_identity_budgets_hold"


def random_world(number: int, rng: random.Random) -> list[Record]:
    """A few accounts that share too little and too much of everything."""
    keys = iter(range(number * 1000, (number + 1) * 1000))
    phones = [f"16{number:05d}{i:04d}" for i in (1, 2, 3)] + ["13800138000"]
    unionids = [f"u{number}-{i}" for i in range(2)]
    emails = [f"e{number}-{i}@example.com" for i in range(2)]
    records = []

    def maybe(kind: str, values: list[str], share: float) -> dict[str, str]:
        return {kind: rng.choice(values)} if rng.random() < share else {}

    for account in range(rng.randint(2, 6)):
        channel, kind = rng.choice(
            [
                ("tmall", "tmall_ouid"),
                ("youzan", "yz_open_id"),
                ("pos", "pos_member_no"),
            ]
        )
        shop = rng.choice(["one", "two"])
        own = {kind: f"{number}-{account}"}
        wechat = {}
        if channel == "youzan":
            wechat = {
                **maybe("wechat_openid", [f"o{number}-{account}"], 0.7),
                **maybe("wechat_unionid", unionids, 0.6),
            }
        for _ in range(rng.randint(1, 4)):
            day = rng.randint(0, LAST_DAY)
            profile = {**maybe("phone", phones, 0.8), **maybe("email", emails, 0.2)}
            records.append(
                Record(
                    next(keys),
                    channel,
                    "member",
                    day,
                    {**own, **wechat, **profile},
                    shop,
                )
            )
        for _ in range(rng.randint(0, 2)):
            day = rng.randint(0, LAST_DAY)
            used = {**own, **maybe("phone", phones, 0.2)}
            records.append(
                Record(
                    next(keys), channel, "order", day, used, shop, rng.choice(phones)
                )
            )
    for _ in range(rng.randint(0, 3)):
        day = rng.randint(0, LAST_DAY)
        records.append(
            Record(next(keys), "pos", "order", day, maybe("phone", phones, 1))
        )
        seen = {
            **maybe("wechat_openid", [f"o{number}-{i}" for i in range(3)], 0.6),
            **maybe("wechat_unionid", unionids, 0.5),
            **maybe("device_id", [f"d{number}"], 1),
        }
        records.append(Record(next(keys), "youzan", "event", day, seen, "one"))
    return records


@pytest.mark.slow
def test_sql_and_plain_python_agree(module_database: str, tmp_path: Path) -> None:
    rng = random.Random(20170101)
    worlds = [random_world(number, rng) for number in range(WORLDS)]
    project = IdentityProject(tmp_path)
    project.land(record for world in worlds for record in world)
    project.build(
        LAST_DAY, "--exclude-resource-type", "unit_test", "--exclude", BUDGETS
    )

    node_ids = {
        ((kind, scope, value), tenure): node
        for kind, scope, value, tenure, node in rows(
            "select identifier_type, scope, value, tenure_no, node_id"
            " from identity.oneid_identifiers"
        )
    }
    found = dict(rows("select record_key, customer_id from identity.oneid_records"))
    rules = Rules(project.seeds)
    seen = defaultdict(int)
    for world in worlds:
        expected = resolve(world, rules, node_ids)
        assert partition(expected) == partition({key: found[key] for key in expected})
        seen["worlds with several customers"] += len(set(expected.values())) > 1
        seen["records without a customer"] += None in expected.values()
    reasons = rows("select distinct rejected_by from identity.oneid_rejected_links")
    # The worlds are worth nothing unless every rule had something to refuse.
    assert {reason for (reason,) in reasons} >= {
        "placeholder",
        "over_limit",
        "role_never_links",
        "type_never_links",
        "unique_type",
    }
    assert rows("select 1 from identity.oneid_identifiers where tenure_no = 3 limit 1")
    assert min(seen.values()) > 0


def partition(owner: dict[int, int | None]) -> set[frozenset[int]]:
    """Return the groups of records of one owner; those of nobody are left out."""
    groups = defaultdict(set)
    for key, who in owner.items():
        if who is not None:
            groups[who].add(key)
    return {frozenset(group) for group in groups.values()}
