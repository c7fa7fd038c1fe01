"""BG/NBD, Pareto/NBD and Gamma-Gamma beside brute force and beside made-up people."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit
from scipy.stats import beta, gamma

from ml.cltv.bgnbd import BgNbd
from ml.cltv.fit import Floats
from ml.cltv.gamma_gamma import GammaGamma
from ml.cltv.pareto_nbd import ParetoNbd
from ml.errors import InvalidInputError

# The trapezoidal rule over logarithms and log-odds: exact to many digits for densities.
STEPS = np.linspace(-60.0, 40.0, 700)
STEP = STEPS[1] - STEPS[0]

parameter = st.floats(0.3, 4.0)
history = st.tuples(st.integers(0, 8), st.floats(0.05, 1.0), st.floats(1.0, 40.0))


def gammas(shape: float, rate: float) -> tuple[Floats, Floats]:
    """Return values of a gamma variable and how likely each is."""
    values = np.exp(STEPS) / rate
    return values, gamma.pdf(values, shape, scale=1 / rate) * values * STEP


def betas(a: float, b: float) -> tuple[Floats, Floats]:
    """Return values of a beta variable below 1 and how likely each is."""
    values = expit(STEPS)[STEPS < 30]
    return values, beta.pdf(values, a, b) * values * (1 - values) * STEP


def as_history(drawn: tuple[int, float, float]) -> tuple[Floats, Floats, Floats]:
    orders, share, age = drawn
    last = age * share if orders else 0.0
    return np.array([float(orders)]), np.array([last]), np.array([age])


@settings(max_examples=25, deadline=None)
@given(parameter, st.floats(1.0, 20.0), parameter, parameter, history)
def test_bg_nbd_is_the_integral_over_rates_and_chances(
    r: float, alpha: float, a: float, b: float, drawn: tuple[int, float, float]
) -> None:
    model = BgNbd(r, alpha, a, b)
    x, t_x, age = as_history(drawn)
    (rate, of_rate), (leave, of_leave) = gammas(r, alpha), betas(a, b)
    rate, grid = rate[:, None], of_rate[:, None] * of_leave
    # To have bought x times up to age and be here, or to have left with the last order.
    here = (1 - leave) ** x * rate**x * np.exp(-rate * age)
    left = rate**x * np.exp(-rate * t_x) * leave * (1 - leave) ** (x - 1)
    left = left if x > 0 else 0 * left
    likelihood = np.sum(grid * (here + left))
    assert model.log_likelihood(x, t_x, age) == pytest.approx(
        np.log(likelihood), abs=1e-4
    )
    assert model.p_alive(x, t_x, age)[0] == pytest.approx(
        np.sum(grid * here) / likelihood, abs=1e-4
    )
    later = (1 - np.exp(-rate * leave * 10)) / np.maximum(leave, 1e-12)
    assert model.expected_orders(10, x, t_x, age)[0] == pytest.approx(
        np.sum(grid * here * later) / likelihood, rel=1e-3, abs=1e-6
    )


@settings(max_examples=25, deadline=None)
@given(parameter, st.floats(1.0, 20.0), parameter, st.floats(1.0, 20.0), history)
def test_pareto_nbd_is_the_integral_over_rates_of_buying_and_leaving(
    r: float, alpha: float, s: float, late: float, drawn: tuple[int, float, float]
) -> None:
    model = ParetoNbd(r, alpha, s, late)
    x, t_x, age = as_history(drawn)
    (rate, of_rate), (leave, of_leave) = gammas(r, alpha), gammas(s, late)
    rate, grid = rate[:, None], of_rate[:, None] * of_leave
    both = rate + leave
    here = rate**x * np.exp(-both * age)
    left = rate**x * leave / both * (np.exp(-both * t_x) - np.exp(-both * age))
    likelihood = np.sum(grid * (here + left))
    assert model.log_likelihood(x, t_x, age) == pytest.approx(
        np.log(likelihood), abs=1e-4
    )
    assert model.p_alive(x, t_x, age)[0] == pytest.approx(
        np.sum(grid * here) / likelihood, abs=1e-4
    )
    later = rate * -np.expm1(-leave * 10) / np.maximum(leave, 1e-12)
    assert model.expected_orders(10, x, t_x, age)[0] == pytest.approx(
        np.sum(grid * here * later) / likelihood, rel=1e-3, abs=1e-6
    )


@settings(max_examples=25, deadline=None)
@given(
    st.floats(0.5, 8.0), st.floats(1.5, 6.0), st.floats(5.0, 50.0),
    st.integers(0, 8), st.floats(1.0, 200.0),
)  # fmt: skip
def test_gamma_gamma_is_the_integral_over_scales(
    p: float, q: float, scale: float, orders: int, mean: float
) -> None:
    x, z = np.array([float(orders)]), np.array([mean])
    nu, of_nu = gammas(q, scale)
    seen = gamma.pdf(z, p * x, scale=1 / (nu * x)) if orders else np.ones_like(nu)
    likelihood = np.sum(of_nu * seen)
    model = GammaGamma(p, q, scale)
    assert model.expected_value(x, z)[0] == pytest.approx(
        np.sum(of_nu * seen * p / nu) / likelihood, rel=1e-4
    )
    if orders:
        assert model.log_likelihood(x, z) == pytest.approx(np.log(likelihood), abs=1e-4)


def test_parameters_of_made_up_people_are_found_again() -> None:
    rng = np.random.default_rng(3)
    rate, death = rng.gamma(0.8, 1 / 6.0, 3000), rng.gamma(1.2, 1 / 15.0, 3000)
    age = rng.uniform(20, 60, 3000)
    times = np.cumsum(rng.exponential(1 / rate[:, None], (3000, 120)), axis=1)
    until = np.minimum(age, rng.exponential(1 / death))[:, None]
    x = (times <= until).sum(axis=1).astype(float)
    t_x = np.where(times <= until, times, 0).max(axis=1)
    model = ParetoNbd.fit(x, t_x, age)
    assert model.r == pytest.approx(0.8, rel=0.15)
    assert model.alpha == pytest.approx(6.0, rel=0.2)
    assert model.beta / model.s == pytest.approx(15 / 1.2, rel=0.4)
    # The truth is never likelier than the fit.
    assert model.log_likelihood(x, t_x, age) >= ParetoNbd(
        0.8, 6.0, 1.2, 15.0
    ).log_likelihood(x, t_x, age)
    nu = rng.gamma(3.7, 1 / 15.0, 3000)
    many = rng.integers(1, 9, 3000).astype(float)
    values = GammaGamma.fit(many, rng.gamma(6.2 * many, 1 / (nu * many)))
    assert (values.p, values.q, values.gamma) == pytest.approx(
        (6.2, 3.7, 15.0), rel=0.2
    )


def test_bg_nbd_finds_its_parameters_and_counts_again() -> None:
    rng = np.random.default_rng(4)
    rate, leave = rng.gamma(0.8, 1 / 6.0, 4000), rng.beta(0.8, 2.4, 4000)
    alive_orders = rng.geometric(leave)
    age = rng.uniform(20, 40, 4000)
    gaps = rng.exponential(1 / rate[:, None], (4000, 120))
    times = np.cumsum(gaps, axis=1)
    bought = np.arange(1, 121) <= alive_orders[:, None]
    within = bought & (times <= age[:, None])
    x = within.sum(axis=1).astype(float)
    t_x = np.where(within, times, 0).max(axis=1)
    model = BgNbd.fit(x, t_x, age)
    assert (model.r, model.alpha) == pytest.approx((0.8, 6.0), rel=0.15)
    assert model.a / (model.a + model.b) == pytest.approx(0.25, rel=0.15)
    seen = (bought & (times > age[:, None]) & (times <= age[:, None] + 20)).sum(axis=1)
    said = model.expected_orders(20, x, t_x, age)
    assert said.sum() == pytest.approx(seen.sum(), rel=0.05)


@pytest.mark.parametrize("kind", [BgNbd, ParetoNbd])
def test_hundreds_of_orders_stay_finite(kind: type[BgNbd] | type[ParetoNbd]) -> None:
    x = np.array([0.0, 1.0, 350.0, 350.0, 2000.0])
    t_x = np.array([0.0, 5.0, 364.0, 180.0, 365.0])
    age = np.full(5, 365.0)
    for model in (kind(0.9, 9.0, 0.05, 2.0), kind(2.0, 40.0, 1.0, 300.0)):
        assert np.isfinite(model.log_likelihood(x, t_x, age))
        orders = model.expected_orders(365, x, t_x, age)
        assert np.isfinite(orders).all() and (orders >= 0).all()
        alive = model.p_alive(x, t_x, age)
        assert alive[2] > 0.9 and alive[3] < 0.01


@pytest.mark.parametrize(
    ("orders", "last", "age"),
    [
        ([], [], []), ([1], [0], [5]), ([1], [6], [5]),
        ([np.nan], [1], [5]), ([-1], [0], [5]),
    ],
)  # fmt: skip
def test_a_history_that_is_none_is_refused(
    orders: list[float], last: list[float], age: list[float]
) -> None:
    for kind in (BgNbd, ParetoNbd):
        with pytest.raises(InvalidInputError):
            kind.fit(*(np.array(part, dtype=float) for part in (orders, last, age)))
