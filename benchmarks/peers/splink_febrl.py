"""Splink on a FEBRL file; run by the Python that has Splink, not by ours.

    python splink_febrl.py records.parquet blocks.json pairs.parquet

Records have rec_id and the nine fields, blocks are lists of fields; the output is
rec_id_l, rec_id_r of the pairs that are more probably one person than two.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import duckdb
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on


def main(records: str, blocks_file: str, out: str) -> None:
    """Train without labels, predict, write the pairs."""
    blocks = json.loads(Path(blocks_file).read_text("utf-8"))
    connection = duckdb.connect()
    connection.execute(
        "create table records as"
        " select rec_id as unique_id, * exclude (rec_id) from read_parquet(?)",
        [records],
    )
    database = DuckDBAPI(connection)
    settings = SettingsCreator(
        link_type="dedupe_only",
        blocking_rules_to_generate_predictions=[block_on(*block) for block in blocks],
        comparisons=[
            cl.JaroWinklerAtThresholds("given_name", [0.9, 0.7]),
            cl.JaroWinklerAtThresholds("surname", [0.9, 0.7]),
            cl.LevenshteinAtThresholds("street_number", [1]),
            cl.JaroWinklerAtThresholds("address_1", [0.9, 0.7]),
            cl.JaroWinklerAtThresholds("address_2", [0.9, 0.7]),
            cl.JaroWinklerAtThresholds("suburb", [0.9, 0.7]),
            cl.LevenshteinAtThresholds("postcode", [1, 2]),
            cl.LevenshteinAtThresholds("state", [1]),
            cl.LevenshteinAtThresholds("date_of_birth", [1, 2]),
        ],
    )
    linker = Linker(database.register("records"), settings)
    training = linker.training
    training.estimate_probability_two_random_records_match(
        [block_on("given_name", "surname", "date_of_birth")], recall=0.5
    )
    training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    for block in blocks:
        training.estimate_parameters_using_expectation_maximisation(block_on(*block))
    found = linker.inference.predict(threshold_match_probability=0.5)
    pairs = connection.table(found.physical_name)
    pairs.project("unique_id_l as rec_id_l, unique_id_r as rec_id_r").write_parquet(out)


if __name__ == "__main__":
    main(*sys.argv[1:])
