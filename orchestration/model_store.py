"""Models meet the warehouse: frames in from dbt's features, scores and record out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pandas as pd
from psycopg import sql
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from ml.catalogue import MODELS
from ml.errors import ModelError
from ml.model import Model, Result
from ml.registry import ModelRun, artefact_path, code_version, inputs_digest
from orchestration.metadata import picture
from orchestration.partitions import is_partitioned, swap_in
from warehouse.connection import Connection, copy_frame, read_frame
from warehouse.errors import QuanyuError

# Lists are long and worthless when their month is over: the newest dates stay. Scores
# are set beside outcomes later, and stay for good.
_KEPT_DATES = {"recommendations": 2, "category_recommendations": 2}
# Scores of every supervised model; any other output is a table of its model's own.
SCORES = "scores"
_MEDIA_TYPES = {
    "txt": "text/plain",
    "json": "application/json",
    "npz": "application/octet-stream",
    "png": "image/png",
}

Run = dict[str, Any]


@dataclass(frozen=True)
class Outcome:
    """What a request to train came to, with the registered run that answers it."""

    # trained | kept (this month's scores are frozen) | repeated (same inputs and code)
    # | skipped (nothing to score yet, nothing registered)
    status: str
    published: bool
    reason: str
    run: Run | None = None

    @classmethod
    def of(cls, status: str, run: Run) -> Outcome:
        """Return the outcome that a registered run stands for."""
        return cls(status, bool(run["is_published"]), str(run["verdict"]), run)

    def metadata(self) -> dict[str, Any]:
        """Return what an operator looks at, as plain values."""
        if self.run is None:
            return {"status": self.status, "verdict": self.reason}
        figure = main_figure(self.run["model"])
        overall = self.run["metrics"].get("overall", {})
        baselines = {
            f"{figure}_{name}": figures.get(figure)
            for name, figures in self.run["baseline_metrics"].items()
        }
        return {
            "status": self.status,
            "base_date": f"{self.run['base_date']:%Y-%m-%d}",
            "published": self.published,
            "verdict": self.reason,
            figure: overall.get(figure),
            **baselines,
            "ece": overall.get("ece"),
            "rows_scored": self.run["row_counts"].get("scored", 0),
            "seconds": round(
                (self.run["finished_at"] - self.run["started_at"]).total_seconds(), 1
            ),
        }


def model_named(name: str) -> Model:
    """Return the model called `name`; QuanyuError when there is none."""
    if name not in MODELS:
        raise QuanyuError(f"There is no model {name}; there is {', '.join(MODELS)}.")
    return MODELS[name]


def main_figure(name: str) -> str:
    """Return what runs of the model are compared by."""
    return MODELS[name].main_figure if name in MODELS else "auc"


def run_model(
    conn: Connection,
    model: Model,
    as_of: date | None = None,
    *,
    refreeze: bool = False,
    config: Any = None,
) -> Outcome:
    """Train, score and publish a model for the last month end up to `as_of`.

    Without `as_of` the day the features were built for is taken on trust.
    Scores are frozen for the month: once published they stay, unless `refreeze`. A run
    with the inputs, parameters and code of an earlier one is that run. Record,
    artefacts and scores are committed together. Inputs the model cannot work with, and
    a gate that is not passed, are recorded with the reason; earlier scores stay.
    """
    with conn.transaction():
        # One at a time, until this transaction ends.
        conn.execute(
            "select pg_advisory_xact_lock(hashtextextended('ml.' || %s, 0))",
            [model.name],
        )
        base_date = scoring_date(conn, as_of)
        if base_date is None:
            return Outcome("skipped", False, "No month with purchases is over yet.")
        published = _run(conn, model.name, base_date, {"is_published": True})
        if published and not refreeze:
            return Outcome.of("kept", published)
        return _train(conn, model, base_date, config or model.config)


def backtest_model(conn: Connection, model: Model, config: Any = None) -> Result:
    """Return what a run on the features as they stand would be; nothing is kept.

    Raises ModelError for inputs the model cannot work with.
    """
    return model.train_and_score(
        **model_frames(conn, model), config=config or model.config
    )


def _train(conn: Connection, model: Model, base_date: date, config: Any) -> Outcome:
    started_at = datetime.now(UTC)
    frames = model_frames(conn, model)
    digest = inputs_digest(frames, config)
    code = code_version(model.name, *model.made_of)
    same = _run(
        conn, model.name, base_date, {"inputs_sha256": digest, "code_version": code}
    )
    if same:
        return Outcome.of("repeated", same)

    def record(**outcome: Any) -> ModelRun:
        return ModelRun(
            model=model.name,
            base_date=base_date,
            inputs_sha256=digest,
            code_version=code,
            parameters=config.as_dict(),
            started_at=started_at,
            finished_at=datetime.now(UTC),
            **outcome,
        )

    try:
        result = model.train_and_score(**frames, config=config)
    except ModelError as error:
        run = record(is_published=False, verdict=str(error))
        return Outcome.of("trained", register(conn, run))
    report = result.report
    run = record(
        is_published=report.verdict.is_published,
        verdict=" ".join(report.verdict.reasons),
        window_from=report.window[0],
        window_to=report.window[1],
        row_counts=report.rows,
        metrics=report.as_metrics(),
        baseline_metrics=report.baselines,
        artefact_path=artefact_path(model.name, base_date, digest, code),
    )
    if run.is_published:
        _retire(conn, run)
    registered = register(conn, run)
    _keep_artefacts(conn, run, result.artefacts)
    if run.is_published:
        for table, rows in result.outputs.items():
            publish(conn, registered, table, rows)
    return Outcome.of("trained", registered)


def model_frames(conn: Connection, model: Model) -> dict[str, pd.DataFrame]:
    """Return the inputs of a model, by argument of its `train_and_score`."""
    return {
        name: read_frame(
            conn,
            sql.SQL("select * from {}").format(sql.Identifier(*relation.split("."))),
        )
        for name, relation in model.inputs.items()
    }


def model_runs(conn: Connection) -> list[Run]:
    """Return every registered run, newest base_date first."""
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            "select * from ml.model_run order by base_date desc, run_id desc"
        ).fetchall()


def latest_run(conn: Connection, model: str) -> Run:
    """Return the model's newest run; QuanyuError when it has none."""
    runs = [run for run in model_runs(conn) if run["model"] == model]
    if not runs:
        raise QuanyuError(
            f"No run of a model called {model} is registered: `quanyu model train "
            f"{model if model in MODELS else next(iter(MODELS))}` makes one."
        )
    return runs[0]


def artefacts(conn: Connection, run: Run) -> dict[str, bytes]:
    """Return a run's artefacts by file name."""
    found = conn.execute(
        "select name, content from ml.artefacts where artefact_path = %s order by name",
        [run["artefact_path"]],
    )
    return dict(found.fetchall())


def past_outcomes(conn: Connection, model: str) -> list[dict[str, Any]]:
    """Return what the model said on past dates and what happened, newest date first."""
    built = conn.execute(
        "select to_regclass('reporting.rpt_model_outcomes') is not null"
    ).fetchone()
    if built != (True,):
        return []
    with conn.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(
            "select base_date::text, brand_code, band, known_count, predicted_rate,"
            " observed_rate, predicted_amount, observed_amount"
            " from reporting.rpt_model_outcomes where model = %s"
            " order by base_date desc, brand_code,"
            " array_position(array['high', 'mid', 'low', 'none'], band)",
            [model],
        ).fetchall()
    # A model speaks of rates or of amounts: columns of the others are left out.
    used = {name for row in found for name, value in row.items() if value is not None}
    return [
        {name: value for name, value in row.items() if name in used} for row in found
    ]


def pictures(conn: Connection, run: Run | None) -> dict[str, str]:
    """Return a run's pictures by name, as Markdown with the picture inside."""
    if run is None:
        return {}
    return {
        name.removesuffix(".png"): picture(name, content)
        for name, content in artefacts(conn, run).items()
        if name.endswith(".png")
    }


def last_month_end(day: date) -> date:
    """Return the newest last day of a month that is not after `day`."""
    is_month_end = (day + timedelta(days=1)).day == 1
    return day if is_month_end else day.replace(day=1) - timedelta(days=1)


def scoring_date(conn: Connection, as_of: date | None) -> date | None:
    """Return the month end the features were built to score, None without one.

    Raises QuanyuError when there are no features, or they are of another day.
    """
    built = conn.execute("select to_regclass('features.feat_base_dates')").fetchone()
    if built == (None,):
        raise QuanyuError("The features are not built yet: `quanyu run` builds them.")
    found = conn.execute(
        "select base_date from features.feat_base_dates where is_scoring"
    ).fetchone()
    if found is None:
        return None
    base_date: date = found[0]
    if as_of and base_date != last_month_end(as_of):
        raise QuanyuError(
            f"The features were built to score {base_date} and {as_of} was asked for: "
            f"run `quanyu run --base-date {as_of}`, which builds them first."
        )
    return base_date


def _run(
    conn: Connection, model: str, base_date: date, traits: Mapping[str, Any]
) -> Run | None:
    wanted = {"model": model, "base_date": base_date, **traits}
    statement = sql.SQL(
        "select * from ml.model_run where retired_at is null and {}"
    ).format(
        sql.SQL(" and ").join(
            sql.SQL("{} = {}").format(sql.Identifier(name), sql.Placeholder(name))
            for name in wanted
        )
    )
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(statement, wanted).fetchone()


def _retire(conn: Connection, successor: ModelRun) -> None:
    conn.execute(
        "update ml.model_run set retired_at = %s where model = %s"
        " and base_date = %s and is_published and retired_at is null",
        [successor.finished_at, successor.model, successor.base_date],
    )


def register(conn: Connection, run: ModelRun) -> Run:
    """Write the record of a run and return it with its number."""
    values = {
        name: Jsonb(dict(value)) if isinstance(value, Mapping) else value
        for name, value in vars(run).items()
    }
    statement = sql.SQL("insert into ml.model_run ({}) values ({}) returning *").format(
        sql.SQL(", ").join(map(sql.Identifier, values)),
        sql.SQL(", ").join(map(sql.Placeholder, values)),
    )
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(statement, values).fetchall()[0]


def _keep_artefacts(
    conn: Connection, run: ModelRun, contents: Mapping[str, bytes]
) -> None:
    with conn.cursor() as cursor:
        cursor.executemany(
            "insert into ml.artefacts (artefact_path, name, media_type, content)"
            " values (%s, %s, %s, %s) on conflict do nothing",
            [
                (run.artefact_path, name, _MEDIA_TYPES[name.split(".")[-1]], content)
                for name, content in contents.items()
            ],
        )


def publish(conn: Connection, run: Run, table: str, rows: pd.DataFrame) -> None:
    """Swap the rows of the run's base_date, of its model where a table is shared.

    A partition belongs to the run published for its base_date, without naming it.
    """
    if is_partitioned(conn, f"ml.{table}"):
        swap_in(conn, f"ml.{table}", run["base_date"], rows)
        return
    partition = {"base_date": run["base_date"]}
    if table == SCORES:
        partition["model"] = run["model"]
    conn.execute(
        sql.SQL("delete from {} where {}").format(
            sql.Identifier("ml", table),
            sql.SQL(" and ").join(
                sql.SQL("{} = {}").format(sql.Identifier(name), sql.Placeholder(name))
                for name in partition
            ),
        ),
        partition,
    )
    copy_frame(conn, f"ml.{table}", rows.assign(**partition, run_id=run["run_id"]))
    if table in _KEPT_DATES:
        conn.execute(
            sql.SQL(
                "delete from {0} where base_date not in (select base_date from {0}"
                " group by base_date order by base_date desc limit %s)"
            ).format(sql.Identifier("ml", table)),
            [_KEPT_DATES[table]],
        )
