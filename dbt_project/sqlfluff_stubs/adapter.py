"""Stand-in for dbt's `adapter` while sqlfluff lints: no database, no dispatch.

A dispatched macro renders as a call of the same name, which is enough for layout rules.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def dispatch(macro_name: str, macro_namespace: str = "") -> Callable[..., str]:
    """Return a function that renders `macro_name(arguments)`."""

    def render(*args: Any, **kwargs: Any) -> str:
        values = [*args, *kwargs.values()]
        flat = [
            str(item)
            for value in values
            for item in (value if isinstance(value, list) else [value])
        ]
        return f"{macro_name}({', '.join(flat)})"

    return render
