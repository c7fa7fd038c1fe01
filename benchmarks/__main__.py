"""Run every benchmark; each ends with one line of JSON that holds all its figures."""

from __future__ import annotations

import pkgutil
import runpy

import benchmarks

if __name__ == "__main__":
    for module in pkgutil.iter_modules(benchmarks.__path__):
        if module.name != "__main__":
            print(f"== {module.name}", flush=True)
            runpy.run_module(f"benchmarks.{module.name}", run_name="__main__")
