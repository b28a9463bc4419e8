# `make help` lists what there is. Needs make, Python >= 3.11 with venv and pip; Linux x86-64.
.PHONY: help setup setup-dev run test check bench long axe faults seals simulate real clean

PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
UV := $(BIN)/uv pip
# tests/conftest.py says which tests stay together and which begin.
PYTEST := $(BIN)/pytest -n 3 --no-loadscope-reorder
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard src/huiyin/locale/*/LC_MESSAGES/django.po))
export UV_NO_PROGRESS := 1

help:
	@echo "make run    set everything up and serve the demo on http://127.0.0.1:8000"
	@echo "make test   set everything up, lint, and run all tests"
	@echo "make check  the linters alone"
	@echo "make bench  every path of many rows beside the bare SQL: make bench N=1000000"
	@echo
	@echo "Slower proofs, each with a short form in make test:"
	@echo "make long      what make test tries in a short form, in its long one"
	@echo "make axe       every page at both widths and in both languages"
	@echo "make faults    what can break is broken on purpose: make faults KILLS=300"
	@echo "make seals     random changes to a sealed ledger: make seals FACTS=1000000 BATCHES=100"
	@echo "make simulate  years of a firm beside a reference: make simulate SEEDS=200 DAYS=365"
	@echo "make real      public data, imported and compared: make real DATA=folder WENZHENG=folder"
	@echo "make clean     remove what was set up"

setup: .cache/setup.stamp $(CATALOGUES)

run: setup
	@$(BIN)/huiyin serve --demo --port $(PORT)

test: setup-dev
	@tools/browser_packages.sh
	@$(MAKE) --no-print-directory lint
	$(PYTEST)

# The long forms of what `make test` tries in a short one.
long: setup-dev
	@tools/browser_packages.sh
	HUIYIN_LONG=1 $(PYTEST) -m long
	HUIYIN_PROOF=50 $(BIN)/pytest tests/proof

# Every page at both widths and in both languages; `make test` looks at each page in one of them.
axe: setup-dev
	@tools/browser_packages.sh
	HUIYIN_AXE=all $(BIN)/pytest tests/browser/test_axe.py

# On scratch databases of the usual server; exit status 0 where every limit is kept.
N ?= 100000
bench: setup
	@$(BIN)/huiyin bench --n $(N)

# Random changes to a sealed ledger: make seals FACTS=1000000 BATCHES=100; a few are in `make test`.
FACTS ?= 1000000
BATCHES ?= 100
seals: setup-dev
	HUIYIN_DATA=.cache/seals $(BIN)/python -m tests.app.ledger.campaign $(FACTS) $(BATCHES)

# What can break is broken on purpose: make faults KILLS=300; a few of each are in `make test`.
KILLS ?= 300
faults: setup-dev
	$(BIN)/python -m tests.faults statements
	$(BIN)/python -m tests.faults kills --kills $(KILLS)
	$(BIN)/python -m tests.faults cuts
	$(BIN)/python -m tests.faults together
	$(BIN)/python -m tests.faults hosts

# Years of a firm on the simulated clock, beside a reference of its own: make simulate SEEDS=200
# DAYS=365; ten short ones are in `make test`. FIRST=17 SEEDS=1 lives one of them again.
SEEDS ?= 200
DAYS ?= 365
FIRST ?= 1
simulate: setup-dev
	HUIYIN_DATA=.cache/simulate HUIYIN_THROW_AWAY=1 $(BIN)/python -m tests.simulate.campaign $(SEEDS) $(DAYS) $(FIRST)

# Real files, imported and compared; what is not there is skipped:
# make real DATA=<folder of New York's requests> WENZHENG=<folder of citizens' messages>
real: setup-dev
	HUIYIN_REAL_DATA="$(DATA)" HUIYIN_WENZHENG_DATA="$(WENZHENG)" $(BIN)/pytest tests/real

check: setup-dev
	@$(MAKE) --no-print-directory lint

.PHONY: lint
lint:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	HUIYIN_DATA=.cache/lint $(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint --lint --quiet src

setup-dev: setup .cache/setup-dev.stamp

clean:
	rm -rf .venv .cache node_modules src/huiyin/ui/static/vendor src/huiyin/records/fonts

.venv/bin/uv:
	@tools/venv.sh "$(PYTHON)"

.cache/setup.stamp: .venv/bin/uv requirements/run.txt pyproject.toml package-lock.json tools/vendor.mjs tools/icons.txt tools/assets.sh
	@echo "· Python packages"
	@$(UV) install -q --python $(BIN)/python --require-hashes -r requirements/run.txt
	@$(UV) install -q --python $(BIN)/python --no-deps --no-build-isolation -e .
	@tools/assets.sh
	@mkdir -p .cache && touch $@

# Compiled by Babel, since a fresh machine has no msgfmt.
%.mo: %.po .cache/setup.stamp
	@echo "· messages: $<"
	@$(BIN)/python tools/messages.py compile $<

# The tests start some hundred processes: each would compile all of it where nothing may be written.
# Libraries are compiled once by what imports them first.
.cache/setup-dev.stamp: .cache/setup.stamp requirements/dev.txt
	@echo "· test tools"
	@$(UV) install -q --python $(BIN)/python --require-hashes -r requirements/dev.txt
	@$(BIN)/python -m compileall -q -j 0 src
	@tools/assets.sh --dev
	@touch $@
