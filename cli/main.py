"""The `quanyu` command: one module per group, errors as one sentence.

Modules of this package register their commands; they import what is heavy inside the
command bodies, so that `quanyu --help` answers at once.
"""

from __future__ import annotations

import errno
import importlib
import pkgutil
import sys
from typing import Any

import typer
from typer.core import TyperGroup

import cli
from warehouse.errors import QuanyuError

# The order of `quanyu --help`: the way of the data. Other modules follow by name.
_ORDER = (
    "warehouse",
    "sample",
    "load",
    "collect",
    "run",
    "oneid",
    "tag",
    "segment",
    "model",
    "sync",
)


class ErrorsAsSentences(TyperGroup):
    """Prints what a user can act on as one sentence on stderr and exits with code 1."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except Exception as error:
            sentence = _sentence(error)
            if sentence is None:
                raise
            typer.secho(sentence, fg=typer.colors.RED, err=True)
            raise typer.Exit(1) from error


def _sentence(error: Exception) -> str | None:
    """What to tell the user; None for what is a fault of ours and needs a traceback."""
    if isinstance(error, QuanyuError):
        return str(error)
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"The disk is full ({error.filename or error}): free some space."
    psycopg = sys.modules.get("psycopg")  # not imported before a command needs it
    if psycopg and isinstance(error, psycopg.OperationalError):
        reason = " ".join(str(error).split())
        return (
            f"The warehouse gave up: {reason}. `quanyu status` tells whether it runs."
        )
    return None


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
