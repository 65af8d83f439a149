# Two commands for a newcomer: `make demo` and `make test`. Everything else is for those who stay.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
# A version alone will do: PYTHON=3.13.
INTERPRETER := $(if $(filter 3.%,$(PYTHON)),python$(PYTHON),$(PYTHON))
VENV   := .venv
BIN    := $(VENV)/bin
ARGS   ?=
JOBS   ?= auto
PIP    := $(BIN)/python -m pip install --quiet --disable-pip-version-check
# Every lock holds what the production one holds; none holds the address of an index.
COMPILE := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --extra fast --extra traces --group build

.PHONY: demo test bench hostile proof drill soak lint lock generate clean help

help: ## what can be made
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

# A Python that is named anew takes the place of the one in the environment; one that does not run is an error.
ifneq ($(filter command environment,$(firstword $(origin PYTHON))),)
VERSION := -c "import sys; print(sys.version)"
NAMED := $(shell "$(INTERPRETER)" $(VERSION) 2>/dev/null)
ifeq ($(NAMED),)
$(error PYTHON=$(PYTHON): $(INTERPRETER) does not run here; name one that does, or its path: make PYTHON=/usr/bin/python3.11)
endif
$(shell [ -x $(BIN)/python ] && [ "$(NAMED)" != "$$($(BIN)/python $(VERSION))" ] && rm -rf $(VENV))
endif

$(BIN)/python:
	@"$(INTERPRETER)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; name one with: make PYTHON=python3.11" >&2; exit 2; }
	"$(INTERPRETER)" -m venv $(VENV)

$(VENV)/.runtime: requirements/runtime.lock pyproject.toml | $(BIN)/python
	@echo "installing locked dependencies (once)…"
	@$(PIP) --require-hashes -r requirements/runtime.lock
	@$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.mocks: requirements/mocks.lock $(VENV)/.runtime
	@echo "installing the locked libraries of the mocks (once)…"
	@$(PIP) --require-hashes -r requirements/mocks.lock
	@touch $@

$(VENV)/.dev: requirements/dev.lock lgsp_client/pyproject.toml $(VENV)/.runtime
	@echo "installing locked test dependencies (once)…"
	@$(PIP) --require-hashes -r requirements/dev.lock
	@$(PIP) --no-deps --no-build-isolation -e ./lgsp_client
	@touch $@

demo: $(VENV)/.mocks ## mocks + gateway, a lookup of each system, and where to click (ARGS=--once to leave after)
	@$(BIN)/lgsp demo $(ARGS)

test: $(VENV)/.dev ## every test that this machine can run (JOBS processes)
	@$(BIN)/python -m pytest -n $(JOBS) --dist loadfile $(ARGS)

lint: $(VENV)/.dev ## style, types, import contracts, spelling
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/codespell
	$(BIN)/deptry .
	$(BIN)/deptry --config lgsp_client/pyproject.toml lgsp_client/src
	$(BIN)/interrogate -q tests

bench: $(VENV)/.dev ## ratios to baselines of the same run
	@$(BIN)/python -m benchmarks $(ARGS)

hostile: $(VENV)/.dev ## attacks on a gateway: the longest stall of another client, and memory (three minutes)
	@$(BIN)/python -m benchmarks.hostile $(ARGS)

proof: $(VENV)/.dev ## a random walk of the lanes; a thousand applications and ten thousand dossiers on bad days; gateways killed and stopped at each named point beside a country that counts (an hour)
	@$(BIN)/python -m tests.proof.walk --steps 20000
	@$(BIN)/python -m tests.proof.crowd outage
	@$(BIN)/python -m tests.proof.crowd flaky
	@$(BIN)/python -m tests.proof.dossiers
	@$(BIN)/python -m tests.proof.releases
	@$(BIN)/python -m tests.proof.restart
	@$(BIN)/python -m tests.proof.together
	@cd deploy/prometheus && promtool test rules alerts_test.yaml
	@$(BIN)/python -m tests.proof $(ARGS)

drill: $(VENV)/.dev ## the mock country breaks and a real Prometheus watches: each alert fires for its cause, and ends (some minutes)
	@$(BIN)/python -m tests.drill $(ARGS)

soak: $(VENV)/.dev ## faults roll over the mock country, 20 MB bodies and bombs among them, under a limit of 512 MB: a table (ten minutes, ARGS=--minutes=5)
	@$(BIN)/python -m tests.soak $(ARGS)

generate: $(VENV)/.dev ## files that are generated from the code: gateway OpenAPI, configuration schema, tables of the pages, alert rules, dashboards, lgsp_client
	$(BIN)/lgsp openapi --output contracts/gateway/openapi.yaml
	$(BIN)/lgsp schema --output config/schema.json
	$(BIN)/python docs/generate.py
	$(BIN)/python -m monitoring
	cd lgsp_client && ../$(BIN)/python -m generator

lock: ## renew the locked versions (needs uv)
	$(COMPILE) -o requirements/runtime.lock pyproject.toml
	$(COMPILE) --extra mocks --extra embedded -c requirements/runtime.lock -o requirements/mocks.lock pyproject.toml
	$(COMPILE) --extra mocks --extra embedded --group dev -c requirements/mocks.lock -o requirements/dev.lock pyproject.toml

clean: ## remove the environment and what tools leave
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .schemathesis
