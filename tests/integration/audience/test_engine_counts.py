"""One condition counts the same people in the engine, PostgreSQL and plain Python."""

from __future__ import annotations

import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audience.engine.copy import CHANNELS, EXCLUDED, PROTECTED
from audience.engine.dialects import to_postgres
from audience.engine.engine import Holdout
from benchmarks.made.wide import BASE_DATE
from tests.integration.audience.conditions import conditions
from tests.integration.audience.conftest import World
from tests.integration.audience.naive import holds
from warehouse.errors import QuanyuError

EXAMPLES = int(os.environ.get("QUANYU_CONDITIONS", "50"))


def by_postgres(world: World, text: str) -> int:
    condition = to_postgres(world.engine.parse(text).tree, BASE_DATE)
    query = f"select count(*) from people where {condition}"  # noqa: S608  # checked
    return world.conn.execute(query.encode()).fetchone()[0]


def by_hand(world: World, text: str) -> int:
    tree = world.engine.parse(text).tree
    return sum(holds(tree, person, BASE_DATE) is True for person in world.people)


@settings(max_examples=EXAMPLES)
@given(data=st.data())
def test_random_conditions_count_the_same_everywhere(world: World, data) -> None:
    text = data.draw(conditions(world.engine))
    selected = world.engine.estimate(text).selected
    assert selected == by_postgres(world, text) == by_hand(world, text)


@pytest.mark.parametrize(
    "text",
    [
        # Halves are rounded away from zero, quotients toward it.
        "round(woe_recency, 0) = 3",
        "round(woe_recency, 0) in (-3, -1)",
        "profile_baby_age_months / 2 = 0",
        "profile_baby_age_months / 2 = -3",
        "profile_baby_age_months % 2 = -1",
        "floor(woe_recency) = -3 or ceil(woe_recency) = 0",
        # Decimals keep every digit.
        "purchase_net_amount_365d = 99999999999.99",
        "purchase_net_amount_365d * 1.0001 * 3.000000001 > 299999999999.0",
        "woe_recency * -1.5 >= 3.75",
        "purchase_net_amount_365d / nullif(purchase_order_count, 0) = 0.25",
        "0.1 + 0.2 = 0.3 and woe_recency = 0.0001",
        "purchase_order_count > 0.5 and purchase_order_count <> 1.0",
        # An escape in like; a line end is a sign like another.
        r"profile_city like '100\%'",
        r"profile_city like 'a\_b' or profile_city like '\\'",
        "profile_city like 'a_b'",
        "profile_city ~ '^a.b$'",
        "profile_city !~ '[a-z]'",
        "profile_city = '' or length(profile_city) = 9",
        "profile_city = '''' or profile_city like '%''%'",
        "profile_city < 'a' and profile_city >= '_'",
        # Months end where they end.
        "behaviour_last_visit_on + interval '1 month' = '2017-02-28'",
        "behaviour_last_visit_on + interval '12 months' = '2017-02-28'",
        "base_date - behaviour_last_visit_on > 6000",
        "behaviour_last_visit_on + 1 = cast('2016-03-01' as date)",
        "extract(doy from behaviour_last_visit_on) = 60",
        # What is unknown is neither true nor false.
        "not (profile_city = 'x') or profile_city is null",
        "profile_city not in ('x', 'y')",
        "wecom_is_friend is not true",
        "coalesce(wecom_is_friend, true) and not coalesce(wecom_is_friend, false)",
        "profile_city is not distinct from 'a_b'",
        "greatest(profile_baby_age_months, purchase_order_count) is null",
        "nullif(profile_baby_age_months, -7) is null",
        # What somebody typed and the copy hides, since it tells who it was.
        "behaviour_last_keyword ~ '[0-9]+$' or behaviour_last_keyword like '%@%'",
        # Names of other kinds.
        "high_value and seg_quality and not calm",
        "behaviour_night_view_count_30d = 0 or behaviour_formula_last_searched is null",
    ],
)
def test_what_engines_read_differently(world: World, text: str) -> None:
    selected = world.engine.estimate(text).selected
    assert selected == by_postgres(world, text) == by_hand(world, text)


def test_an_estimate_says_who_is_reached_and_who_is_left(world: World) -> None:
    holdout = Holdout("points-2017", 20)
    text = "purchase_order_count >= 1"
    found = world.engine.estimate(text)
    less = world.engine.estimate(text, holdout)
    wanted = [one for one in world.people if (one["purchase_order_count"] or 0) >= 1]
    left = [one for one in wanted if not one["seg_marketing_suppressed"]]
    held = {
        row[0]
        for row in world.conn.execute(
            "select customer_id from people where cast(cast('x' || left(md5("
            "'points-2017:' || cast(customer_id as text)), 8) as bit(32)) as bigint)"
            " % 10000 < 2000"
        )
    }
    assert found.selected == less.selected == len(wanted)
    assert found.left == len(left)
    assert less.left == sum(one["customer_id"] not in held for one in left)
    for number, channel in enumerate(CHANNELS):
        bit = 1 << number
        assert found.reachable[channel] == sum(
            one["standing"] & bit > 0 for one in wanted
        )
        assert found.reachable_left[channel] == sum(
            one["standing"] & bit > 0 for one in left
        )
    for person in world.people:
        is_protected = person["standing"] & PROTECTED > 0
        assert is_protected == person["seg_marketing_suppressed"]
        assert (person["standing"] & EXCLUDED > 0) == (
            person["risk_exclusion"] is not None
        )


def test_numbers_too_large_are_a_sentence(world: World) -> None:
    with pytest.raises(QuanyuError, match="numbers too large"):
        world.engine.estimate("profile_baby_age_months * 2000000000 > 1")


@settings(max_examples=EXAMPLES // 2)
@given(data=st.data())
def test_audiences_obey_the_laws_of_sets(world: World, data) -> None:
    a, b = (data.draw(conditions(world.engine)) for _ in "ab")

    def size(text: str) -> int:
        return world.engine.estimate(text).selected

    everybody = len(world.people)
    assert size(f"({a}) and not ({a})") == 0
    assert size(f"({a}) or not ({a}) or ({a}) is null") == everybody
    assert size(f"not (({a}) and ({b}))") == size(f"not ({a}) or not ({b})")
    assert size(f"not (({a}) or ({b}))") == size(f"not ({a}) and not ({b})")
    assert size(f"({a}) or ({b})") + size(f"({a}) and ({b})") == size(a) + size(b)
    # Not is not the rest: who is unknown is in neither.
    unknown = size(f"({a}) is null")
    assert size(a) + size(f"not ({a})") + unknown == everybody
    shared = world.engine.overlap([a, b])
    assert shared.tolist() == [
        [size(a), size(f"({a}) and ({b})")],
        [size(f"({a}) and ({b})"), size(b)],
    ]
