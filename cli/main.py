"""The `quanyu` command: one module per group, errors as one sentence.

Modules of this package register their commands; they import what is heavy inside the
command bodies, so that `quanyu --help` answers at once.
"""

from __future__ import annotations

import importlib
import pkgutil
from typing import Any

import typer
from typer.core import TyperGroup

import cli
from warehouse.errors import QuanyuError

# The order of `quanyu --help`: the way of the data. Other modules follow by name.
_ORDER = ("warehouse", "sample", "load", "run", "oneid", "segment", "model", "sync")


class ErrorsAsSentences(TyperGroup):
    """Prints a QuanyuError as one sentence on stderr and exits with code 1."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except QuanyuError as error:
            typer.secho(str(error), fg=typer.colors.RED, err=True)
            raise typer.Exit(1) from error


app = typer.Typer(
    name="quanyu",
    cls=ErrorsAsSentences,
    help="quanyu (全域): a customer data platform on one PostgreSQL database.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
)


@app.callback()
def root() -> None:
    """quanyu (全域): a customer data platform on one PostgreSQL database."""


def _register_groups() -> None:
    names = {module.name for module in pkgutil.iter_modules(cli.__path__)} - {"main"}
    ordered = [name for name in _ORDER if name in names]
    for name in [*ordered, *sorted(names - set(ordered))]:
        register = getattr(importlib.import_module(f"cli.{name}"), "register", None)
        if register is not None:
            register(app)


_register_groups()
