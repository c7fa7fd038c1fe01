from __future__ import annotations

import pytest

from activation.destinations.base import BatchError, RetryableError
from activation.pace import Retrier, RetryPolicy


class Script:
    """A request that answers as it is told, and the waits between its attempts."""

    def __init__(self, *answers: Exception | str) -> None:
        self.answers = list(answers)
        self.waits: list[float] = []

    def __call__(self) -> str:
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def run(self, policy: RetryPolicy) -> str:
        return Retrier(policy, self.waits.append, lambda _, high: high).call(self)


BUSY = RetryableError("HTTP 503")


def test_waits_double_up_to_a_cap() -> None:
    script = Script(*[BUSY] * 5, "ok")
    assert script.run(RetryPolicy(attempts=6, base_s=1, cap_s=5)) == "ok"
    assert script.waits == [1, 2, 4, 5, 5]


def test_retry_after_is_a_lower_bound() -> None:
    script = Script(RetryableError("HTTP 429", retry_after=7), "ok")
    script.run(RetryPolicy(base_s=1))
    assert script.waits == [8]


@pytest.mark.parametrize(
    ("policy", "waits"),
    [
        (RetryPolicy(attempts=3, base_s=1), [1, 2]),
        (RetryPolicy(attempts=9, base_s=1, budget_s=4), [1, 2]),
    ],
)
def test_patience_ends(policy: RetryPolicy, waits: list[float]) -> None:
    script = Script(*[BUSY] * 9)
    with pytest.raises(RetryableError, match=r"HTTP 503 \(attempt 3"):
        script.run(policy)
    assert script.waits == waits


def test_the_budget_is_one_for_the_run() -> None:
    waits: list[float] = []
    retrier = Retrier(
        RetryPolicy(base_s=2, budget_s=5), waits.append, lambda _, high: high
    )
    assert retrier.call(Script(BUSY, "first")) == "first"
    assert retrier.call(Script(BUSY, "second")) == "second"
    with pytest.raises(RetryableError):
        retrier.call(Script(BUSY, "third"))
    assert waits == [2, 2]


def test_other_errors_are_not_tried_again() -> None:
    script = Script(BatchError("422", "bad"))
    with pytest.raises(BatchError):
        script.run(RetryPolicy())
    assert script.waits == []
