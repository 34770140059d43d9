# `make demo` and `make test` set everything up by themselves. `make help` lists the rest.
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export JAX_PLATFORMS ?= cpu
# Small matrices on several BLAS threads contend with everything else on the machine.
export OMP_NUM_THREADS ?= 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Where the environment forbids it, every start compiles all libraries anew: four seconds each time. They are compiled as
# they are first imported, not at the installation, which would compile what is never used.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help demo test test-long lint docs benchmarks lock clean
help:
	@echo "make demo        set up and assess the flagship case; prints the path of the brief"
	@echo "make test        set up and run all tests (under ten minutes on two cores)"
	@echo "make test-long   the slow tests: fuzzing, load, long chains, equal-precision comparisons"
	@echo "make lint        ruff and the strict type checker"
	@echo "make docs        build the documentation into docs/_build/html"
	@echo "make benchmarks  ratios against named peers, printed as tables"
	@echo "make lock        refresh the hash-locked requirements"
	@echo "make clean       remove the environment and all build products"

# The package itself goes in without dependencies: every one of them comes from the lock, with its hash.
$(VENV)/.runtime: requirements.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null 2>&1 || { echo "Python is missing. Install Python 3.11 or newer (Debian: apt-get install python3 python3-venv)." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; $$($(PYTHON) --version) was found. Name another one: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "Python's venv module is missing (Debian: apt-get install python3-venv)." >&2; exit 1; }
	@echo "Setting up $(VENV) (once, about a minute)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --no-compile --require-hashes --requirement requirements.lock
	@$(BIN)/python -m pip install --quiet --no-compile --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime requirements-dev.lock
	@echo "Adding the tools for tests and docs"
	@$(BIN)/python -m pip install --quiet --no-compile --require-hashes --requirement requirements-dev.lock
	@touch $@

demo: $(VENV)/.runtime
	@$(BIN)/excomm assess ukraine-2024

# The workers share two cores: JAX's own threads would only contend.
test: $(VENV)/.dev
	@$(BIN)/python -m pytest -n 2 --dist loadfile -m "not long" $(ARGS)

test-long: $(VENV)/.dev
	@$(BIN)/python -m pytest -m "long" $(ARGS)

lint: $(VENV)/.dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

docs: $(VENV)/.dev
	@$(BIN)/sphinx-build -W --keep-going -q -b html docs docs/_build/html && echo "docs/_build/html/index.html"

benchmarks: $(VENV)/.dev
	@for file in benchmarks/*.py; do echo "== $$file"; $(BIN)/python $$file || exit 1; done

# `uv` only resolves here; installing needs nothing but pip.
lock:
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate \
	  --quiet pyproject.toml requirements-build.in --output-file requirements.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate \
	  --quiet pyproject.toml requirements-build.in --group dev --all-extras --constraint requirements.lock --output-file requirements-dev.lock

clean:
	rm -rf $(VENV) build dist docs/_build .pytest_cache .mypy_cache .ruff_cache
