"""BG/NBD: how often somebody buys while a customer, and whether they still are one.

Fader, Hardie, Lee: "Counting Your Customers" the Easy Way, Marketing Science 24 (2005).
Buying is Poisson with a gamma rate (r, alpha); after each order a customer leaves for
good with a beta chance (a, b). A history is (repeat orders x, time of the last one t_x,
time since the first order T); any unit of time, the same for all.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import betaln, digamma, gammaln, hyp2f1

from ml.cltv.fit import Floats, checked_histories, fit_positive


@dataclass(frozen=True)
class BgNbd:
    """The four parameters, and what they say about histories."""

    r: float
    alpha: float
    a: float
    b: float

    @classmethod
    def fit(cls, orders: Floats, last: Floats, age: Floats) -> BgNbd:
        """Fit by maximum likelihood; time is scaled to the mean age while searching."""
        checked_histories(orders, last, age)
        unit = float(age.mean()) or 1.0

        def objective(parameters: Floats) -> tuple[float, Floats]:
            model = cls(*map(float, parameters))
            value, gradient = model._likelihood(orders, last / unit, age / unit)
            return -float(value.mean()), -gradient

        r, alpha, a, b = fit_positive(objective, np.array([1.0, 0.1, 1.0, 3.0]))
        return cls(float(r), float(alpha * unit), float(a), float(b))

    def log_likelihood(self, orders: Floats, last: Floats, age: Floats) -> float:
        """Return the sum over the histories (natural logarithm)."""
        return float(self._likelihood(orders, last, age)[0].sum())

    def p_alive(self, orders: Floats, last: Floats, age: Floats) -> Floats:
        """Return the chance that each is still a customer; 1 without a repeat order."""
        return np.asarray(np.exp(-np.logaddexp(0.0, self._log_left(orders, last, age))))

    def expected_orders(
        self, horizon: float, orders: Floats, last: Floats, age: Floats
    ) -> Floats:
        """Return how many orders each is expected to place in the next `horizon`.

        Equation 10 of the paper. Euler's transformation takes the order count out of
        the upper parameters of 2F1, so that nothing overflows for hundreds of orders.
        """
        r, alpha, b = self.r, self.alpha, self.b
        # The equation divides by a - 1; at a = 1 itself its limit is all but the same.
        a = self.a if abs(self.a - 1) > 1e-7 else 1 + 1e-7
        z = horizon / (alpha + age + horizon)
        hyper = hyp2f1(a - 1, a + b - 1 - r, a + b + orders - 1, z)
        at_all = (a + b + orders - 1) / (a - 1) * (1 - (1 - z) ** (a - 1) * hyper)
        return np.asarray(at_all * self.p_alive(orders, last, age), dtype=np.float64)

    def _log_left(self, orders: Floats, last: Floats, age: Floats) -> Floats:
        """Return the log odds of having left."""
        tail = np.maximum(self.b + orders - 1, 1e-300)
        odds = (
            np.log(self.a)
            - np.log(tail)
            + (self.r + orders) * np.log((self.alpha + age) / (self.alpha + last))
        )
        return np.where(orders > 0, odds, -np.inf)

    def _likelihood(
        self, orders: Floats, last: Floats, age: Floats
    ) -> tuple[Floats, Floats]:
        """Return log-likelihoods and the gradient of their mean by r, alpha, a, b."""
        r, alpha, a, b = self.r, self.alpha, self.a, self.b
        # Gamma functions once per distinct count, not once per customer.
        counts, at = np.unique(orders, return_inverse=True)
        by_count = (
            gammaln(r + counts) - gammaln(r) + betaln(a, b + counts) - betaln(a, b)
        )[at]
        log_left = self._log_left(orders, last, age)
        log_here = -(r + orders) * np.log(alpha + age)
        value = by_count + r * np.log(alpha) + log_here + np.logaddexp(0.0, log_left)
        left = np.exp(log_left - np.logaddexp(0.0, log_left))
        by_alpha = r / alpha - (r + orders) * (
            (1 - left) / (alpha + age) + left / (alpha + last)
        )
        by_r = (
            (digamma(r + counts) - digamma(r))[at]
            + np.log(alpha)
            - (1 - left) * np.log(alpha + age)
            - left * np.log(alpha + last)
        )
        both = (digamma(a + b) - digamma(a + b + counts))[at]
        by_a = both + left / a
        alone = (digamma(b + counts) - digamma(b))[at]
        by_b = both + alone - left / np.maximum(b + orders - 1, 1e-300)
        gradient = np.array([part.mean() for part in (by_r, by_alpha, by_a, by_b)])
        return value, gradient
