# The night as make rules: each stage depends on the stages before it.
#
# Targets are stamps outside the versions, so that make can never delete or date a sealed file. A stamp holds which
# version is current and its digest, and is touched only when that changes. Every rule asks its tool each time: whether
# there is something to do is decided by content, which the tool knows and make's dates do not, and costs milliseconds.
#
# A tool that fails leaves its ending (BATCH/.runs/STAGE.json). The rule quotes it and exits with the tool's own code, which
# is in make's last line; make itself exits with 2.

.DELETE_ON_ERROR:

NOCTURNE ?= $(firstword $(wildcard $(dir $(lastword $(MAKEFILE_LIST)))../.build/release/nocturne) nocturne)
# Set but empty is the same as not set.
ifeq ($(strip $(value NOCTURNE_ROOT)),)
override NOCTURNE_ROOT := data
endif
ifeq ($(strip $(value PIPELINE)),)
override PIPELINE := digits
endif
export NOCTURNE_ROOT

# What make or its shell would take for something else in the name of a target. Written as words, so that the list can hold
# what has a meaning in a makefile too.
night_empty :=
night_space := $(night_empty) $(night_empty)
night_hash := \#
night_dollar := $$
# A batch is a folder in the pipeline's.
night_outside = $(or $(findstring /,$(value $(1))),$(filter .%,$(value $(1))))
night_signs := $(night_hash) $(night_dollar) : % \ ' " ` ; & | ( ) < > * ? [ ] { } ~ ! =
# $(call night_odd,VARIABLE): the first sign in the variable's value, unexpanded, that make cannot take.
night_odd = $(if $(findstring $(night_space),$(value $(1))),space,$(firstword $(foreach sign,$(night_signs),$(if \
  $(findstring $(sign),$(value $(1))),$(sign)))))
night_refuse = $(if $(call night_odd,$(1)),$(error $(2)='$(value $(1))' holds $(if $(filter space,$(call \
  night_odd,$(1))),a space,a '$(call night_odd,$(1))'), which $(3)))

ifneq ($(filter nightly stage,$(MAKECMDGOALS)),)
ifeq ($(strip $(value BATCH)),)
override BATCH := $(shell "$(NOCTURNE)" default-batch $(firstword $(PIPELINE)))
$(if $(BATCH),,$(error the pipeline cannot be read))
endif
$(call night_refuse,BATCH,BATCH,the name of a batch cannot hold)
$(if $(call night_outside,BATCH),$(error BATCH='$(BATCH)' is not the name of a batch))
$(foreach pipeline,$(PIPELINE),$(call night_refuse,pipeline,PIPELINE,the name of a pipeline cannot hold))
# What tells the endings of this run from those of every other.
night_id := make-$(shell date +%s.%N)-$(shell echo $$PPID)
endif

ifneq ($(filter nightly,$(MAKECMDGOALS)),)
$(call night_refuse,NOCTURNE_ROOT,NOCTURNE_ROOT,make cannot take; 'nocturne nightly' can (with NOCTURNE_ROOT in its \
  environment): nocturne nightly $(firstword $(PIPELINE)) $(BATCH))
endif

night_folder = $(NOCTURNE_ROOT)/$(1)/$(BATCH)
night_stamp = $(call night_folder,$(1))/.stamps/$(2)

# $(call night_stage,PIPELINE,STAGE,TOOL,FLAGS,--go-on): runs a stage; when it fails, quotes its ending. With --go-on, a
# version that waits because another one is pinned does not keep the stages after it from running on that.
night_stage = "$(NOCTURNE)" $(3) $(1) $(BATCH) --stage $(2) --night $(night_id) $(4) \
  || "$(NOCTURNE)" ended $(1) $(BATCH) $(2) $(3) $$? --night $(night_id) $(5)

# $(call night_rule,PIPELINE,STAGE,TOOL,INPUTS)
define night_rule
$(call night_stamp,$(1),$(2)): $(foreach input,$(4),$(call night_stamp,$(1),$(input))) night-always
	@mkdir -p $$(@D)
	@$$(call night_stage,$(1),$(2),$(3),$(NIGHT_FLAGS) >/dev/null,--go-on)
	@now="$$$$(readlink $(call night_folder,$(1))/$(2)/current) $$$$(sha256sum < $(call night_folder,$(1))/$(2)/current/batch.json)"; \
	  [ "$$$$(cat $$@ 2>/dev/null)" = "$$$$now" ] || echo "$$$$now" > $$@
night-$(1): $(call night_stamp,$(1),$(2))
endef

night_words = $(subst :, ,$(1))
night_rules = $(foreach stage,$(or $(shell "$(NOCTURNE)" stages $(1)),$(error the pipeline $(1) cannot be read)), \
  $(eval $(call night_rule,$(1),$(word 1,$(call night_words,$(stage))),$(word 2,$(call night_words,$(stage))),$(subst $(comma), ,$(word 3,$(call night_words,$(stage)))))))
comma := ,

# $(call night_end,PIPELINE): the last step of a night, which exits with 10 if a version waits.
define night_end
night-$(1):
	@"$$(NOCTURNE)" waiting $(1) $$(BATCH) --night $$(night_id)
endef

ifneq ($(filter nightly,$(MAKECMDGOALS)),)
$(foreach pipeline,$(PIPELINE),$(call night_rules,$(pipeline))$(eval $(call night_end,$(pipeline))))
endif

nightly: $(foreach pipeline,$(PIPELINE),night-$(pipeline)) ## Runs a night: PIPELINE=digits BATCH=2026-11-20 (several pipelines: -j2 PIPELINE="a b")

stream: ## Runs a night with all stages at once: PIPELINE=digits BATCH=2026-11-20 FLAGS="--watch --until 23:59"
	@"$(NOCTURNE)" stream $(PIPELINE) $(BATCH) $(FLAGS)

stage: ## Runs one stage: PIPELINE=digits BATCH=2026-11-20 STAGE=infer FLAGS="--force"
	@test -n "$(STAGE)" || { echo "make stage needs STAGE=…" >&2; exit 64; }
	@tool=$$("$(NOCTURNE)" stages $(PIPELINE) | awk -F: '$$1 == "$(STAGE)" { print $$2 }'); \
	  test -n "$$tool" || { echo "$(PIPELINE) has no stage $(STAGE); its stages are" \
    $$("$(NOCTURNE)" stages $(PIPELINE) | cut -d: -f1) >&2; exit 64; }; \
	  $(call night_stage,$(PIPELINE),$(STAGE),$$tool,$(FLAGS))

backfill: ## Runs the missing nights of a range: PIPELINE=digits FROM=2026-11-01 TO=2026-11-19 (ALL=1: every night)
	@"$(NOCTURNE)" backfill $(PIPELINE) $(FROM) $(TO) $(if $(ALL),--all)

.PHONY: nightly stream stage backfill night-always $(foreach pipeline,$(PIPELINE),night-$(pipeline))
