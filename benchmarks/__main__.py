"""Run one benchmark by its name, or all; each ends with one line of JSON.

    python -m benchmarks                       all of them, one after the other
    python -m benchmarks sample --people 1000  one, with its own arguments

`make bench-<name>` runs one; variables given to make are in its environment.
"""

from __future__ import annotations

import pkgutil
import runpy
import sys

import benchmarks

NAMES = [
    module.name
    for module in pkgutil.iter_modules(benchmarks.__path__)
    if module.name != "__main__" and not module.ispkg
]


def main() -> None:
    """Run the benchmark named, or all."""
    name, *given = sys.argv[1:] or [""]
    if name and name not in NAMES:
        raise SystemExit(f"no benchmark {name}: there are {', '.join(NAMES)}")
    for chosen in [name] if name else NAMES:
        print(f"== {chosen}", flush=True)
        sys.argv = [chosen, *given]
        runpy.run_module(f"benchmarks.{chosen}", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
