"""`quanyu collect`: events over HTTP."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add `collect`."""
    app.command("collect")(collect)


def collect(
    *,
    host: Annotated[
        str,
        typer.Option(help="Address to listen on; others than this machine need a key."),
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port; 0 takes any free one.")] = 8077,
    spool: Annotated[
        Path | None,
        typer.Option(help="Folder of events that have not landed: .quanyu/collect."),
    ] = None,
    max_age_days: Annotated[
        int, typer.Option(min=1, help="Refuse events that are older.")
    ] = 30,
    seal_seconds: Annotated[
        float, typer.Option(min=0.1, help="Land events after so many seconds.")
    ] = 10.0,
    seal_mb: Annotated[
        int, typer.Option(min=1, help="Or when there are so many megabytes.")
    ] = 16,
    queue_mb: Annotated[
        int, typer.Option(min=2, help="Answer 503 when more waits for the disk.")
    ] = 32,
    no_land: Annotated[
        bool, typer.Option("--no-land", help="Only spool; the warehouse may be down.")
    ] = False,
    land_only: Annotated[
        bool, typer.Option("--land-only", help="Land what is spooled and end.")
    ] = False,
) -> None:
    """Take events of the mini program over HTTP; a 202 says that they are on disk.

    Clients send POST /v1/events; QUANYU_COLLECT_KEY names the key they need. SIGTERM or
    Ctrl+C answers what has been sent, seals and lands it, and ends.

    Example: quanyu collect --port 8077 --spool .quanyu/collect
    """
    import logging
    import os
    from datetime import timedelta

    from ingestion.collect.lander import land_spool
    from ingestion.collect.server import KEY_NAME, Settings, serve
    from warehouse.settings import state_dir

    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s collect: %(message)s"
    )
    logging.getLogger("uvicorn").setLevel(logging.ERROR)
    directory = spool or state_dir() / "collect"
    if land_only:
        left = land_spool(directory)
        print("Events are left: the daily job runs." if left else "All has landed.")
        raise typer.Exit(int(left))
    settings = Settings(
        directory,
        host=host,
        port=port,
        key=os.environ.get(KEY_NAME, ""),
        max_age=timedelta(days=max_age_days),
        seal_bytes=seal_mb << 20,
        seal_seconds=seal_seconds,
        queue_bytes=queue_mb << 20,
        lands=not no_land,
    )
    serve(settings, lambda address: print(f"Collecting on {address}", flush=True))
    print("Everything taken is sealed.")
