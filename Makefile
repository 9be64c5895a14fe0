# The verbs of this project. `make help` lists them.
SHELL := /bin/bash
PYTHON ?= python3.11
VENV := .venv
LAB := tests/lab/lab
PACKAGES := .cache/packages
COLLECTION := .cache/collections/ansible_collections/workbench/cluster
LOCK = uv pip compile --quiet --no-python-downloads --generate-hashes --custom-compile-command 'make requirements' $(UPGRADE)
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)
export ANSIBLE_COLLECTIONS_PATH := $(CURDIR)/.cache/collections
export ANSIBLE_CONFIG := $(CURDIR)/examples/demo/ansible.cfg
export ANSIBLE_SSH_ARGS := -F $(CURDIR)/.lab/ssh_config

.PHONY: help
help: ## list the verbs
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: demo
demo: setup ## build a cluster of three nodes on five small machines of its own, and show it
	@$(LAB) up cluster
	@echo "== ansible-playbook playbooks/site.yml"
	ansible-playbook -i examples/demo/hosts.yml playbooks/site.yml
	@examples/demo/show

.PHONY: demo-down
demo-down: setup ## stop the demo and every other host of the lab; nothing is left behind
	@$(LAB) down

.PHONY: test
test: setup .cache/packages-gates.done .cache/packages-report.done ## run every check
	@$(PYTHON) tests/run

.PHONY: long
long: setup ## run the scenarios that `make test` has no minutes for
	@$(PYTHON) tests/run long

.PHONY: unit
unit: environment ## run the unit tests; K='clocks and not bound' picks by name
	@pytest -q tests/unit $(if $(K),-k "$(K)")

.PHONY: lint
lint: environment ## ask the linters and type checkers: what a change needs before its commit
	@pytest -q tests/gates/test_style.py tests/gates/test_open.py $(if $(K),-k "$(K)")

.PHONY: fmt
fmt: environment ## format Python and mend what ruff can mend
	@ruff check --no-cache --fix-only --quiet . && ruff format --no-cache --quiet .

.PHONY: hooks
hooks: environment ## have git ask the quick linters before each commit
	@pre-commit install

.PHONY: gates
gates: setup .cache/packages-gates.done ## run the gates, sanity included; K=artifact picks by name
	@pytest -q -n auto --dist worksteal tests/gates $(if $(K),-k "$(K)")

.PHONY: scenario
scenario: setup ## run a scenario: NAME=keys, and KEEP=1 to leave its hosts up
	@[ -e molecule/$(or $(NAME),none)/molecule.yml ] || { echo "NAME is one of:" $$(cd molecule && ls -d */molecule.yml | xargs dirname); exit 2; }
	@molecule test --scenario-name $(NAME) $(if $(KEEP),--destroy never)

.PHONY: matrix
matrix: environment ## run the checks on every ansible-core and Python there is, before a release; ARGS='--core 2.21' picks
	@tests/matrix/run $(ARGS)

.PHONY: bench
bench: setup ## measure what site, verify and status cost at 3, 10 and 50 nodes; ARGS="--size 3 --part site" picks
	@$(PYTHON) tests/bench/cluster.py $(ARGS)

.PHONY: chaos
chaos: setup ## kill the controller in site and each verb, after each task that leaves something: hours, resumed; ARGS="--verb restart" picks
	@$(PYTHON) tests/chaos/run $(ARGS)

.PHONY: setup
setup: environment .cache/packages-lab.done .cache/packages-fake_workbench.done stand-in ## install what demo and tests need

# Enough for what needs no host; needs no root.
.PHONY: environment
environment: $(VENV)/.done $(COLLECTION)

$(VENV)/.done: requirements.txt
	@echo "== Python environment (requirements.txt)"
	@[ -x $(VENV)/bin/pip ] || $(PYTHON) -m venv $(VENV) >/dev/null 2>&1 || { apt-get update -qq && apt-get install -qqy python3-venv >/dev/null 2>&1 && $(PYTHON) -m venv $(VENV); }
	@$(VENV)/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt 2> >(grep -v '^WARNING: Location' >&2)
	@touch $@

# Of the Debian packages that a part of the tests lists, those that are not there.
.cache/packages-%.done: tests/%/packages.txt
	@missing=$$(comm -23 <(grep -v '^#' $< | sort) <(dpkg-query --show --showformat '$${db:Status-Status} $${Package}\n' | sed -n 's/^installed //p' | sort)); \
	[ -z "$$missing" ] || { echo "== Debian packages:" $$missing; apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
	apt-get install -qqy --no-install-recommends $$missing > .cache/apt.log 2>&1; } || { tail -20 .cache/apt.log; exit 1; }
	@touch $@

.PHONY: stand-in
stand-in: $(VENV)/.done
	@tests/fake_workbench/build --output $(PACKAGES) >/dev/null

# The collection must be importable as ansible_collections.workbench.cluster.
$(COLLECTION):
	@mkdir -p $(dir $@) .cache/results && ln -sfn $(CURDIR) $@

.PHONY: build
build: setup ## build the collection's artifact into .cache/
	@ansible-galaxy collection build --force --output-path .cache

.PHONY: requirements
requirements: $(VENV)/.done ## lock what *.in name, with hashes; what is locked keeps its version (UPGRADE=-U takes the newest)
	@$(LOCK) --python-version 3.11 -o requirements.txt requirements.in
	@for core in 2.20 2.21; do $(LOCK) --python-version 3.12 -o tests/matrix/locks/$$core.txt tests/matrix/locks/$$core.in || exit 1; done
	@$(LOCK) --python-version 3.11 -o tests/matrix/locks/importer.txt tests/matrix/locks/importer.in
	@$(LOCK) --python-version 3.11 --override tests/matrix/locks/lowest.override.txt -o tests/matrix/locks/lowest.txt tests/matrix/locks/lowest.in
	@$(subst --generate-hashes,--no-annotate,$(LOCK)) --universal --python-version 3.8 -o tests/unit/requirements.txt tests/unit/requirements.in

.PHONY: docs
docs: setup ## write docs/reference/ from argument specs and module documentation
	@python docs/reference.py
