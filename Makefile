# Nocturne. `make` lists what there is to do; docs/operations.md tells how the night is run.

SHELL := /bin/bash
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PREFIX ?= /usr/local
# One build tree for everything: the tests run what users run, in release mode, and nothing is compiled twice.
SWIFT_BUILD := swift build -c release
BIN := .build/release
TOOLS := fetch clean featurize infer store batches dashboard

# The night's rules (nightly, stream, stage, backfill), which an installation has too.
include pipelines/night.mk

help: ## This list
	@awk 'BEGIN { FS = ":.*## " } /^[a-z-]+:.*## / { printf "  \033[1m%-10s\033[0m %s\n", $$1, $$2 }' Makefile pipelines/night.mk

setup: ## Installs what is missing: Debian packages, libtorch, the demo's Python (quick when done already)
	@./pipelines/tools/setup.sh

build: setup ## Builds what a night needs into .build/release
	@$(SWIFT_BUILD) --product nocturne-torch
	@$(SWIFT_BUILD) --target night-tools

all: build ## Builds the dashboard too, whose packages take some minutes the first time
	@$(SWIFT_BUILD) --product dashboard

demo: build ## Plays a night on real recordings: a directory for a bucket, SQLite for a database
	@./pipelines/tools/demo.sh

dashboard: all ## Shows the demo's results on http://127.0.0.1:8080 (plays the demo if that was never done)
	@[ -e data/nocturne.db ] || ./pipelines/tools/demo.sh
	@$(BIN)/dashboard --database sqlite:data/nocturne.db --root data --audit-log data/dashboard-audit.jsonl

test: ## Sets up and runs all tests, with a real PostgreSQL and S3 endpoint on loopback
	@./pipelines/tools/setup.sh test
	@./pipelines/tools/test.sh $(ONLY)

faults: ## The whole fault campaign: every file operation, 10,000 damaged files, libFuzzer; about an hour (FUZZ=seconds)
	@./pipelines/tools/setup.sh test
	@./pipelines/tools/faults.sh $(FUZZ)

bench: all ## Plays the tools against what a user would pick instead, and writes docs/benchmarks.md (ONLY=infer: one group)
	@./pipelines/tools/setup.sh bench
	@.deps/bench-venv/bin/python Tests/Benchmarks/bench.py $(addprefix --only ,$(ONLY))

bench-quick: all ## The same in under two minutes; prints, writes nothing
	@./pipelines/tools/setup.sh bench
	@.deps/bench-venv/bin/python Tests/Benchmarks/bench.py --quick $(addprefix --only ,$(ONLY))

check-gpu: build ## Checks infer on this machine's NVIDIA GPU, with the torch of GPU=python; refuses where there is none
	@./Tests/Device/check-gpu.sh $(GPU)

check: ## Formatting, shell scripts, imports and the floors of the house
	@./pipelines/tools/setup.sh test
	@./pipelines/tools/check.sh

format: ## Formats the Swift sources in place
	@swift format -i -r Sources Tests Package.swift

install: all man ## Installs the tools, man pages and completions below PREFIX (default /usr/local)
	@./pipelines/tools/install.sh "$(DESTDIR)$(PREFIX)"

man: all ## Makes the manual pages and shell completions from the tools, in .build/man and .build/completions
	@./pipelines/tools/manuals.sh $(TOOLS) nocturne

.PHONY: help setup build all demo dashboard test faults bench bench-quick check check-gpu format install man
