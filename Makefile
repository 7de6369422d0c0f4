# Everything that people and CI do here: serve, test, check, bench, docs, requirements. `make help` lists it.
# Needs python3 (3.11 or newer), make and git; everything else is installed by the targets that need it.

VENV ?= .venv
BENCH_VENV ?= .venv-bench
BIN = $(VENV)/bin
ARGS ?=
PYTEST_ARGS ?=
# Tests run side by side, each process with data folder and database of its own. JOBS=0 runs them one by one.
JOBS ?= auto
# A process takes over what another has not come to yet: so tests of one file share its servers and browsers.
PYTEST = $(BIN)/pytest -n $(JOBS) --maxprocesses 4 --dist worksteal

# pip is told to take nothing but the pinned bytes, and to build the project with the pinned setuptools.
PIP = $(BIN)/python -m pip --disable-pip-version-check
INSTALL = $(PIP) install --quiet --require-hashes --requirement
INSTALL_PROJECT = $(PIP) install --quiet --no-deps --no-build-isolation --editable .

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SUFFIXES:
.PHONY: help serve test check gates format bench docs requirements clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' Makefile

serve: $(VENV)/.base ## Start an instance: make serve ARGS="--port 8000 --data var"
	@exec $(BIN)/strongroom serve $(ARGS)

check: gates ## The gates and the fast tests, which need no database; under two minutes
	$(PYTEST) -m "not slow and not journey" --without-database $(PYTEST_ARGS)

gates: $(VENV)/.lint ## Format, lint, types and import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: $(VENV)/.test ## The whole suite on SQLite, then what touches the database on PostgreSQL
	@sh tests/support/install-system-packages test
	$(PYTEST) $(PYTEST_ARGS)
	$(PYTEST) --database postgresql --touching-database $(PYTEST_ARGS)

bench: $(VENV)/.base $(BENCH_VENV)/.bench ## Compare with pypiserver, devpi-server and nginx; writes bench/results.md
	@sh tests/support/install-system-packages bench
	$(BIN)/python -m bench --peers $(BENCH_VENV) $(ARGS)

docs: $(VENV)/.base ## Write the generated pages of docs/ anew
	$(BIN)/python -m docs.generate

format: $(VENV)/.lint ## Lay out the code and fix what can be fixed by itself
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

requirements: $(VENV)/.test ## Resolve the newest versions and pin them with hashes
	sh requirements/compile $(BIN)/uv

clean: ## Remove the environments and the caches; data in var/ stays
	rm -rf $(VENV) $(BENCH_VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

# ---- Environments: a stamp beside each list of pins says that it is installed -------------------------------------

$(BIN)/python:
	@sh requirements/make-venv $(VENV)

$(VENV)/.base: requirements/base.txt pyproject.toml | $(BIN)/python
	@echo "Installing Strongroom into $(VENV); this takes a minute the first time."
	@$(INSTALL) requirements/base.txt
	@$(INSTALL_PROJECT)
	@touch $@

$(VENV)/.test: requirements/test.txt $(VENV)/.base
	@echo "Installing the tests' packages into $(VENV)."
	@$(INSTALL) requirements/test.txt
	@touch $@

$(VENV)/.lint: requirements/lint.txt $(VENV)/.test
	@echo "Installing the checkers into $(VENV)."
	@$(INSTALL) requirements/lint.txt
	@touch $@

$(BENCH_VENV)/.bench: requirements/bench.txt
	@echo "Installing pypiserver and devpi-server into $(BENCH_VENV), to be compared with."
	@sh requirements/make-venv $(BENCH_VENV)
	@$(BENCH_VENV)/bin/python -m pip --disable-pip-version-check install --quiet --require-hashes --requirement $<
	@touch $@
