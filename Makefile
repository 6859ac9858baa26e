# `make demo` and `make test` are all that a newcomer needs: both set up whatever is missing, once, in .venv.
# Another Python than the first on PATH: make PYTHON=/path/to/python3 test

RUN := .venv/bin/python -m
CODEGATE := $(RUN) codegate
# A worker a processor; the tests of one file share one, and what they set up.
PYTEST := $(RUN) pytest --numprocesses auto --dist loadfile

.NOTPARALLEL:
.DEFAULT_GOAL := help
.PHONY: help demo test test-slow test-all lint types contracts bench fuzz environment clean

help: ## say what there is to make
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 14

demo: environment ## the main job on a small example, with a model that runs here (1.1 GB of weights)
	@$(CODEGATE) model pull qwen2.5-coder-1.5b >/dev/null
	@$(CODEGATE) demo

test: environment ## the tests, but for the slow ones
	@$(CODEGATE) model pull smollm2-135m >/dev/null
	$(PYTEST) -m "not slow"

test-slow: environment ## the slow tests
	@$(CODEGATE) model pull smollm2-135m >/dev/null
	$(PYTEST) -m slow

test-all: test test-slow ## all tests

lint: environment ## ruff: rules and form
	$(RUN) ruff check .
	$(RUN) ruff format --check .

types: environment ## mypy, strict
	$(RUN) mypy

contracts: environment ## import-linter: the floors that a room may import from
	.venv/bin/lint-imports

bench: environment ## a table of speed and memory ratios, measured here and now
	@$(CODEGATE) model pull qwen2.5-coder-1.5b >/dev/null
	$(RUN) benchmarks

fuzz: environment ## ten minutes of a coverage-guided fuzzer on each parser of untrusted text
	.venv/bin/python -m pip install --quiet --group fuzz
	for target in diff splice escape; do PYTHONPATH=tests $(RUN) fuzz $$target --seconds 600 || exit 1; done

environment: # what all of these need; at once when it is there
	@PYTHON='$(PYTHON)' sh .ci/environment

clean: ## remove what was made here; wheels and weights stay in your home
	rm -rf .venv build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
