# Two commands: `make demo` shows it, `make test` proves it. Both set up what they
# need first, and do it once. The work is done by the scripts in .ci.

.DEFAULT_GOAL := help
.PHONY: help install assets demo test lint format texts lock clean
export PYTHON

help: ## say what there is
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' Makefile

install: ## make .venv, install what the lock file pins, build the assets
	@.ci/install

assets: ## build the front-end assets
	@.ci/assets

demo: install ## start everything with the demo shop and print its address
	@exec .venv/bin/loyalty demo

test: install ## all that continuous integration runs
	@exec .ci/test

lint: install ## style, types and import rules
	@.ci/lint

format: install ## put the code into its one format
	@.venv/bin/ruff check --fix --quiet || true
	@.venv/bin/ruff format

texts: install ## collect the texts to translate; then fill in loyalty/translations
	@mkdir -p var
	@.venv/bin/pybabel --quiet extract --mapping babel.cfg --no-location --omit-header \
	  --sort-output --output var/messages.pot .
	@.venv/bin/pybabel --quiet update --input-file var/messages.pot --width 88 \
	  --output-dir loyalty/translations --no-fuzzy-matching --ignore-obsolete \
	  --ignore-pot-creation-date
	@sed -i -E '/^"(Project-Id|Report-Msgid|POT-C|PO-R|Last-T|Language-T|Generated)/d' \
	  loyalty/translations/*/LC_MESSAGES/messages.po

lock: install ## pin the newest packages that pyproject.toml allows, and npm's
	@.venv/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 \
	  --all-extras --generate-hashes --no-emit-index-url pyproject.toml \
	  -o requirements.lock
	@npm install --package-lock-only --ignore-scripts --no-audit --no-fund \
	  --omit-lockfile-registry-resolved

clean: ## stop the servers; remove their data and all that was built
	@if [ -x .venv/bin/python ] && [ -d var ]; then \
	  .venv/bin/python -m loyalty.embedded remove var; fi
	@rm -rf var .venv node_modules loyalty/web/assets site docs/site build dist *.egg-info \
	  .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
