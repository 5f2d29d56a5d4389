# The two commands of the README are `make demo` and `make test`; each sets itself up.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready

.PHONY: setup demo test check-long lint types lock peers clean

setup: $(STAMP)

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "freightpass needs Python 3.11 or newer; call: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python -r requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps -e .
	@touch $(STAMP)

demo: $(STAMP)
	$(BIN)/freightpass demo

# Tests on every core, up to four; whoever is done first takes over tests of the others.
PYTEST := $(BIN)/python -m pytest -n auto --maxprocesses 4 --dist worksteal

test: $(STAMP) lint types
	$(PYTEST) -m "not long"

check-long: $(STAMP)
	$(PYTEST) -m long

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: $(STAMP)
	$(BIN)/mypy

# After a change of dependencies: one lock for every Python and system, without registry addresses.
lock: $(STAMP)
	$(BIN)/uv pip compile pyproject.toml --group dev --universal --python-version 3.11 \
		--generate-hashes --no-header --no-annotate --no-emit-index-url --upgrade -o requirements.lock

# What the benchmarks of roadnet are measured beside, in an environment of its own; no test needs it.
PEERS := benchmarks/.peers
peers: $(PEERS)/ready

$(PEERS)/ready: $(STAMP) benchmarks/peers/requirements.txt benchmarks/peers/requirements-tiles.txt
	$(PYTHON) -m venv $(PEERS)/venv
	$(BIN)/uv pip install --quiet --python $(PEERS)/venv/bin/python -r benchmarks/peers/requirements.txt
	rm -rf $(PEERS)/wheels $(PEERS)/tiles-builder
	$(PEERS)/venv/bin/python -m pip download --quiet --disable-pip-version-check --no-deps \
		--only-binary :all: --python-version 3.12 -d $(PEERS)/wheels \
		-r benchmarks/peers/requirements-tiles.txt
	$(PEERS)/venv/bin/python -m zipfile -e $(PEERS)/wheels/*.whl $(PEERS)/tiles-builder
	chmod +x $(PEERS)/tiles-builder/valhalla/bin/valhalla_build_tiles
	@touch $@

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
