# `make help` lists what there is. `make up` works in a fresh clone on a Linux machine with git, make, and Python.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules

PYTHON ?= $(firstword $(foreach name,python3.11 python3.12 python3.13 python3,$(shell command -v $(name) 2>/dev/null)))
VENV := .venv
BIN := $(VENV)/bin
# The environment is as new as what it was made from: the locks, and this project's own description.
STAMP := $(VENV)/installed-$(firstword $(shell cat requirements-dev.lock requirements-bootstrap.lock pyproject.toml | sha256sum))
BOOTSTRAP := .bootstrap
UV := $(or $(shell command -v uv 2>/dev/null),$(BOOTSTRAP)/bin/uv)
# uv brings its own certificates unless told to use the machine's, which is what pip does.
export UV_SYSTEM_CERTS ?= true
COMPILE := $(UV) pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11

.PHONY: help
help: ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# --- the stack ---------------------------------------------------------------------------------------

.PHONY: up
up: $(STAMP) ## Install what is missing, start everything, and show where it is (ARGS=… as `bilten up --help`)
	@$(BIN)/bilten up $(ARGS)

.PHONY: down
down: $(STAMP) ## Stop everything; the data stays
	@$(BIN)/bilten down

.PHONY: clean-data
clean-data: $(STAMP) ## Stop everything and delete its data, after asking
	@$(BIN)/bilten clean-data $(ARGS)

.PHONY: analyst
analyst: $(STAMP) ## Open a shell for dbt and SQL, with databases of your own that go away with it
	@$(BIN)/bilten analyst $(ARGS)

# --- checks ------------------------------------------------------------------------------------------

.PHONY: check
check: $(STAMP) ## What must hold before a commit; needs no services
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(MAKE) --no-print-directory check-generated
	$(BIN)/dbt parse --quiet --project-dir dbt_project --profiles-dir dbt_project
	$(BIN)/pytest -q -n 2 -m "not stack and not warehouse and not postgresql and not browser"

.PHONY: check-generated
check-generated: $(STAMP)
	state() { { git diff HEAD; git ls-files -o --exclude-standard -z | xargs -0 -r sha256sum; } | sha256sum; }
	before=$$(state)
	$(MAKE) --no-print-directory generate
	[ "$$before" = "$$(state)" ] || { echo "Generated files were not current; they are now, commit them." >&2; exit 1; }

.PHONY: test
test: $(STAMP) ## Every test, on the real components (ARGS=… for pytest)
	$(BIN)/pytest -n 2 --dist loadscope --no-loadscope-reorder --durations 12 -m "not long" $(ARGS)

.PHONY: faults
faults: $(STAMP) ## Inject every fault on a stack of its own and compare (ARGS="--seed S --minutes M": at random)
	@$(BIN)/python -m faults $(or $(ARGS),--report docs/reference/faults.md)

.PHONY: test-long
test-long: $(STAMP) ## The tests that take minutes: faults, cuts under traffic, a Cassandra of their own
	$(BIN)/pytest -m long $(ARGS)

.PHONY: bench
bench: $(STAMP) ## Measure (ONLY=name for one); writes bench.json into the data folder
	@$(BIN)/python -m benchmarks $(ONLY)

# --- what is written by programs ---------------------------------------------------------------------

.PHONY: generate
generate: $(STAMP) ## Write everything that follows from contracts, settings and errors
	$(BIN)/bilten contracts compile
	$(BIN)/python -m bilten.documentation

.PHONY: golden
golden: $(STAMP) ## Write the golden files again; review the difference
	BILTEN_GOLDEN=write $(BIN)/pytest -q -m "not stack and not browser" $(ARGS)

.PHONY: docs
docs: generate ## Write the reference pages, and dbt's own documentation from the running warehouse
	eval "$$($(BIN)/bilten env)"
	$(BIN)/dbt docs generate --project-dir dbt_project --profiles-dir dbt_project

.PHONY: lock
lock: $(STAMP) ## Resolve every dependency again and pin it with checksums
	$(COMPILE) pyproject.toml -o requirements.lock $(ARGS)
	$(COMPILE) pyproject.toml --group dev -c requirements.lock -o requirements-dev.lock $(ARGS)
	$(BIN)/python -m stack.lock

# --- installation ------------------------------------------------------------------------------------

.PHONY: install
install: $(STAMP) ## Only install the Python environment

$(STAMP): | $(UV)
	@"$(PYTHON)" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || {
		echo "Python 3.11, 3.12 or 3.13 is needed; name it with \`make PYTHON=/path/to/python\`." >&2
		exit 1
	}
	echo "Installing the Python environment"
	[ -x $(BIN)/python ] || $(UV) venv --quiet --python "$(PYTHON)" $(VENV)
	$(UV) pip sync --quiet --python $(BIN)/python --require-hashes requirements-dev.lock
	$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	rm -f $(VENV)/installed-*
	touch $@

$(BOOTSTRAP)/bin/uv: requirements-bootstrap.lock
	@echo "Installing uv"
	"$(PYTHON)" -m pip install --quiet --upgrade --target $(BOOTSTRAP) --require-hashes -r $<
	touch $@
