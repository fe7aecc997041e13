# make run: everything on this machine with demo data. make test: all tests. Each does its own set-up.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
BENCH := $(VENV)/.installed-bench
WORKERS ?= 2
export PYTHONDONTWRITEBYTECODE :=
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help run test chaos fuzz fuzz-api fuzz-floods bench bench-insights bench-clips test-celery test-k8s check fix install pins clean fuzz-erasure drill fuzz-tenancy fuzz-ssrf fuzz-idempotency fuzz-vault bench-identity fuzz-permissions fuzz-sessions fuzz-signin fuzz-signatures fuzz-ledger bench-money billing-life fuzz-last-credit fuzz-lives fuzz-billing

help:
	@echo "make run    everything on this machine, with demo data (Ctrl-C stops it and keeps the data)"
	@echo "make test   all tests, on a real PostgreSQL; make chaos: the slow faults of the whole stack"
	@echo "make fuzz   10,000 damaged media files through all that we do with one, an hour or two"
	@echo "make fuzz-api: made-up calls of every operation, a quarter of an hour; make fuzz-floods: floods on four workers, two minutes"
	@echo "make fuzz-erasure  100 workspaces erased and looked for; make drill: backup and restore, tried out"
	@echo "make fuzz-tenancy   a million calls as a neighbour, up to an hour; prints seed and counts (docs/security.md)"
	@echo "make fuzz-signatures: 200,000 webhooks that nobody signed, seconds"
	@echo "make fuzz-ssrf, fuzz-idempotency, fuzz-vault: the campaigns of docs/security.md in full, minutes each; WHYRAL_SEED=8: other chances"
	@echo "make fuzz-permissions  every route by every role and kind of key, a minute"
	@echo "make fuzz-sessions  10,000 sequences of refresh tokens, forged tokens, guesses; half an hour"
	@echo "make fuzz-signin  3,000 attacks on every way to sign in, some minutes; WHYRAL_FUZZ_SEED=7 repeats one"
	@echo "make fuzz-ledger   5,000 courses against a model, 5,000 flows that are killed; make fuzz-last-credit: 10,000 rounds of each; up to an hour each"
	@echo "make fuzz-lives    21,000 lives of payers, heard in any order; make fuzz-billing: 5,000 charges by processes that die; up to an hour each"
	@echo "make billing-life  the life of a subscription against the sandbox's Stripe, held against it to the cent; two minutes"
	@echo "make check  ruff, mypy, floors      make fix    what ruff can mend"
	@echo "make bench  benchmarks, most of half an hour; make bench-insights: what the insight engine finds, an hour;"
	@echo "            make bench-identity: walls, keys and logins, some minutes; make bench-clips: looking at videos, choosing, drawing and checking clips, a quarter of an hour"
	@echo "            make bench-money: holding and booking money, a few minutes"
	@echo "            ARGS=reads, ARGS=insights_deep: one of them; docs/benchmarks.md is written anew"
	@echo "make pins   write constraints.txt anew"

# uv where it is at hand, else pip; byte code is compiled either way, for every Dagster run starts a process.
$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "whyral needs Python 3.11 or later; set PYTHON=/path/to/python3.11"; exit 1; }
	@if command -v uv >/dev/null; then \
	  { test -x $(BIN)/python || uv venv --quiet --python "$$(command -v $(PYTHON))" $(VENV); } && \
	  uv pip install --quiet --python $(BIN)/python --compile-bytecode --constraint constraints.txt --editable '.[dev]'; \
	else \
	  { test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { echo "the module venv is missing: install python3-venv, or uv"; exit 1; }; } && \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'; \
	fi
	@$(BIN)/python -m compileall -q api assets domain gateways jobs resources sandbox sensors services store *.py
	@touch $@

install: $(STAMP)

run: $(STAMP)
	@exec $(BIN)/whyral up

test: $(STAMP)
	@$(browser)
	$(BIN)/python -m pytest -n $(WORKERS) -m "not chaos and not celery and not k8s and not fuzz and not drill and not erasure" $(ARGS)

# A browser, for what reads TikTok with one: from the system's packages, where we may ask for it. Nothing fails without it.
browser = $(BIN)/python -c 'import sys; from gateways.tiktok.browser import find; sys.exit(find("find")[0] is None)' || \
  { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && $(APT) update -qq && $(APT) install -qq --no-install-recommends chromium; } \
  >/dev/null || \
  echo "chromium is missing, so tests that need a browser are skipped: as root, apt-get install chromium (or your system's package of it)"
APT := DEBIAN_FRONTEND=noninteractive apt-get -o Acquire::Retries=0 -o Acquire::http::Timeout=20

chaos: $(STAMP)
	$(BIN)/python -m pytest -m chaos tests/stack $(ARGS)

fuzz: $(STAMP)
	$(BIN)/python -m pytest -n $(WORKERS) -m fuzz tests/gateways/media $(ARGS)

fuzz-api: $(STAMP)
	$(BIN)/python -m tests.campaigns.api $(ARGS)

fuzz-floods: $(STAMP)
	$(BIN)/python -m tests.campaigns.floods $(ARGS)

# A hundred workspaces: exported, erased, and looked for everywhere.
fuzz-erasure: $(STAMP)
	$(BIN)/python -m pytest -m erasure tests/rights $(ARGS)

# Back up, change, erase, restore elsewhere, compare.
drill: $(STAMP)
	$(BIN)/python -m pytest -m drill tests/rights $(ARGS)

fuzz-tenancy: $(STAMP)
	OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/python -m tests.canary --processes $(WORKERS) $(ARGS)

# The campaigns print their seed and their counts.
fuzz-ssrf: $(STAMP)
	$(BIN)/python -m pytest -s -m fuzz tests/trust/test_ssrf.py $(ARGS)

fuzz-idempotency: $(STAMP)
	$(BIN)/python -m pytest -s -m fuzz tests/trust/test_idempotency.py $(ARGS)

fuzz-vault: $(STAMP)
	$(BIN)/python -m pytest -s -m fuzz tests/trust/test_vault.py $(ARGS)

fuzz-permissions: $(STAMP)
	$(BIN)/python -m pytest -n 0 -s -m fuzz tests/api/test_permissions.py $(ARGS)

# Sessions and passwords: refresh tokens against a model, forged credentials, guesses, what time tells.
fuzz-sessions: $(STAMP)
	$(BIN)/python -m pytest -n 0 -m fuzz tests/services/test_refreshing.py tests/api/test_forgeries.py tests/api/test_guessing.py tests/api/test_timing.py $(ARGS)

fuzz-signin: $(STAMP)
	$(BIN)/python -m pytest -n 0 -s -m fuzz tests/api/sign_in $(ARGS)

# Stripe's and Dodo's, 100,000 each.
fuzz-signatures: $(STAMP)
	$(BIN)/python -m pytest -s -m fuzz tests/gateways/stripe_payments tests/gateways/dodo_payments $(ARGS)

fuzz-ledger: $(STAMP)
	$(BIN)/python -m pytest -s -n 0 -m fuzz tests/money/test_machine.py tests/money/test_killed.py $(ARGS)

# 100 takers at once.
fuzz-last-credit: $(STAMP)
	$(BIN)/python -m pytest -s -n 0 -m fuzz tests/money/test_last_credit.py $(ARGS)

# In memory and on the database; rules that are wrong have to be noticed.
fuzz-lives: $(STAMP)
	$(BIN)/python -m pytest -s -n 0 -m fuzz tests/money/test_lives.py tests/money/test_lives_stored.py $(ARGS)

fuzz-billing: $(STAMP)
	$(BIN)/python -m pytest -rA -n $(WORKERS) -m fuzz tests/money/test_charges.py $(ARGS)

# Stands up a Whyral of its own; ARGS="--api ... --sandbox ..." lives on one that runs.
billing-life: $(STAMP)
	$(BIN)/python docs/guides/billing_life.py $(ARGS)

bench: $(BENCH)
	$(BIN)/python -m bench $(ARGS)

bench-insights: $(BENCH)
	$(BIN)/python -m bench --insights $(ARGS)

bench-identity: $(BENCH)
	$(BIN)/python -m bench --identity $(ARGS)

bench-money: $(BENCH)
	$(BIN)/python -m bench --money $(ARGS)

bench-clips: $(BENCH)
	$(BIN)/python -m bench --clips $(ARGS)

# The baselines' libraries, on top of everything else.
$(BENCH): $(STAMP)
	@if command -v uv >/dev/null; then \
	  uv pip install --quiet --python $(BIN)/python --compile-bytecode --constraint constraints.txt --editable '.[dev,bench]'; \
	else \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev,bench]'; \
	fi
	@touch $@

# Each in the same environment with one extra more; Redis comes from the system's packages, where we may ask for it.
test-celery: $(STAMP)
	@command -v redis-server >/dev/null || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends redis-server >/dev/null; } || \
	  { echo "redis-server is missing: as root, apt-get install redis-server (or your system's package of Redis)"; exit 1; }
	@$(call extra,celery)
	$(BIN)/python -m pytest -m celery tests/deploy $(ARGS)

test-k8s: $(STAMP)
	@$(call extra,k8s)
	$(BIN)/python -m pytest -m k8s tests/deploy $(ARGS)

extra = if command -v uv >/dev/null; then uv pip install --quiet --python $(BIN)/python --constraint constraints.txt --editable '.[dev,$(1)]'; \
  else $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev,$(1)]'; fi

check: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy .
	$(BIN)/python -m pytest -q tests/test_floors.py

fix: $(STAMP)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

pins: $(STAMP)
	$(BIN)/python -m pip freeze --exclude-editable > constraints.txt

clean:
	rm -rf $(VENV) build *.egg-info
