from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize
from scipy.special import betaln, gammaln

from ingestion.sample.dice import Dice
from ingestion.sample.generate import SampleOptions, generate, truth_folder
from ingestion.sample.source import Source
from ingestion.sample.synthetic import make_source
from ingestion.sample.synthetic_rates import (
    Beta,
    Gamma,
    SyntheticRates,
    load_synthetic_rates,
)
from ingestion.sample.synthetic_trips import WEEKS, YEAR, Clock
from tests.unit.sample.files import contract_tables, files_of, read_table
from warehouse.errors import QuanyuError

PEOPLE, SEED = 6_000, 5


@pytest.fixture(scope="module")
def rates() -> SyntheticRates:
    return load_synthetic_rates()


@pytest.fixture(scope="module")
def made(rates: SyntheticRates) -> Source:
    return make_source(Dice(SEED), PEOPLE, rates)


@pytest.fixture(scope="module")
def baskets(made: Source) -> pd.DataFrame:
    first = made.lines.drop_duplicates("basket_id")
    return first.merge(made.latent, on="household_id")


@pytest.fixture(scope="module")
def drops(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("synthetic") / "drops"
    day = dt.date(2017, 12, 31)
    generate(SampleOptions(day, day, 3, "default", out, source="synthetic", people=300))
    return out


def test_the_same_seed_gives_the_same_purchases(made: Source, rates: SyntheticRates):
    again = make_source(Dice(SEED), PEOPLE, rates)
    pd.testing.assert_frame_equal(again.lines, made.lines)
    pd.testing.assert_frame_equal(again.latent, made.latent)
    other = make_source(Dice(SEED + 1), PEOPLE, rates)
    assert not other.latent["rate_per_week"].equals(made.latent["rate_per_week"])


def test_everybody_buys_about_ten_lines_a_year(made: Source):
    lines = made.lines
    assert set(lines["household_id"]) == set(range(1, PEOPLE + 1))
    assert 9 < len(lines) / PEOPLE < 11
    assert 3 < lines["basket_id"].nunique() / PEOPLE < 4


def test_lines_come_in_time_order_and_within_the_year(made: Source):
    lines = made.lines
    assert lines["source_line"].tolist() == list(range(len(lines)))
    assert lines["sold_at"].is_monotonic_increasing
    assert lines["sold_at"].dt.year.eq(2017).all()
    assert not lines.duplicated(["basket_id", "product_id"]).any()
    of_basket = lines.groupby("basket_id")[["household_id", "store_id", "sold_at"]]
    assert (of_basket.nunique() == 1).all(axis=None)


def test_money_is_positive_and_conserved(made: Source):
    lines = made.lines
    off = lines[["shop_discount", "platform_discount", "coupon"]]
    assert (off >= 0).all(axis=None)
    assert (lines["goods"] + off.sum(axis=1) == lines["list"]).all()
    bought = lines[lines["quantity"] > 0]
    nothing = lines[lines["quantity"] == 0]
    assert (nothing[["goods", "list"]] == 0).all(axis=None)
    given = bought["goods"] == 0
    assert 0 < given.mean() < 0.01
    assert (bought.loc[given, "shop_discount"] == bought.loc[given, "list"]).all()
    assert (bought["list"] > 0).all()


def test_trade_peaks_at_double_eleven_and_rests_at_spring_festival(
    baskets: pd.DataFrame,
):
    by_day = baskets.groupby(baskets["sold_at"].dt.date).size()
    usual = by_day.median()
    assert by_day.idxmax() == dt.date(2017, 11, 11)
    assert by_day[dt.date(2017, 11, 11)] > 4 * usual
    assert by_day[dt.date(2017, 6, 18)] > 2 * usual
    rest = [by_day[dt.date(2017, 1, 28)], by_day[dt.date(2017, 1, 30)]]
    assert max(rest) < 0.7 * usual
    giver = baskets[baskets["archetype"] == "ginseng_gift_giver"]["sold_at"]
    before = giver.between("2017-01-05", "2017-01-27").sum() / 22
    assert before > 1.5 * giver.between("2017-02-10", "2017-04-30").sum() / 79


def test_the_day_has_the_hours_of_the_real_shops(baskets: pd.DataFrame):
    hour = baskets["sold_at"].dt.hour
    assert hour.value_counts().idxmax() in (16, 17, 18)
    assert (hour < 6).mean() < 0.04


def test_who_has_dropped_out_buys_no_more(made: Source, baskets: pd.DataFrame):
    gone = baskets[baskets["dropped_out_at"].notna()]
    assert 0.1 < gone["household_id"].nunique() / PEOPLE < 0.3
    last = gone.groupby("household_id")["sold_at"].max()
    left = made.latent.set_index("household_id")["dropped_out_at"]
    assert (last == left.loc[last.index]).all()
    first = baskets.groupby("household_id")["sold_at"].min()
    assert (first == made.latent.set_index("household_id")["entered_at"]).all()


def _plain(rates: SyntheticRates) -> SyntheticRates:
    """Everybody is of one kind and new, with no campaign and no pantry."""
    name, kind = next(iter(rates.archetypes.items()))
    kind = kind.model_copy(
        update={
            "share": 1.0,
            "rate": Gamma(shape=0.8, scale=4),
            "dropout": Beta(a=0.8, b=3),
            "pantry": None,
        }
    )
    return rates.model_copy(
        update={
            "archetypes": {name: kind},
            "people": rates.people.model_copy(update={"old": 0.0}),
            "campaigns": rates.campaigns.model_copy(update={"lift": 0.0}),
        }
    )


def test_bg_nbd_is_recovered_from_the_purchases(rates: SyntheticRates):
    """Fader, Hardie and Lee's likelihood finds the parameters the people come from."""
    plain = _plain(rates)
    source = make_source(Dice(SEED), 8_000, plain)
    kind = next(iter(plain.archetypes.values()))
    clock = Clock(plain.calendars[kind.calendar], plain.hours)
    trips = source.lines.drop_duplicates("basket_id")
    second = (trips["sold_at"].to_numpy() - YEAR).astype("float64")
    week = pd.Series(clock.weeks(second), trips["household_id"].to_numpy())
    by_person = week.groupby(level=0)
    x = by_person.size().to_numpy() - 1.0
    first = by_person.min().to_numpy()
    recency, age = by_person.max().to_numpy() - first, WEEKS - first

    def loss(logs: np.ndarray) -> float:
        r, alpha, a, b = np.exp(logs)
        base = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
        alive = betaln(a, b + x) - (r + x) * np.log(alpha + age)
        gone = betaln(a + 1, b + np.maximum(x, 1) - 1) - (r + x) * np.log(
            alpha + recency
        )
        both = np.where(x > 0, np.logaddexp(alive, gone), alive)
        return -(base - betaln(a, b) + both).sum()

    found = np.exp(minimize(loss, np.zeros(4), method="Nelder-Mead").x)
    r, alpha, a, b = found
    assert abs(r - 0.8) < 0.1
    assert abs(alpha - 4) < 0.6
    assert abs(a / (a + b) - 0.8 / 3.8) < 0.04
    assert abs(source.latent["rate_per_week"].mean() - 0.8 / 4) < 0.01


def test_campaigns_lift_those_they_target(rates: SyntheticRates):
    campaigns = {"Type A": 0.5, "Type B": 0.0, "Type C": 0.0}
    plain = _plain(rates)
    lifted = plain.model_copy(
        update={
            "people": rates.people.model_copy(update={"old": 1.0}),
            "campaigns": rates.campaigns.model_copy(
                update={"targeted": campaigns, "lift": 1.0}
            ),
        }
    )
    source = make_source(Dice(SEED), 4_000, lifted)
    campaign = source.campaigns.set_index("campaign_id").loc[18]
    inside = source.lines[
        source.lines["sold_at"].between(campaign["start_date"], campaign["end_date"])
    ].drop_duplicates("basket_id")
    pairs = source.campaign_pairs
    reached = pairs.loc[pairs["campaign_id"] == 18, "household_id"]
    hit = inside["household_id"].isin(reached).sum() / len(reached)
    missed = (~inside["household_id"].isin(reached)).sum() / (4_000 - len(reached))
    assert 1.5 < hit / missed < 2.5
    redeemed = source.redemptions.merge(pairs, on=["household_id", "campaign_id"])
    assert len(redeemed) == len(source.redemptions) > 0


def test_children_are_fed_by_their_age(made: Source):
    products = made.products.set_index("product_id")
    lines = made.lines.merge(made.latent, on="household_id")
    kind = lines["product_id"].map(products["product_type"])
    months = (lines["sold_at"].dt.normalize() - lines["baby_birthday"]).dt.days / 30.44
    toddler = kind == "INFANT FORMULA TODDLER"
    first = kind.isin(["INFANT FORMULA MILK BASE", "INFANT FORMULA SOY BASE"])
    assert toddler.sum() > 20
    assert first.sum() > 20
    assert months[toddler].between(12, 36).all()
    assert (months[first] <= 6).all()
    assert lines.loc[toddler | first, "archetype"].eq("baby_household").all()


def test_pantries_are_refilled_when_they_are_empty(made: Source):
    """The spans between purchases of formula are whole numbers of a cycle."""
    products = made.products.set_index("product_id")
    category = made.lines["product_id"].map(products["product_category"])
    formula = made.lines[category == "INFANT FORMULA"].drop_duplicates("basket_id")
    days = formula.merge(made.latent, on="household_id").dropna(subset="pantry_days")
    since = (days["sold_at"] - days["entered_at"]).dt.total_seconds() / 86_400
    phase = (since / days["pantry_days"]) % 1
    later = since > 1
    assert later.sum() > 200
    assert (phase[later] * days["pantry_days"][later] < 2).mean() > 0.5


def test_every_table_of_every_channel_is_written(drops: Path):
    for channel, table in contract_tables():
        assert files_of(drops, channel, table), (channel, table["table"])


def test_the_truth_holds_the_latent_facts(drops: Path):
    folder = truth_folder(drops)
    latent = pd.read_parquet(folder / "latent.parquet")
    known = pd.read_parquet(folder / "truth.parquet")["person_id"]
    assert latent["person_id"].is_unique
    assert len(latent) == 300
    assert set(known[known.str.startswith("h")]) == set(latent["person_id"])
    assert (latent["rate_per_week"] > 0).all()
    lines = pd.read_parquet(folder / "lines.parquet")
    till = read_table(drops, "pos", "receipt_lines")
    assert len(lines) > 2_000
    assert (lines["channel"] == "pos").sum() <= len(till)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"people": None}, "needs --people: 100 or more"),
        ({"people": 20}, "needs --people: 100 or more"),
        ({"households": 60}, "--households draws from complete_journey"),
        ({"source": "complete_journey"}, "--people needs --source synthetic"),
    ],
)
def test_options_that_cannot_be_met(tmp_path: Path, change: dict, sentence: str):
    day = dt.date(2017, 12, 31)
    options = SampleOptions(
        day, day, 3, "none", tmp_path / "out", source="synthetic", people=300
    )
    with pytest.raises(QuanyuError, match=sentence):
        generate(replace(options, **change))


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("share: 0.62", "share: 0.5", "add up to 0.88, not 1"),
        ("calendar: beauty", "calendar: moon", "unknown calendar moon"),
        ("formula: 1.3", "formulas: 1.3", "unknown group formulas"),
        ("at_home: 0.85", "at_home: 1.85", "people.at_home"),
    ],
)
def test_a_wrong_parameter_is_named(tmp_path: Path, old: str, new: str, sentence: str):
    text = Path("ingestion/sample/synthetic.yml").read_text("utf-8")
    assert old in text
    path = tmp_path / "synthetic.yml"
    path.write_text(text.replace(old, new), "utf-8")
    with pytest.raises(QuanyuError, match=sentence):
        load_synthetic_rates(path)
