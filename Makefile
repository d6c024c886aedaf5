# Needs make, a POSIX shell and Python 3.11 or later. Everything it makes is in .venv and, for running, in .probity.
PYTHON ?=
VENV := .venv
RUN := $(VENV)/bin/python
STAMP := $(VENV)/.ready
LOCK := $(RUN) -m piptools compile --quiet --generate-hashes --allow-unsafe --strip-extras \
	--no-emit-index-url --no-emit-find-links --no-emit-trusted-host $(ARGS)

.DEFAULT_GOAL := help
.PHONY: help setup test lint types alerts demo up snapshots mutants bench midnight lifecycles tuning chaos rehearse previous lock clean clean-data

help: ## list what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' Makefile

setup: $(STAMP) ## make the Python environment from the lock

# A stamp written last: an interrupted install is done again, a finished one only when the lock or the project changes.
$(STAMP): requirements-dev.lock pyproject.toml
	@if [ -h $(VENV) ]; then \
		echo "$(VENV) is a link: making it anew would clear what others use. Remove the link first." >&2; \
		exit 1; \
	fi
	@for python in $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11; do \
		"$$python" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
		exec "$$python" -m venv --clear $(VENV); \
	done; \
	echo "Probity needs Python 3.11 or later with its venv module: install one, or name it with make PYTHON=/its/path." >&2; \
	exit 1
	$(RUN) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(RUN) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

# The tests start our programs some hundred times: compiled once, whatever the surroundings say of that.
test: export PYTHONDONTWRITEBYTECODE =
test: $(STAMP) ## run every test, on two cores; ARGS="-k deadline" goes to pytest
	$(RUN) -m pytest -n 2 --dist loadfile --max-worker-restart=0 $(ARGS)

lint: $(STAMP) ## check style and format
	$(RUN) -m ruff check
	$(RUN) -m ruff format --check

types: $(STAMP) ## check types
	$(RUN) -m mypy

alerts: ## check the alerts and play to each what it fires on; needs promtool, which comes with Prometheus
	promtool check rules deploy/alerts.yaml
	promtool test rules tests/alerts.yaml

demo: $(STAMP) ## play four cases from referral to outcome on an embedded Temporal and Postgres; ARGS=--full tells all
	@$(RUN) -m deploy.demo $(ARGS)

up: $(STAMP) ## run the engine on an embedded Temporal and Postgres until Ctrl-C; data stay in .probity
	@$(RUN) -m deploy.up $(ARGS)

snapshots: $(STAMP) ## write the due dates of every time limit and the schema of the database anew, for review as a diff
	@$(RUN) -m tests.deadline_snapshots
	@$(RUN) -m tests.schema_snapshot

mutants: $(STAMP) ## change each row of the law in turn and see a test fail; ARGS=suspension chooses by name
	@$(RUN) -m tests.mutants $(ARGS)

bench: $(STAMP) ## measure the record beside its yardsticks; needs: pip install eventsourcing "psycopg[binary,pool]"
	@$(RUN) -m benchmarks.record

midnight: $(STAMP) ## measure many deadlines of one midnight; ARGS="--cases 500 calm" chooses
	@$(RUN) -m benchmarks.midnight $(ARGS)

lifecycles: $(STAMP) ## measure whole lifecycles beside dbos; needs: pip install dbos; ARGS=killed for a killed worker
	@$(RUN) -m benchmarks.lifecycles $(ARGS)

tuning: $(STAMP) ## measure what the settings of a worker are worth; ARGS="--rounds 5" chooses
	@$(RUN) -m benchmarks.tuning $(ARGS)

chaos: $(STAMP) ## kill the servers for five minutes while cases are played; ARGS="--seed 7 --seconds 60 --cases 20"
	@$(RUN) -m tests.chaos $(ARGS)

rehearse: $(STAMP) ## upgrade the worker with open cases, and back; ARGS="--cases 100 --seconds 90"
	@$(RUN) -m tests.rehearse $(ARGS)

previous: $(STAMP) ## run the acceptance tests of the last release on today's schema; ARGS=v1.0 names another
	@$(RUN) -m tests.previous $(ARGS)

lock: $(STAMP) ## write both lock files anew from pyproject.toml; ARGS=--upgrade takes newer versions
	CUSTOM_COMPILE_COMMAND="make lock" $(LOCK) --output-file requirements.lock pyproject.toml
	CUSTOM_COMPILE_COMMAND="make lock" $(LOCK) --extra dev --constraint requirements.lock \
		--output-file requirements-dev.lock pyproject.toml

clean: ## remove the Python environment and caches
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis build dist probity.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

clean-data: ## remove the data of `make up` (for root they are behind a link, see deploy/as_root.py)
	@if [ -h .probity/postgres ]; then rm -rf "$$(readlink .probity/postgres)"; fi
	rm -rf .probity
