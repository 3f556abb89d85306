# Everything that a person does with this project, one word each. `make help` lists them.
# Every target makes the environment (.venv) itself, and makes it anew when pyproject.toml or constraints.txt change.

# The first interpreter on the path that is new enough; `make PYTHON=/path/to/python …` chooses another.
PYTHON ?= $(shell for name in python3 python3.11 python3.12 python3.13 python3.14 python; do \
	"$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$name"; break; }; done)

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
ROUNDS ?= 50
SIZE ?= embedded
COVER ?= --cov --cov-report=term
# Tests mostly wait, for servers and clocks: one worker more than there are cores, each with a broker that it may kill.
WORKERS ?= $(shell cores=$$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2); echo $$((cores < 4 ? cores + 1 : 4)))
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help install demo test check fix bench bench-quality guard chaos schemas lock services services-stop clean \
	boards check-lint check-format check-types check-floors check-licences check-constraints check-schemas \
	bench-ingress bench-normalizer bench-dispatch bench-e2e bench-growth soak

help: ## what can be made
	@echo "make install   the environment in $(VENV), from pinned dependencies"
	@echo "make demo      a simulated city's traffic through everything, and the ledger at the end"
	@echo "               SIZE=kafka: the same over a real Kafka and PostgreSQL, seven processes"
	@echo "make test      all tests in random order, with branch coverage   (ARGS='tests/recipes -x' for some)"
	@echo "               COVER= leaves coverage out, in four fifths of the time; WORKERS=0 runs one after the other"
	@echo "make check     style, types, floors, licences, pins, schema copies; changes nothing"
	@echo "make fix       mend and format what can be mended by itself"
	@echo "make bench     how fast it is beside a bare client in the same run, 15 minutes   (ARGS='--scale 0.2 --minutes 2')"
	@echo "               bench-ingress, bench-normalizer, bench-dispatch, bench-e2e: one part of it"
	@echo "make bench-quality  how often it is right: understanding, duplicates, candidates   (ARGS=--write: docs/quality.md)"
	@echo "make bench-growth  what a message costs when 10,000, 1 and 5 million are stored   (ARGS='10k 100k': quicker)"
	@echo "make soak      memory of each process over half an hour, and what 2 and 4 normalizers bring   (ARGS='--minutes 5')"
	@echo "make guard     whether 100 messages still cost what they may: statements, bytes, calls   (ARGS=--write renews it)"
	@echo "make chaos     kill, pause and cut off every part of it, ROUNDS=$(ROUNDS) times, and audit"
	@echo "make schemas   write the JSON Schemas in schemas/v*/ from the models"
	@echo "make boards    write the catalogue of metrics, the alerts and Grafana's boards from tools/observability"
	@echo "make lock      write constraints.txt from what is installed"
	@echo "make services       a real Kafka and PostgreSQL on free ports, data in .services/   (ARGS='--brokers 3')"
	@echo "make services-stop  stop them; the data stays"
	@echo "make clean     remove the environment and caches"
	@echo "Another interpreter: make PYTHON=/path/to/python3.12 install"

install: $(STAMP) ## the environment
	@echo "ready: $(BIN)/muara --help"

$(STAMP): pyproject.toml constraints.txt
	@if [ -z "$(PYTHON)" ] || ! "$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
		echo "Muara needs Python 3.11 or newer; found: $$( ("$(or $(PYTHON),python3)" --version || echo none) 2>&1 | head -n 1)." >&2; \
		echo "Install one (Debian: apt-get install python3 python3-venv) or name one: make PYTHON=/path/to/python3.12 install" >&2; \
		exit 1; fi
	@if ! $(BIN)/python -m pip --version >/dev/null 2>&1; then \
		echo "making $(VENV) with $$("$(PYTHON)" --version)"; \
		rm -rf $(VENV); \
		"$(PYTHON)" -m venv $(VENV) || { \
			echo "That Python cannot make environments. Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }; fi
	@rm -f $(STAMP)
	@echo "installing Muara and its pinned dependencies into $(VENV) (a minute or two)"
	@$(BIN)/python -m pip install --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $(STAMP)

demo: $(STAMP) ## the whole pipeline, end to end
ifeq ($(SIZE),embedded)
	@$(BIN)/muara demo $(ARGS)
else
	@$(BIN)/python -m tools.services run -- $(BIN)/muara demo --size $(SIZE) $(ARGS)
endif

test: $(STAMP) ## all tests
	@$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal $(COVER) $(ARGS)

# In the order of what is quick. `make -k check` goes on after the first failure.
check: check-lint check-format check-constraints check-licences check-schemas check-floors check-types ## style, types and the rest
	@echo "check: everything is in order"

check-lint: $(STAMP)
	@echo "check: style"
	@$(BIN)/ruff check .

check-format: $(STAMP)
	@echo "check: format"
	@$(BIN)/ruff format --check .

check-constraints: $(STAMP)
	@echo "check: pins"
	@$(BIN)/python -m tools.constraints check

check-licences: $(STAMP)
	@echo "check: licences"
	@$(BIN)/python -m tools.licences

check-schemas: $(STAMP)
	@echo "check: schema copies"
	@$(BIN)/python -m tools.schemas check

check-floors: $(STAMP)
	@echo "check: floors"
	@$(BIN)/lint-imports

check-types: $(STAMP)
	@echo "check: types"
	@$(BIN)/mypy

fix: $(STAMP) ## mend and format
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: $(STAMP) ## measurements
	@$(BIN)/python -m benchmarks $(ARGS)

bench-ingress bench-normalizer bench-dispatch bench-e2e: bench-%: $(STAMP) ## one part of it
	@$(BIN)/python -m benchmarks --only $* $(ARGS)

bench-quality: $(STAMP) ## shares of what is right
	@$(BIN)/python -m benchmarks.quality $(ARGS)

bench-growth: $(STAMP) ## what history costs
	@$(BIN)/python -m benchmarks.growth $(ARGS)

soak: $(STAMP) ## memory over time
	@$(BIN)/python -m benchmarks.soak $(ARGS)

guard: $(STAMP) ## counts against a budget
	@$(BIN)/python -m tools.services run -- $(BIN)/python -m benchmarks.guard $(ARGS)

chaos: $(STAMP) ## kills, pauses, cut connections
	@$(BIN)/python -m tests.chaos --rounds $(ROUNDS) $(if $(ALERTS),--alerts) $(ARGS)

schemas: $(STAMP) ## JSON Schemas
	@$(BIN)/python -m tools.schemas write

boards: $(STAMP) ## what operators see
	@$(BIN)/python -m tools.observability write

lock: $(STAMP) ## pins
	@$(BIN)/python -m tools.constraints write

services: $(STAMP) ## a real Kafka and PostgreSQL
	@$(BIN)/python -m tools.services start $(ARGS)

services-stop: $(STAMP) ## stop them
	@$(BIN)/python -m tools.services stop

clean: ## remove what was made
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage .coverage.* htmlcov
