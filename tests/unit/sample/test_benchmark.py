from __future__ import annotations

import json
import subprocess
import sys


def run(*given: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "benchmarks", *given],
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_last_line_has_all_figures():
    done = run("sample", "--people", "200")
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout.splitlines()[-1])
    assert figures["people"] == 200
    assert 1_000 < figures["order_lines"] < 4_000
    assert figures["purchase_lines_per_s"] > 0
    whole = sum(figures["seconds"].values())
    assert abs(figures["lines_per_s"] - figures["order_lines"] / whole) < 10
    assert figures["peak_mb"] > 100
    assert figures["cpu_seconds"] > 0


def test_an_unknown_benchmark_names_those_there_are():
    done = run("sampel")
    assert done.returncode == 1
    assert "no benchmark sampel: there are" in done.stderr
    assert "sample" in done.stderr
