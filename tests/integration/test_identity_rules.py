"""Identity resolution on random small worlds against the rules in plain Python."""

from __future__ import annotations

import os
import random
from collections import defaultdict
from datetime import timedelta

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.integration.identity_naive import (
    CustomerIds,
    Identifier,
    Node,
    Rules,
    resolve,
)
from tests.integration.identity_project import (
    START,
    IdentityProject,
    Record,
    execute,
    rows,
)

# One example is a minute; more of them before a rule changes: QUANYU_TEST_EXAMPLES=10.
EXAMPLES = int(os.environ.get("QUANYU_TEST_EXAMPLES", "1"))
WORLDS = 160
LAST_DAY = 60
DAYS = (20, 40, LAST_DAY)
# Random worlds are no group of shops: what they hold says nothing of budgets.
QUIET = (
    "--exclude-resource-type",
    "unit_test",
    "--exclude",
    "assert_identity_budgets_hold",
)
VARS = ("--vars", f"{{base_date: '{(START + timedelta(days=LAST_DAY)).date()}'}}")
COMPONENTS = "select node_id, component_id from identity.oneid_components order by 1"


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
@settings(max_examples=EXAMPLES, phases=[Phase.generate])
@given(seed=st.integers(0, 2**32))
def test_sql_and_plain_python_agree(
    module_database: str, tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    """Histories: records come late and out of order, phones change hands, a limit is
    raised, values are blocked, links revoked. Every day SQL says what Python says, of
    who is who and of the ids."""
    for schema in ("identity", "seeds"):
        execute(f"drop schema if exists {schema} cascade")
    rng = random.Random(seed)
    worlds = [random_world(number, rng) for number in range(WORLDS)]
    arrival = {
        record.key: record.day + rng.choice([0, 0, 0, 15])
        for world in worlds
        for record in world
    }
    project = IdentityProject(tmp_path_factory.mktemp("worlds"))
    revoked: set[frozenset[Identifier]] = set()
    ids = CustomerIds()
    seen = defaultdict(int)
    reasons: set[tuple[str]] = set()
    for day in DAYS:
        here = [
            [one for one in world if arrival[one.key] <= day and one.day <= day]
            for world in worlds
        ]
        if day == DAYS[1]:
            revoke(project, here, day, rng, revoked)
        if day == DAYS[2]:
            raise_phone_limit(project)
            block_phones(project)
        project.land(record for world in here for record in world)
        project.build(day, *QUIET)

        found = dict(rows("select record_key, customer_id from identity.oneid_records"))
        customers, precedence = [], {}
        for world in here:
            expected = resolve(world, Rules(project.seeds), node_ids(), revoked)
            customers += expected.customers
            precedence |= expected.precedence
            assert partition(expected.records) == partition(
                {key: found[key] for key in expected.records}
            )
            seen["worlds with several customers"] += len(expected.customers) > 1
            seen["records without a customer"] += None in expected.records.values()
        ids.assign(customers, precedence)
        assert ids.held == dict(
            rows("select node_id, customer_id from identity.oneid_map")
        )
        reasons |= set(rows("select rejected_by from identity.oneid_rejected_links"))
    # The worlds are worth nothing unless every rule had something to refuse.
    assert {reason for (reason,) in reasons} >= {
        "placeholder",
        "over_limit",
        "role_never_links",
        "type_never_links",
        "unique_type",
        "revoked",
        "test",
    }
    assert rows("select 1 from identity.oneid_identifiers where tenure_no = 3 limit 1")
    assert min(seen.values()) > 0
    for op in ("merge", "split"):
        assert rows("select 1 from identity.oneid_history where op = %s limit 1", [op])

    # What was solved day by day is what a full build makes of the last day.
    before = rows(COMPONENTS)
    project.dbt("run", "--full-refresh", "--select", "oneid_components", *VARS)
    assert rows(COMPONENTS) == before


def node_ids() -> dict[Node, int]:
    """Return the numbers of nodes: Python takes them from SQL to break ties alike."""
    return {
        ((kind, scope, value), tenure): node
        for kind, scope, value, tenure, node in rows(
            "select identifier_type, scope, value, tenure_no, node_id"
            " from identity.oneid_identifiers"
        )
    }


def raise_phone_limit(project: IdentityProject) -> None:
    """Let three accounts of a programme share a phone, not two."""
    path = project.seeds / "oneid_identifier_types.csv"
    text = path.read_text()
    assert text.count(",account,false,true,2,") == 1
    path.write_text(text.replace(",account,false,true,2,", ",account,false,true,3,"))


def block_phones(project: IdentityProject) -> None:
    """Declare the first phone of every fifth world a test phone."""
    project.write_seed(
        "oneid_blocked_values",
        [f"phone,16{number:05d}0001,test" for number in range(0, WORLDS, 5)],
    )


def revoke(
    project: IdentityProject,
    worlds: list[list[Record]],
    day: int,
    rng: random.Random,
    revoked: set[frozenset[Identifier]],
) -> None:
    """Revoke a tie in every third world that has one."""
    rules = Rules(project.seeds)
    lines = []
    for world in worlds[::3]:
        ties = [
            (
                rules.identifier(record.anchor(), record.shop, record.anchor_value()),
                rules.identifier(kind, record.shop, value),
            )
            for record in world
            for kind, value in record.identifiers.items()
            if record.anchor() not in ("", kind)
        ]
        if not ties:
            continue
        one, other = rng.choice(ties)
        revoked.add(frozenset((one, other)))
        decided = (START + timedelta(days=day)).date()
        lines.append(",".join([*one, *other, str(decided), "reviewer", "wrong"]))
    project.write_seed("oneid_revoked_links", lines)


def partition(owner: dict[int, int | None]) -> set[frozenset[int]]:
    """Return the groups of records of one owner; those of nobody are left out."""
    groups = defaultdict(set)
    for key, who in owner.items():
        if who is not None:
            groups[who].add(key)
    return {frozenset(group) for group in groups.values()}
