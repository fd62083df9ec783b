# applaunch: `make demo` shows the main job on a real engine, `make test` proves everything.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
ENGINES ?=
BENCH ?=
ATTACK ?=

.PHONY: help demo bench test attack matrix unit engine lint types check schema rig-up rig-down clean

help:
	@echo 'make demo      set up engine, images and a web server, and run the main job'
	@echo 'make bench     side by side with docker run --rm, as a table (BENCH="--rounds 9 --only cold loops --out FOLDER")'
	@echo 'make test      everything: unit tests, then the tests on the real engine'
	@echo 'make attack    every attack that is tried on applaunch, counted (ATTACK="secrets projects"), as a table'
	@echo 'make matrix    the behaviour tests on every engine that runs here (ENGINES="docker podman"), as a table'
	@echo 'make unit      the tests that need no engine, on all cores (minutes)'
	@echo 'make engine    the tests on the real engine'
	@echo 'make check     lint and types'
	@echo 'make schema    write catalog.schema.json anew, from the keys and docs/catalog.md'
	@echo 'make rig-up    start the engine, the registry and the images of the tests'
	@echo 'make rig-down  stop them; what is built stays cached'

$(VENV)/ready: pyproject.toml .ci/venv
	PYTHON=$(PYTHON) .ci/venv $(VENV)
	touch $@

demo: $(VENV)/ready
	$(BIN)/python -m tests.sessions --show docs/sessions/demo.session

bench: $(VENV)/ready
	$(BIN)/python -m benchmarks $(BENCH)

test: unit engine

attack: $(VENV)/ready
	$(BIN)/python -m tests.attack $(ATTACK)

matrix: $(VENV)/ready
	$(BIN)/python -m tests.matrix $(ENGINES)

unit: $(VENV)/ready
	$(BIN)/pytest -n auto -m 'not engine'

engine: $(VENV)/ready
	$(BIN)/pytest -m engine

lint: $(VENV)/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/ready
	$(BIN)/mypy

check: lint types

schema: $(VENV)/ready
	$(BIN)/python -m tests.schema

rig-up: $(VENV)/ready
	$(BIN)/python -m tests.rig up

rig-down: $(VENV)/ready
	$(BIN)/python -m tests.rig down

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
