# Hromada. `make` says what it can do.
VENV ?= .venv
PYTHON ?= python3
BIN := $(VENV)/bin
PORT ?= 8000
SANDBOX_PORT ?= 12111
NEWSPAPER_PORT ?= 8080
WORKERS ?= auto
EXAMPLES ?= 20000

.PHONY: help run newsroom test test-stripe test-wordpress check soak format bench pictures translations lock clean

help: ## What there is
	@sed -n 's/^\([a-z-]*\):.*## /\1|/p' $(MAKEFILE_LIST) | while IFS='|' read -r name does; do printf '  make %-14s %s\n' "$$name" "$$does"; done

$(VENV)/base.stamp: requirements/base.txt
	$(PYTHON) -c 'import sys; sys.exit("Hromada needs Python 3.11 or newer; PYTHON=… chooses one") if sys.version_info < (3, 11) else None'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/base.txt
	touch $@

$(VENV)/dev.stamp: requirements/dev.txt $(VENV)/base.stamp
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	touch $@

MESSAGES := $(wildcard translations/*/LC_MESSAGES/messages.po)
COMPILED := $(MESSAGES:.po=.mo)

%.mo: %.po $(VENV)/base.stamp
	$(BIN)/pybabel --quiet compile --input-file $< --output-file $@

run: $(VENV)/base.stamp $(COMPILED) ## The demo newsroom: a newspaper, sandbox, jobs and web; NEWSPAPER_PORT=, PORT=, SANDBOX_PORT= move them
	@PORT=$(PORT) SANDBOX_PORT=$(SANDBOX_PORT) NEWSPAPER_PORT=$(NEWSPAPER_PORT) $(BIN)/python deploy/demo.py

newsroom: $(VENV)/base.stamp $(COMPILED) ## A newsroom of your own, empty, in the sandbox; ADMIN= is whom the sign-in link is for
	@PORT=$(PORT) SANDBOX_PORT=$(SANDBOX_PORT) $(BIN)/python deploy/demo.py newsroom

test: $(VENV)/dev.stamp $(COMPILED) ## Every test, on SQLite and PostgreSQL, browser included
	$(BIN)/pytest -n $(WORKERS)

test-stripe: $(VENV)/dev.stamp $(COMPILED) ## The contract tests against Stripe's test mode: STRIPE_SECRET_KEY=sk_test_…
	@test -n "$(STRIPE_SECRET_KEY)" || { echo "Set STRIPE_SECRET_KEY=sk_test_… first."; exit 1; }
	CONTRACT_KEY=$(STRIPE_SECRET_KEY) $(BIN)/pytest tests/stripe_contract

test-wordpress: $(VENV)/dev.stamp $(COMPILED) ## The plugin in a real WordPress; it says which of Debian's packages are missing
	@$(BIN)/python -m tests.browser.wordpress.packages
	$(BIN)/pytest tests/browser/wordpress

soak: $(VENV)/dev.stamp $(COMPILED) ## 20,000 random lives of patrons told in random order; EXAMPLES= says how many
	SOAK_EXAMPLES=$(EXAMPLES) $(BIN)/pytest tests/books/test_convergence.py -n $(WORKERS) -rP

check: $(VENV)/dev.stamp $(COMPILED) ## Format, lint, types, import contracts, templates, migrations in step
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint templates stripe_sandbox/templates newspaper/templates --lint --quiet
	$(BIN)/python deploy/in_step.py

format: $(VENV)/dev.stamp ## Put code in the house's form
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

bench: $(VENV)/dev.stamp $(COMPILED) ## The figures of docs/performance.md, as ratios within one run
	$(BIN)/python -m bench

pictures: $(VENV)/dev.stamp $(COMPILED) ## The pictures of README and docs, from a demo and a newsroom of their own
	$(BIN)/python deploy/pictures.py

translations: $(VENV)/dev.stamp ## Gather new words into translations/*.po and compile them
	$(BIN)/pybabel --quiet extract --mapping-file translations/babel.cfg --keywords _l --sort-by-file --no-location --project Hromada --output-file translations/messages.pot .
	$(BIN)/pybabel --quiet update --input-file translations/messages.pot --output-dir translations --no-fuzzy-matching --ignore-obsolete
	$(MAKE) $(COMPILED)

lock: ## Hash-locked requirements from requirements/*.in
	for set in base dev; do $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --custom-compile-command "make lock" requirements/$$set.in --output-file requirements/$$set.txt; done

clean: ## Forget the demo newsroom: its database, its sandbox, its keys
	rm -rf instance
