"""quanyu model, as a person types it."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.main import app
from ml.repurchase import MODEL
from orchestration.model_store import run_model
from tests.integration.test_ml_store import DAY, land
from tests.unit.ml.synthetic import FAST, inputs
from warehouse.connection import Connection


def quanyu(*arguments: str) -> tuple[int, str]:
    """Return exit code and output, on a screen wide enough not to wrap."""
    result = CliRunner(env={"COLUMNS": "200"}).invoke(app, ["model", *arguments])
    return result.exit_code, result.output


def test_nothing_has_run_yet(database: str) -> None:
    code, said = quanyu("list")
    assert (code, "repurchase has not run yet" in said) == (0, True)
    code, said = quanyu("report", "repurchase")
    assert code == 1
    assert "quanyu model train repurchase" in said


def test_an_unknown_model_is_named(database: str) -> None:
    code, said = quanyu("train", "tarot")
    assert (code, "no model tarot" in said) == (1, True)


def test_report_shows_figures_beside_baselines(
    conn: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cli.model.console.width", 200, raising=False)
    land(conn, inputs())
    outcome = run_model(conn, MODEL, DAY, config=FAST)
    conn.commit()
    assert outcome.run is not None
    code, said = quanyu("report", "repurchase", "--out", str(tmp_path / "report"))
    assert code == 0
    overall = outcome.run["metrics"]["overall"]
    for shown in (
        "data up to 2017-11-30, about 2017-12: published",
        f"{overall['auc']:.4f}",
        f"{outcome.run['baseline_metrics']['recency']['auc']:.4f}",
        "frequency 90d",
        "supermarket",
    ):
        assert shown in said
    assert (tmp_path / "report" / "lift.png").read_bytes().startswith(b"\x89PNG")
    code, said = quanyu("train", "repurchase")
    assert (code, "scores are frozen" in said) == (0, True)
    assert "published" in quanyu("list")[1]
