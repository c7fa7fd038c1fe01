"""Gamma-Gamma: what an order of a customer is worth, given how few of them were seen.

Fader, Hardie, Lee: RFM and CLV, Journal of Marketing Research 42 (2005), and the note
"The Gamma-Gamma Model of Monetary Value" (2013). Values of one customer's orders are
gamma (p, nu), nu varies over customers as gamma (q, gamma). The mean of few orders is
drawn to that of everybody, the mean of many stands.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import digamma, gammaln

from ml.cltv.fit import Floats, fit_positive
from ml.errors import InvalidInputError


@dataclass(frozen=True)
class GammaGamma:
    """The three parameters; q above 1 for a mean to exist."""

    p: float
    q: float
    gamma: float

    @classmethod
    def fit(cls, orders: Floats, mean_value: Floats) -> GammaGamma:
        """Fit on customers with one order or more of a mean value above zero."""
        if len(orders) == 0 or not ((orders > 0) & (mean_value > 0)).all():
            raise InvalidInputError("Order values are learnt from orders above zero.")
        unit = float(mean_value.mean())

        def objective(parameters: Floats) -> tuple[float, Floats]:
            model = cls(*map(float, parameters))
            value, gradient = model._likelihood(orders, mean_value / unit)
            return -float(value.mean()), -gradient

        p, q, gamma = fit_positive(objective, np.array([2.0, 3.0, 1.0]))
        return cls(float(p), float(q), float(gamma * unit))

    def log_likelihood(self, orders: Floats, mean_value: Floats) -> float:
        """Return the sum over the customers (natural logarithm)."""
        return float(self._likelihood(orders, mean_value)[0].sum())

    def expected_value(self, orders: Floats, mean_value: Floats) -> Floats:
        """Return the expected value of a further order; everybody's mean without one.

        Equation 5 of the note: the weighted mean of the customer's and everybody's.
        """
        total = np.where(orders > 0, orders * mean_value, 0.0)
        # With q <= 1 the mean of all is infinite; the weights stay finite from 2 on.
        spread = np.maximum(self.p * orders + self.q - 1, 1e-6)
        return np.asarray(self.p * (self.gamma + total) / spread, dtype=np.float64)

    def _likelihood(self, orders: Floats, mean_value: Floats) -> tuple[Floats, Floats]:
        """Return log-likelihoods and the gradient of their mean by p, q, gamma."""
        p, q, gamma = self.p, self.q, self.gamma
        counts, at = np.unique(orders, return_inverse=True)
        shape = p * counts
        total = orders * mean_value
        log_share = np.log(total) - np.log(gamma + total)
        log_rest = np.log(gamma) - np.log(gamma + total)
        by_count = (gammaln(shape + q) - gammaln(shape) - gammaln(q))[at]
        value = by_count + shape[at] * log_share + q * log_rest - np.log(mean_value)
        common = digamma(shape + q)
        by_p = orders * ((common - digamma(shape))[at] + log_share)
        by_q = (common - digamma(q))[at] + log_rest
        by_gamma = q / gamma - (shape[at] + q) / (gamma + total)
        gradient = np.array([part.mean() for part in (by_p, by_q, by_gamma)])
        return value, gradient
