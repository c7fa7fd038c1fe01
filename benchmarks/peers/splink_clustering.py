"""Splink's clustering on DuckDB; run by the Python that has Splink, not by ours.

    python splink_clustering.py nodes.parquet edges.parquet out.parquet

Nodes have node_id, edges node_id_l and node_id_r; the output is node_id, cluster_id.
"""

from __future__ import annotations

import sys

import duckdb
from splink import DuckDBAPI
from splink.clustering import cluster_pairwise_predictions_at_threshold


def main(nodes: str, edges: str, out: str) -> None:
    """Cluster and write the result."""
    connection = duckdb.connect()
    connection.execute("set threads = 2")
    connection.execute("create table nodes as select * from read_parquet(?)", [nodes])
    connection.execute("create table edges as select * from read_parquet(?)", [edges])
    clusters = cluster_pairwise_predictions_at_threshold(
        nodes="nodes",
        edges="edges",
        db_api=DuckDBAPI(connection),
        node_id_column_name="node_id",
    )
    found = connection.table(clusters.physical_name).select("node_id", "cluster_id")
    found.write_parquet(out)


if __name__ == "__main__":
    main(*sys.argv[1:])
