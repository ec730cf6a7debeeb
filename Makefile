# Everything a person or CI runs. `make help` lists it. The environment is .venv at the root; only `demo` needs nothing more
# than Python (3.11 or newer, with venv) and make. Another Python: make demo PYTHON=python3.12
SHELL  := /bin/bash
PYTHON ?= $(shell command -v python3.11 || command -v python3)
JOBS   ?= 2
BIN    := .venv/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check --quiet

.DEFAULT_GOAL := help
.PHONY: help demo example pictures dev test bench check check-external lint types layers docs format constraints clean

help: ## list what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: .venv/installed ## build the fictional example in build/demo and publish it
	@scripts/demo.sh build/demo

example: .venv/installed ## rebuild what is committed at the root: models/ and api/
	@scripts/demo.sh build/example
	@scripts/refresh_example.sh build/example

pictures: .venv/developing ## the README's pictures anew from what is committed (needs Chromium)
	$(BIN)/python scripts/pictures.py

dev: .venv/developing ## make .venv with what tests and checks need

test: .venv/developing ## run every test this machine can, and list those it cannot
	$(BIN)/python -m pytest -n $(JOBS) --dist loadfile --benchmark-disable --durations=15

bench: .venv/developing ## measure speed: tests/bench, in one process
	$(BIN)/python -m pytest tests/bench tests/bench/*_speed.py -n 0 --benchmark-only --benchmark-columns=min,median,max,rounds

check-external: .venv/developing ## open what models are written as in Blender, GDAL and cjval, where they are installed
	$(BIN)/python scripts/check_external.py

check: lint types layers docs ## lint, types, layers and docs

lint: .venv/developing
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/developing
	$(BIN)/mypy

layers: .venv/developing
	$(BIN)/lint-imports

docs: .venv/developing
	$(BIN)/python scripts/check_docs.py

format: .venv/developing ## sort imports and lay out the code
	$(BIN)/ruff check --fix --select I .
	$(BIN)/ruff format .

constraints: ## write constraints.txt anew from what resolves today (then run the tests)
	PYTHON=$(PYTHON) scripts/constraints.sh

clean: ## remove what was built, but not .venv
	rm -rf build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .benchmarks

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "geoinv needs Python 3.11 or newer: make PYTHON=python3.11")'
	@echo "making .venv with $(PYTHON): a few minutes, once"
	@$(PYTHON) -m venv .venv || { echo "no venv module: apt-get install python3-venv" >&2; exit 1; }

.venv/installed: pyproject.toml constraints.txt | .venv/bin/python
	$(PIP) install -c constraints.txt -e '.[formats]'
	@touch $@

.venv/developing: pyproject.toml constraints.txt | .venv/bin/python
	$(PIP) install -c constraints.txt -e '.[formats,heic,test,check]'
	@touch .venv/installed $@
