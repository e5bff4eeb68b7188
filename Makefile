# Nocturne. `make` lists what there is to do; docs/operations.md tells how the night is run.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

PREFIX ?= /usr/local
BIN := .build/release
SWIFT_BUILD := swift build -c release

help: ## This list
	@awk 'BEGIN { FS = ":.*## " } /^[a-z-]+:.*## / { printf "  \033[1m%-14s\033[0m %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST)) pipelines/night.mk

setup: ## Installs what is missing: apt packages, libtorch, Python for demo and tests
	@./pipelines/tools/setup.sh

build: setup ## Builds the tools into .build/release
	@$(SWIFT_BUILD) $(BUILD_TARGETS)

# The night's rules, which an installation has too.
include pipelines/night.mk

.PHONY: help setup build
