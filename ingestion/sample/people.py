"""People: one per household of the source, and prospects who have bought nothing."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ingestion.sample.columns import numbered
from ingestion.sample.dice import DAY, Dice, only, pick_some, texts, tokens
from ingestion.sample.names import MAIL_HOSTS, given_names, phone_numbers
from ingestion.sample.rates import NoiseRates
from ingestion.sample.reference import CITIES
from ingestion.sample.source import BABY_CATEGORIES, Source

PROSPECTS = 0.06  # of households: as many people besides who only look around
EMPLOYEES = 0.005
YEAR = np.datetime64("2017-01-01T00:00:00", "s")
AGES = {
    "19-24": (19, 25), "25-34": (25, 35), "35-44": (35, 45),
    "45-54": (45, 55), "55-64": (55, 65), "65+": (65, 80),
}  # fmt: skip
NEVER = np.datetime64("NaT", "s")


def make_people(
    source: Source, stores: pd.DataFrame, rates: NoiseRates, dice: Dice
) -> pd.DataFrame:
    """Return one row per person; phone_1 until changed_at, phone_2 from then on."""
    rng = dice.stream("people")
    household = np.sort(source.lines["household_id"].unique())
    buyers = len(household)
    prospects = max(3, round(buyers * PROSPECTS))
    count = buyers + prospects
    known = source.demographics.set_index("household_id").reindex(household)
    has_card_data = np.r_[known["age"].notna().to_numpy(), np.zeros(prospects, bool)]
    gender = np.where(rng.random(count) < 0.64, "F", "M")
    gender_known = (has_card_data & (rng.random(count) < 0.95)) | (
        rng.random(count) < 0.12
    )
    home = _home_store(source, stores, household, prospects, rng)
    people = pd.DataFrame(
        {
            "kind": np.repeat(texts(["household", "prospect"]), [buyers, prospects]),
            "person_id": texts(
                np.r_[
                    texts(numbered("h", household)),
                    texts(numbered("p", np.arange(1, prospects + 1), 4)),
                ]
            ),
            "household_id": np.r_[household, np.full(prospects, -1)],
            "name": given_names(rng, gender),
            "gender": np.where(gender_known, gender, "U"),
            "birthday": _birthdays(known["age"], prospects, rng),
            "baby_birthday": _baby_birthdays(source, known, prospects, rng),
            "home_store": home,
            "region": stores["region"].to_numpy()[home],
            "omid": tokens(rng, count, "OM"),
            "unionid": tokens(rng, count, "oU"),
            "device_id": tokens(rng, count, "d-"),
            "second_device_id": only(
                rng.random(count) < 0.25, tokens(rng, count, "d-")
            ),
            "is_employee": (rng.random(count) < EMPLOYEES)
            & (np.arange(count) < buyers),
        }
    )
    mail_name = rng.choice(10**7, count, replace=False)
    host = texts(MAIL_HOSTS)[rng.integers(0, len(MAIL_HOSTS), count)]
    people["email"] = only(
        rng.random(count) < 0.4, texts(numbered("user", mail_name, 7)) + "@" + host
    )
    people["douyin_unionid"] = tokens(dice.stream("douyin people"), count, "dyu")
    people["redeems"] = people["household_id"].isin(source.redemptions["household_id"])
    people = _share_devices(_give_phones(people, rates, dice), rates, dice)
    return _add_testers(people) if rates.test_order > 0 else people


def phone_at(people: pd.DataFrame, person: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Return the number each person really has at the given times."""
    changed = people["changed_at"].to_numpy()[person]
    new = people["phone_2"].to_numpy()[person]
    return np.where(at >= changed, new, people["phone_1"].to_numpy()[person])


def _home_store(
    source: Source,
    stores: pd.DataFrame,
    household: np.ndarray,
    prospects: int,
    rng: np.random.Generator,
) -> np.ndarray:
    """Return each person's most visited store as a row number of `stores`."""
    visits = source.lines.groupby(["household_id", "store_id"], sort=True).size()
    ranked = visits.reset_index(name="visits").sort_values(
        ["household_id", "visits", "store_id"], ascending=[True, False, True]
    )
    first = ranked.drop_duplicates("household_id").set_index("household_id")
    store = first["store_id"].loc[household].to_numpy()
    rows = np.searchsorted(stores["store_id"].to_numpy(), store)
    return np.r_[rows, rng.integers(0, len(stores), prospects)]


def _birthdays(
    bands: pd.Series, prospects: int, rng: np.random.Generator
) -> np.ndarray:
    low = bands.map({band: span[0] for band, span in AGES.items()}).to_numpy(float)
    high = bands.map({band: span[1] for band, span in AGES.items()}).to_numpy(float)
    years = low + (high - low) * rng.random(len(bands))
    days = np.nan_to_num(years * 365.25).astype("int64").astype("timedelta64[D]")
    born = np.datetime64("2017-07-01") - days
    born = np.where(np.isnan(low), np.datetime64("NaT", "D"), born)
    return (
        np.r_[born, np.full(prospects, np.datetime64("NaT", "D"))]
        .astype("datetime64[D]")
        .astype("datetime64[s]")
    )


def _baby_birthdays(
    source: Source, known: pd.DataFrame, prospects: int, rng: np.random.Generator
) -> np.ndarray:
    """Give a youngest child to most who buy for one, and to some known parents."""
    nobody = np.full(prospects, NEVER)
    if source.latent is not None:  # the source itself knows whose child it feeds
        return np.r_[source.latent["baby_birthday"].to_numpy(), nobody]
    products = source.products
    baby = products.loc[
        products["product_category"].isin(BABY_CATEGORIES), "product_id"
    ]
    formula = products.loc[
        products["product_category"] == "INFANT FORMULA", "product_id"
    ]
    household = known.index.to_numpy()
    lines = source.lines

    def bought(items: pd.Series) -> tuple[np.ndarray, np.ndarray]:
        mine = lines[lines["product_id"].isin(items)].groupby("household_id")["sold_at"]
        last = mine.max().reindex(household).to_numpy().astype("datetime64[s]")
        return mine.size().reindex(household, fill_value=0).to_numpy(), last

    baby_lines, last_baby = bought(baby)
    formula_lines, last_formula = bought(formula)
    draw, age = rng.random(len(household)), rng.random(len(household))
    parent = known["kids_count"].fillna("0").to_numpy() != "0"
    months = np.select(
        [formula_lines >= 1, baby_lines >= 3, parent],
        [1 + age * 13, -3 + age * 36, 12 + age * 130],
        np.nan,
    )
    told = draw < np.select(
        [formula_lines >= 1, baby_lines >= 3, parent], [0.85, 0.7, 0.5], 0.0
    )
    anchor = np.select(
        [formula_lines >= 1, baby_lines >= 3],
        [last_formula, last_baby],
        np.datetime64("2017-07-01", "s"),
    )
    days = np.nan_to_num(months * 30.4).astype("int64").astype("timedelta64[D]")
    born = np.where(told, (anchor - days).astype("datetime64[D]"), np.datetime64("NaT"))
    return (
        np.r_[born, np.full(prospects, np.datetime64("NaT", "D"))]
        .astype("datetime64[D]")
        .astype("datetime64[s]")
    )


def _give_phones(people: pd.DataFrame, rates: NoiseRates, dice: Dice) -> pd.DataFrame:
    """Give numbers; some change, and some given up go to another person later."""
    count = len(people)
    numbers = phone_numbers(dice.stream("phones"), 2 * count)
    rng = dice.stream("phone changes")
    changed = pick_some(rng.random(count), rates.phone_changed, least=4)
    day = rng.integers(30, 330, count)
    moment = rng.integers(9 * 3600, 20 * 3600, count)
    new = numbers[count:].copy()
    recycled_from = np.full(count, -1)
    rows = np.flatnonzero(changed)
    # former owners give up early in the year; later ones follow 110 days or more after
    pairs = min(len(rows) // 2, max(1, round(len(rows) * rates.phone_recycled)))
    if rates.phone_recycled > 0 and pairs > 0:
        former, later = rows[:pairs], rows[pairs : 2 * pairs]
        day[former] = 30 + day[former] % 120
        day[later] = day[former] + 110 + day[later] % 60
        new[later] = numbers[former]
        recycled_from[later] = former
    at = YEAR + (day * 86_400 + moment).astype("timedelta64[s]")
    return people.assign(
        phone_1=numbers[:count],
        phone_2=np.where(changed, new, numbers[:count]),
        changed_at=np.where(changed, at, NEVER).astype("datetime64[s]"),
        gave_up=np.isin(np.arange(count), recycled_from[recycled_from >= 0]),
        recycled_from=recycled_from,
    )


def _share_devices(people: pd.DataFrame, rates: NoiseRates, dice: Dice) -> pd.DataFrame:
    """Let some people use the device of the next person or two in the list."""
    rng = dice.stream("devices")
    share = np.flatnonzero(
        pick_some(rng.random(len(people)), rates.family_device, least=2)
    )
    device = people["device_id"].to_numpy().copy()
    for step in (1, 2):
        taken = share[rng.random(len(share)) < (1.0 if step == 1 else 0.3)]
        taken = taken[taken + step < len(people)]
        device[taken + step] = device[taken]
    return people.assign(device_id=device)


def _add_testers(people: pd.DataFrame) -> pd.DataFrame:
    """Append two people who exist only to try the shops out."""
    testers = people.iloc[-2:].assign(
        kind="test",
        person_id=["t1", "t2"],
        household_id=-1,
        name="测试",
        gender="U",
        birthday=NEVER,
        baby_birthday=NEVER,
        email=None,
        is_employee=False,
        redeems=False,
        gave_up=False,
        recycled_from=-1,
        changed_at=NEVER,
    )
    for column in ("omid", "unionid", "douyin_unionid", "device_id"):
        testers[column] = testers[column] + "t"
    return pd.concat([people, testers], ignore_index=True)


def region_texts(
    region: np.ndarray, is_alias: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return province and city of rows of CITIES, as aliases where asked."""
    province = texts(CITIES["province"])[region]
    city = texts(CITIES["city"])[region]
    short = texts(CITIES["short"])[region]
    bare = texts(CITIES["province"].str.replace("市|省|壮族自治区", "", regex=True))
    return np.where(is_alias, bare[region], province), np.where(is_alias, short, city)


__all__ = ["DAY", "NEVER", "YEAR", "make_people", "phone_at", "region_texts"]
