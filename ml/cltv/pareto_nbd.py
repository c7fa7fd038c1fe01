"""Pareto/NBD: the older model of leaving, kept as the check on BG/NBD.

Schmittlein, Morrison, Colombo, Management Science 33 (1987), in the form of Fader and
Hardie, "A Note on Deriving the Pareto/NBD Model" (2005). Buying is Poisson with a gamma
rate (r, alpha); the time until a customer leaves is exponential with a gamma rate
(s, beta), whether they order or not. Histories as in `bgnbd`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln, hyp2f1

from ml.cltv.fit import Floats, checked_histories, fit_positive

_STEP = 1e-6


@dataclass(frozen=True)
class ParetoNbd:
    """The four parameters, and what they say about histories."""

    r: float
    alpha: float
    s: float
    beta: float

    @classmethod
    def fit(
        cls, orders: Floats, last: Floats, age: Floats, *, tolerance: float = 1e-12
    ) -> ParetoNbd:
        """Fit by maximum likelihood, each distinct history once with its weight."""
        checked_histories(orders, last, age)
        unit = float(age.mean()) or 1.0
        (x, t_x, t), weight = np.unique(
            np.stack([orders, last / unit, age / unit]), axis=1, return_counts=True
        )
        share = weight / weight.sum()

        def negative(parameters: Floats) -> float:
            model = cls(*map(float, parameters))
            return -float(model._log_likelihoods(x, t_x, t) @ share)

        def objective(parameters: Floats) -> tuple[float, Floats]:
            # 2F1 has no short derivative by its parameters: central differences.
            steps = np.diag(parameters * _STEP)
            slope = [
                (negative(parameters + step) - negative(parameters - step))
                / (2 * step.sum())
                for step in steps
            ]
            return negative(parameters), np.array(slope)

        start = np.array([1.0, 0.3, 0.5, 0.3])
        r, alpha, s, beta = fit_positive(objective, start, tolerance=tolerance)
        return cls(float(r), float(alpha * unit), float(s), float(beta * unit))

    def log_likelihood(self, orders: Floats, last: Floats, age: Floats) -> float:
        """Return the sum over the histories (natural logarithm)."""
        return float(self._log_likelihoods(orders, last, age).sum())

    def p_alive(self, orders: Floats, last: Floats, age: Floats) -> Floats:
        """Return the chance that each is still a customer."""
        log_here = -(self.r + orders) * np.log(self.alpha + age)
        log_here -= self.s * np.log(self.beta + age)
        log_left = self._log_left(orders, last, age)
        return np.asarray(np.exp(-np.logaddexp(0.0, log_left - log_here)))

    def expected_orders(
        self, horizon: float, orders: Floats, last: Floats, age: Floats
    ) -> Floats:
        """Return how many orders each is expected to place in the next `horizon`."""
        # (1 - (1 - z) ** (s - 1)) / (s - 1), which has a limit at s = 1.
        log_kept = np.log((self.beta + age) / (self.beta + age + horizon))
        power = (self.s - 1) * log_kept
        stay = np.where(
            np.abs(power) < 1e-9, -log_kept, -np.expm1(power) / ((self.s - 1) or 1.0)
        )
        rate = (self.r + orders) * (self.beta + age) / (self.alpha + age)
        alive = self.p_alive(orders, last, age)
        return np.asarray(rate * stay * alive, dtype=np.float64)

    def _log_likelihoods(self, orders: Floats, last: Floats, age: Floats) -> Floats:
        log_here = -(self.r + orders) * np.log(self.alpha + age)
        log_here -= self.s * np.log(self.beta + age)
        return np.asarray(
            gammaln(self.r + orders)
            - gammaln(self.r)
            + self.r * np.log(self.alpha)
            + self.s * np.log(self.beta)
            + np.logaddexp(log_here, self._log_left(orders, last, age))
        )

    def _log_left(self, orders: Floats, last: Floats, age: Floats) -> Floats:
        """Return ln of s x the integral over leaving from the last order to now.

        Of (alpha + u)^-(r+x) (beta + u)^-(s+1). Both ends are 2F1 values; the later is
        the smaller, and their difference is taken in logarithms.
        """
        first = self._log_tail(orders, last)
        second = np.minimum(self._log_tail(orders, age), first)
        with np.errstate(divide="ignore"):
            gap = np.log(-np.expm1(second - first))
        return np.asarray(
            np.log(self.s) - np.log(self.r + self.s + orders) + first + gap
        )

    def _log_tail(self, orders: Floats, since: Floats) -> Floats:
        """Return ln of (r + s + x) x the integral from `since` to infinity.

        Euler's transformation leaves 2F1(1, b; c; z) with b < c: its terms fall, where
        those of the textbook form explode with the number of orders.
        """
        r, s = self.r, self.s
        total = r + s + orders
        if self.alpha >= self.beta:
            z = (self.alpha - self.beta) / (self.alpha + since)
            upper, power, base = r + orders, -s * np.ones_like(total), self.alpha
        else:
            z = (self.beta - self.alpha) / (self.beta + since)
            upper, power, base = (
                (s + 1) * np.ones_like(total),
                1 - r - orders,
                self.beta,
            )
        hyper = hyp2f1(1.0, upper, total + 1, z)
        return np.asarray(
            power * np.log1p(-z) + np.log(hyper) - total * np.log(base + since)
        )
