# What a person runs is what CI runs. `make help` lists the targets.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/sh
BIN := .venv/bin
DBT := $(BIN)/dbt --quiet
DBT_FOLDERS := --project-dir dbt_project --profiles-dir dbt_project
MANIFEST := dbt_project/target/manifest.json
DBT_FILES := $(shell find dbt_project/dbt_project.yml dbt_project/profiles.yml \
	dbt_project/models dbt_project/macros dbt_project/seeds dbt_project/tests \
	dbt_project/docs dbt_project/snapshots -type f 2>/dev/null)

# Commands start hundreds of times: to compile the same modules anew in each is minutes.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup demo dev test services check bench faults compare-tags fuzz docs lock clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(MANIFEST) ## Install everything into .venv (the other targets do it themselves)

demo: .venv/.ready ## The whole way on a year of real purchases: files in, an audience out
	@$(BIN)/quanyu demo

dev: .venv/.ready ## Open the Dagster UI on this project's warehouse
	@$(BIN)/quanyu up
	@$(BIN)/quanyu dev

# One worker more than cores: each often waits for dbt, and dbt for the server all share.
# Files stay whole, the longest early.
WORKERS = $(shell nproc 2>/dev/null | awk '{n = $$1 + 1; print n < 4 ? n : 4}')

test: setup ## Run every test, on a PostgreSQL of their own
	@$(BIN)/pytest tests --numprocesses $(or $(WORKERS),2) --dist loadfile --no-loadscope-reorder

services: ## Start Redis, MariaDB and an SFTP server, for tests that are skipped without
	@$(FIND_PYTHON) && "$$python" scripts/services.py start

check: setup ## Format, lint, types, SQL style, dbt parse, manifest tests
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy
	@$(BIN)/sqlfluff lint --processes 0 --disable-progress-bar dbt_project/models
	@$(BIN)/pytest tests/dbt

bench: setup ## Measure what is meant to be fast; one of it: make bench-sample PEOPLE=100000
	@$(BIN)/python -m benchmarks

# Variables given to make (PEOPLE=...) are in the benchmark's environment.
bench-%: setup
	@$(BIN)/python -m benchmarks $*

faults: setup ## Kill and disturb syncs RUNS times (500), compare what is held with who may be
	@RUNS=$(or $(RUNS),500) $(BIN)/python -m benchmarks faults

compare-tags: setup ## Every tag beside its definition in Python; of sample data: HOUSEHOLDS=300
	@$(BIN)/python -m tests.e2e.compare_tags

fuzz: setup ## Throw 100,000 hostile conditions, and count 2,000 random ones in three ways
	@QUANYU_FUZZ=100000 $(BIN)/pytest -s tests/unit/audience/test_predicate_fuzz.py
	@QUANYU_CONDITIONS=2000 $(BIN)/pytest tests/integration/audience/test_engine_counts.py

docs: setup ## Write the generated pages and the dbt docs site
	@$(BIN)/quanyu up
	@$(BIN)/quanyu docs
	@$(BIN)/quanyu dbt docs generate

lock: ## Make requirements.lock again from pyproject.toml
	@$(FIND_PYTHON) && "$$python" scripts/setup.py lock

clean: ## Remove .venv, the warehouse of this project and everything built
	@if [ -x $(BIN)/quanyu ]; then $(BIN)/quanyu down --delete --yes; fi
	@$(FIND_PYTHON) && "$$python" scripts/services.py stop
	rm -rf .services .venv .quanyu dbt_project/target dbt_project/dbt_packages dbt_project/logs
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis quanyu.egg-info

# The first Python that is new enough and really runs, as the shell variable `python`.
FIND_PYTHON = for python in $(PYTHON) python3 python3.13 python3.12 python3.11 ''; do \
	"$$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' \
	2>/dev/null && break; done; \
	if [ -z "$$python" ]; then \
	echo 'quanyu needs Python 3.11, 3.12 or 3.13: install one, or name it with make PYTHON=/path/to/python.' >&2; \
	exit 1; fi

.venv/.ready: requirements.lock pyproject.toml dbt_project/packages.yml scripts/setup.py
	@$(FIND_PYTHON) && "$$python" scripts/setup.py

$(MANIFEST): .venv/.ready $(DBT_FILES)
	@rm -f dbt_project/target/parsed_for
	@$(DBT) parse $(DBT_FOLDERS)
	@touch $@
