# Nocturne. `make` lists the targets; docs/operations.md describes how nights are run.

SHELL := /bin/bash
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PREFIX ?= /usr/local
BIN := .build/release
TOOLS := fetch clean featurize infer store batches dashboard

# The night's rules (nightly, stream, stage, backfill); an installation has them too.
include pipelines/night.mk

help: ## Lists the targets
	@awk 'BEGIN { FS = ":.*## " } /^[a-z-]+:.*## / { printf "  \033[1m%-11s\033[0m %s\n", $$1, $$2 }' Makefile pipelines/night.mk

setup: ## Installs what is missing: Debian packages, libtorch, the demo's Python (fast if already done)
	@./pipelines/tools/setup.sh

build: setup ## Builds the tools of a night into .build/release
	@./pipelines/tools/build.sh night

all: build ## Builds the dashboard too (its packages take some minutes the first time)
	@./pipelines/tools/build.sh dashboard

demo: build ## Runs a night on real recordings, from a directory into SQLite
	@./pipelines/tools/demo.sh

dashboard: all ## Shows the demo's results on http://127.0.0.1:8080 (runs the demo first if needed)
	@[ -e data/nocturne.db ] || ./pipelines/tools/demo.sh
	@$(BIN)/dashboard --database sqlite:data/nocturne.db --root data --audit-log data/dashboard-audit.jsonl

test: ## Sets up and runs all tests, with a real PostgreSQL and S3 endpoint on loopback
	@./pipelines/tools/setup.sh test
	@./pipelines/tools/test.sh $(ONLY)

test-fast: ## Runs the quick tests that need no server and no browser
	@./pipelines/tools/setup.sh test
	@./pipelines/tools/test.sh --fast $(ONLY)

faults: ## Runs the whole fault campaign: every file operation, 10,000 damaged files, libFuzzer; about an hour (FUZZ=seconds)
	@./pipelines/tools/setup.sh test
	@./pipelines/tools/faults.sh $(FUZZ)

bench: all ## Measures the tools against what a user would pick instead, and writes docs/benchmarks.md (ONLY=infer: one group)
	@./pipelines/tools/setup.sh bench
	@.deps/bench-venv/bin/python Tests/Benchmarks/bench.py $(addprefix --only ,$(ONLY))

bench-quick: all ## Runs a small round of the same in under two minutes; prints only
	@./pipelines/tools/setup.sh bench
	@.deps/bench-venv/bin/python Tests/Benchmarks/bench.py --quick $(addprefix --only ,$(ONLY))

check-gpu: build ## Checks infer on this machine's NVIDIA GPU, with the torch of GPU=python; fails without a GPU
	@./Tests/Device/check-gpu.sh $(GPU)

check: ## Checks formatting, shell scripts, words, imports and floors
	@./pipelines/tools/setup.sh test
	@./pipelines/tools/check.sh

format: ## Formats the Swift sources in place
	@swift format -i -r Sources Tests Package.swift

install: all man ## Installs the tools, man pages and completions below PREFIX (default /usr/local)
	@./pipelines/tools/install.sh "$(DESTDIR)$(PREFIX)"

man: all ## Generates manual pages and shell completions into .build/man and .build/completions
	@./pipelines/tools/manuals.sh $(TOOLS) nocturne

.PHONY: help setup build all demo dashboard test test-fast faults bench bench-quick check check-gpu format install man
