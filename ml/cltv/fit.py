"""Maximum likelihood for positive parameters, shared by the buying models."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from threadpoolctl import threadpool_limits

from ml.errors import InvalidInputError

Floats = npt.NDArray[np.float64]
# Mean negative log-likelihood and its gradient by the parameters.
Objective = Callable[[Floats], tuple[float, Floats]]

# Beyond these a parameter says "everybody alike": the likelihood is flat there.
_LOG_BOUNDS = (-8.0, 8.0)

# Where the search has stepped so far that a sum overflows: it steps back.
_WALL = 1e9


def fit_positive(
    objective: Objective, start: Floats, *, tolerance: float = 1e-12
) -> Floats:
    """Return the parameters that minimise the objective, searched for in logarithms.

    L-BFGS-B from one start: the same rows give the same parameters. The search ends
    when a step gains less than `tolerance` of the mean likelihood. Raises
    InvalidInputError when the search ends at no number.
    """

    def in_logs(logs: Floats) -> tuple[float, Floats]:
        parameters = np.exp(logs)
        with np.errstate(over="ignore", invalid="ignore"):
            value, gradient = objective(parameters)
        if not np.isfinite(value) or not np.isfinite(gradient).all():
            return _WALL, np.zeros_like(logs)
        return value, gradient * parameters

    # Threads cost more than four numbers are worth, and change the order of sums.
    with threadpool_limits(1):
        found = minimize(
            in_logs,
            np.log(start),
            jac=True,
            method="L-BFGS-B",
            bounds=[_LOG_BOUNDS] * len(start),
            options={"maxiter": 500, "ftol": tolerance, "gtol": 1e-7},
        )
    if found.fun >= _WALL:
        raise InvalidInputError(f"No likelihood to climb: {found.message}.")
    return np.asarray(np.exp(found.x), dtype=np.float64)


def checked_histories(orders: Floats, last: Floats, age: Floats) -> None:
    """Raise InvalidInputError unless 0 <= last <= age, last > 0 with orders only."""
    if len(orders) == 0:
        raise InvalidInputError("There is no history of a customer to learn from.")
    broken = (
        ~np.isfinite(orders + last + age)
        | (orders < 0)
        | (orders % 1 != 0)
        | (last < 0)
        | (last > age)
        | ((orders > 0) != (last > 0))
    )
    if broken.any():
        at = int(np.flatnonzero(broken)[0])
        raise InvalidInputError(
            f"History {at} is none: {orders[at]:g} repeat orders, the last at "
            f"{last[at]:g} of {age[at]:g}."
        )
