PYTHON ?= python3

.PHONY: check lint types contracts test format screenshots matrix peers

check: lint types contracts test  ## what CI runs, in the environment of PYTHON

lint:
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .

types:
	$(PYTHON) -m mypy

contracts:
	$(PYTHON) -c "from importlinter.cli import lint_imports_command; lint_imports_command()"

test:
	$(PYTHON) -m pytest

format:
	$(PYTHON) -m ruff check --fix .
	$(PYTHON) -m ruff format .

peers:  ## third-party OCPP software for tests/peers; without it those tests skip
	npm ci --prefix tests/peers

matrix:  ## the support matrix of README.md, from the marks of the tests
	$(PYTHON) -m tests.matrix

screenshots:  ## screenshots/*.svg, *.png and *.gif, from a fixed seed
	$(PYTHON) -m tests.pictures
