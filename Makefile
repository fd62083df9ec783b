# applaunch: `make demo` runs the main example on a real engine, `make test` runs all tests.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
ENGINES ?=
BENCH ?=
ATTACK ?=
JOBS ?= auto
PYTEST = $(BIN)/pytest -n $(JOBS) --dist worksteal --durations=10

.PHONY: help demo bench figures test soak attack matrix unit engine lint types check schema rig-up rig-down clean

help:
	@echo 'make demo      set up an engine, images and a web server, and run the main example, also without an engine'
	@echo 'make bench     compare launches with docker run --rm, as a table (BENCH="--rounds 9 --only cold loops --out FOLDER")'
	@echo 'make figures   do the same, and write the figures into docs/speed and the pages'
	@echo 'make test      run all tests: unit tests and tests on a real engine, side by side (JOBS=4)'
	@echo 'make soak      run the long forms of the tests that repeat one thing (an hour)'
	@echo 'make attack    try all attacks on applaunch and count them, as a table (ATTACK="secrets projects")'
	@echo 'make matrix    run the behavior tests on every engine of this machine, as a table (ENGINES="docker podman")'
	@echo 'make unit      run the tests that need no engine, on all cores (minutes)'
	@echo 'make engine    run the tests on a real engine'
	@echo 'make check     run ruff and mypy'
	@echo 'make schema    regenerate catalog.schema.json from the keys and docs/catalog.md'
	@echo 'make rig-up    start the engine, the registry and the images for the tests'
	@echo 'make rig-down  stop them; built images stay cached'

$(VENV)/ready: pyproject.toml .ci/venv
	PYTHON=$(PYTHON) .ci/venv $(VENV)
	touch $@

demo: $(VENV)/ready
	$(BIN)/python -m tests.sessions --show docs/sessions/demo.session docs/sessions/bubblewrap.session

bench: $(VENV)/ready
	$(BIN)/python -m benchmarks $(BENCH)

figures: $(VENV)/ready
	$(BIN)/python -m benchmarks --out docs/speed $(BENCH)
	$(BIN)/python -m benchmarks.pages

test: $(VENV)/ready
	$(PYTEST)

soak: $(VENV)/ready
	APPLAUNCH_SOAK=1 $(PYTEST) -m soak

attack: $(VENV)/ready
	$(BIN)/python -m tests.attack $(ATTACK)

matrix: $(VENV)/ready
	$(BIN)/python -m tests.matrix $(ENGINES)

unit: $(VENV)/ready
	$(PYTEST) -m 'not engine'

engine: $(VENV)/ready
	$(PYTEST) -m engine

lint: $(VENV)/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

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
