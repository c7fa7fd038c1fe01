"""`quanyu demo`: the whole way on the sample group, and where to look next."""

from __future__ import annotations

import json
import os
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

FIRST_DAY, LAST_DAY, SEED, NOISE = "2017-12-29", "2017-12-31", 7, "default"
FILE_SYNC = "points_expiring_to_file"
WEBHOOK_SYNC = "repurchase_mid_low_to_webhook"
WHERE_TO_LOOK = f"""\
  make dev                                   the Dagster UI on this warehouse
  .venv/bin/quanyu sql "table tags.customer_tags_wide limit 5"
  .venv/bin/quanyu segment list              audiences, who owns them
  .venv/bin/quanyu sync status {FILE_SYNC}
  docs/tags.md, docs/segments.md             what each tag and audience means"""
console = Console()


def register(app: typer.Typer) -> None:
    """Add `demo`."""
    app.command("demo")(demo)


def demo(
    households: Annotated[
        int | None, typer.Option(help="So many households only; all by default.")
    ] = None,
) -> None:
    """The whole way on a year of real purchases: files in, a pushed audience out.

    Example: quanyu demo --households 200
    """
    from cli import model, oneid, run, sample, sync, warehouse
    from warehouse.settings import state_dir

    began = time.monotonic()
    home = state_dir() / "demo"
    drops = home / "drops"
    truth = home / "drops_truth"
    with chapter("PostgreSQL"):
        warehouse.up()
    with chapter(f"Sample group: three drops of channel files in {drops}"):
        write_sample(drops, truth, households)
    with chapter("Daily job: land, resolve OneID, score, tag, select"):
        summary = run.run_with_progress(landing_dir=drops)
        run.print_summary(summary)
        if not summary.success:
            raise typer.Exit(1)
    with chapter("Nothing lost: every source line and every added row"):
        sample.sample_check(out=drops)
    with chapter("OneID against the truth that the sample knows"):
        oneid.evaluate(truth=truth / "truth.parquet", examples=2, save=False)
    with chapter("Repurchase: who buys which brand next month"):
        model.report("repurchase")
    with chapter("Push: points about to expire, as a list for an SMS provider"):
        push(sync, FILE_SYNC)
    with (
        chapter("Push: repurchase mid and low to a receiver of this demo"),
        receiver(home),
    ):
        push(sync, WEBHOOK_SYNC)
    console.print(f"\nDone in {time.monotonic() - began:.0f} s. Where to look next:")
    console.print(WHERE_TO_LOOK, highlight=False)


@contextmanager
def chapter(title: str) -> Iterator[None]:
    """Print a heading and how long what follows took."""
    console.rule(f"[bold]{title}", align="left")
    began = time.monotonic()
    yield
    console.print(f"[dim]{time.monotonic() - began:.1f} s[/]")


def write_sample(drops: Path, truth: Path, households: int | None) -> None:
    """Write the sample unless the very same one is there already."""
    import datetime as dt

    from cli import sample

    wanted = {
        "from": FIRST_DAY,
        "to": LAST_DAY,
        "seed": SEED,
        "noise": NOISE,
        "households": households,
    }
    world = truth / "world.json"
    if world.exists():
        found = json.loads(world.read_text())
        if all(found.get(key) == value for key, value in wanted.items()):
            console.print("The sample is there already.")
            return
    sample.sample(
        out=drops,
        first_day=dt.datetime.fromisoformat(FIRST_DAY),
        last_day=dt.datetime.fromisoformat(LAST_DAY),
        seed=SEED,
        noise=NOISE,
        households=households,
        source="complete_journey",
    )


def push(sync: object, name: str) -> None:
    """Show the plan of a sync, then send it."""
    for step in ("plan", "apply"):
        command: Callable[..., None] = getattr(sync, step)
        command(name)


@contextmanager
def receiver(home: Path) -> Iterator[None]:
    """Run a real webhook receiver, known to the sync by environment names."""
    from base64 import b64encode

    from activation import receiver as webhook

    secret = f"whsec_{b64encode(secrets.token_bytes(24)).decode()}"
    with webhook.serve(port=0, secret=secret, directory=home / "received") as server:
        os.environ["QUANYU_WEBHOOK_URL"] = server.url
        os.environ["QUANYU_WEBHOOK_SECRET"] = secret
        yield
        console.print(
            f"The receiver holds {len(server.members(WEBHOOK_SYNC)):,} people."
        )
