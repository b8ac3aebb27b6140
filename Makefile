# Two commands: `make demo` and `make test`. Each sets up what it needs, in .venv, and nothing anywhere else.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
STAMP := $(VENV)/.synced

.PHONY: demo test setup check lint types imports bench bench-desk bench-mail quality fuzz lock clean

demo: setup
	@$(BIN)/claimwatch demo

test: setup
	@$(BIN)/python -m pytest -q -n auto --dist loadfile

setup: $(STAMP)

# uv itself comes from a hashed lock, then every package from the others, then the project without asking for more.
$(STAMP): requirements.lock requirements-dev.lock requirements-uv.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Claimwatch needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Say which: make PYTHON=python3.12")'
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "Python's venv or ensurepip is missing; on Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-uv.lock
	@$(UV) pip sync --quiet --python $(BIN)/python --require-hashes requirements.lock requirements-dev.lock requirements-uv.lock
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $(STAMP)

check: lint types imports test

lint: setup
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .

types: setup
	@$(BIN)/mypy

imports: setup
	@$(BIN)/lint-imports

bench: setup
	@$(BIN)/python bench/speed.py

bench-desk: setup
	@$(BIN)/python bench/desk.py

bench-mail: setup
	@$(BIN)/python bench/mail.py

quality: setup
	@$(BIN)/python bench/quality.py $(PAIRS)

# Coverage guides the search where the fuzzer has a wheel for this Python; elsewhere inputs are mutated at random.
fuzz: setup
	@$(UV) pip install --quiet --python $(BIN)/python --require-hashes --no-deps --only-binary :all: -r requirements-fuzz.lock || true
	@$(BIN)/python bench/fuzz.py

# The lock files hold hashes and no addresses, so they say nothing of where they were made.
LOCK := $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header
lock: setup
	@$(LOCK) pyproject.toml --extra postgresql -o requirements.lock
	@$(LOCK) --group dev -c requirements.lock -o requirements-dev.lock
	@echo uv | $(LOCK) - -o requirements-uv.lock
	@echo 'atheris>=3,<3.1 ; python_version < "3.14" and sys_platform == "linux"' | $(LOCK) - -o requirements-fuzz.lock

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
