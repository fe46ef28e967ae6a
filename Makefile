# Every command sets up what it needs first; a second call finds that done and is quick.
#   make run         the app                          make test        the tests, 25 minutes
#   make demo        the app on a sample vault        make test-slow   those of many minutes
#   make bench       figures against a bare window    make lint        formatting and static checks
#   make fuzz        hostile input, FUZZ_S= seconds   make pictures    pictures of every place
#   make package     a Debian package                 make fmt, clean
#   make sbom        what it is made of, CycloneDX    make audit       known faults of it
#   make mutants     changes that no test notices, CRATES= of crypto, vault, otp, session

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules --no-print-directory

FUZZ_S ?= 20
# How often the slow tests kill a process that saves, the agent and the app.
KILLS ?= 1000
AGENT_KILLS ?= 100
APP_KILLS ?= 10
RUN_S ?=
CRATES ?= crypto vault otp session
PYTEST_ARGS ?=

STAMPS := target/stamps
PYTHON := .venv/bin/python
PYTEST := $(PYTHON) -m pytest -c tests/pytest.ini
# Where a test fails that shares the machine, it is run once more, alone: see there.
PYTEST_TWICE := $(PYTHON) .ci/pytest
PYTHON_SOURCES := tests icons .ci/mutants .ci/npm-audit .ci/pytest .ci/sbom
DENY := target/tools/bin/cargo-deny
DENY_VERSION := 0.20.2
CYCLONEDX := target/tools/bin/cargo-cyclonedx
CYCLONEDX_VERSION := 0.5.9
GAMMA := target/tools/bin/cargo-gamma
GAMMA_VERSION := 0.4.0
NODE_MODULES := ui/node_modules/.package-lock.json
UI_DIST := ui/dist/index.html
UI_SOURCES := $(shell find ui -path ui/node_modules -prune -o -path ui/dist -prune -o -type f -print 2>/dev/null)

.PHONY: help run demo test test-rust test-ui test-window test-slow test-ui-then-fuzz-targets test-memory test-clipboard mutants bench lint fmt fuzz package sbom audit pictures icons app tested-app tested-codes rust-sdk-client clean

help:
	@sed -n '1,/^$$/s/^# \{0,1\}//p' Makefile

# Set-up

$(STAMPS)/packages-%: .ci/packages
	@mkdir -p $(@D)
	@[ "$(PACKAGES)" = installed ] || .ci/packages $*
	@touch $@

$(NODE_MODULES): ui/package-lock.json
	@command -v npm >/dev/null || { echo "npm is missing: install Node.js 20 or newer" >&2; exit 1; }
	cd ui && npm ci --no-audit --no-fund
	@touch $@

.venv/installed: tests/requirements.txt | $(STAMPS)/packages-test
	python3 -m venv .venv
	$(PYTHON) -m pip install --quiet --no-compile --disable-pip-version-check -r tests/requirements.txt
	@touch $@

$(UI_DIST): $(NODE_MODULES) $(UI_SOURCES)
	cd ui && npm run build
	@touch $@

$(DENY):
	@echo "Building cargo-deny once; this takes some minutes"
	cargo install --locked --quiet --root target/tools --version $(DENY_VERSION) cargo-deny

$(CYCLONEDX):
	@echo "Building cargo-cyclonedx once; this takes some minutes"
	cargo install --locked --quiet --root target/tools --version $(CYCLONEDX_VERSION) cargo-cyclonedx

$(GAMMA):
	@echo "Building cargo-gamma once; this takes some minutes"
	cargo install --locked --quiet --root target/tools --version $(GAMMA_VERSION) cargo-gamma

# Without a display, a virtual one is needed.
SCREEN := $(if $(DISPLAY)$(WAYLAND_DISPLAY),,$(STAMPS)/packages-screen)

# Running

# One build for `run` and `demo`, and one for all tests: other choices of packages would compile Tauri anew.
app: $(UI_DIST) $(STAMPS)/packages-build
	cargo build -p undercroft-app -p undercroft-cli -p undercroft-session \
	  --bin undercroft-app --bin undercroft --example sample_vault

# From nothing it is built a minute sooner without what makes changes quick to build and a debugger useful.
TESTED := CARGO_INCREMENTAL=0 CARGO_PROFILE_DEV_DEBUG=0
tested-app: $(UI_DIST) $(STAMPS)/packages-build
	$(TESTED) cargo test --workspace --no-run

# A part of that which needs no pages, to be built beside them.
tested-codes: $(STAMPS)/packages-build
	$(TESTED) cargo test --workspace --no-run --test otp

# AWS's SDK for Rust with its usual features: a client as users write them, which takes minutes to compile.
rust-sdk-client: $(STAMPS)/packages-build
	cargo build --locked --manifest-path tests/rust_sdk/Cargo.toml --target-dir target/rust_sdk

run: app $(SCREEN)
	@RUN_S=$(RUN_S) python3 tests/e2e/on_screen.py --picture run target/debug/undercroft-app

demo: app .venv/installed $(SCREEN)
	@RUN_S=$(RUN_S) $(PYTHON) tests/demo/demo.py

# Testing

test: $(STAMPS)/packages-build $(STAMPS)/packages-test
	@.ci/beside tested-codes $(UI_DIST) .venv/installed
	@$(MAKE) tested-app
	@.ci/beside test-rust test-ui-then-fuzz-targets
	@$(MAKE) test-window
	@.ci/fuzz --quick 3

test-rust: tested-app .venv/installed
	$(TESTED) cargo test --workspace

test-ui: $(NODE_MODULES)
	cd ui && npm test

# Beside `test-rust`, whose tests often wait, and out of their way. The fuzz targets come last: by then the Rust tests run
# and no longer hold cargo's lock.
test-ui-then-fuzz-targets: test-ui
	@nice .ci/fuzz --quick 0

# Each window test has a desktop of its own and waits now and then, so some run side by side.
test-window: tested-app .venv/installed
	$(PYTEST_TWICE) -n 3 --dist worksteal -m "not slow" $(PYTEST_ARGS) tests

test-slow: tested-app rust-sdk-client .venv/installed
	$(TESTED) UNDERCROFT_KILLS=$(KILLS) cargo test --workspace --test kills -- --nocapture
	$(TESTED) UNDERCROFT_KILLS=$(AGENT_KILLS) cargo test --workspace --test cli -- --nocapture agents_that_are_killed_while_they_save
	UNDERCROFT_APP_KILLS=$(APP_KILLS) $(PYTEST_TWICE) -n 2 --dist loadfile -m slow $(PYTEST_ARGS) tests

# Every process searched for secrets in each state, with a table in target/figures; the clipboard read back after the time, lock and quit.
test-memory: tested-app .venv/installed
	$(PYTEST) $(PYTEST_ARGS) tests/e2e/test_memory.py tests/e2e/test_memory_states.py tests/e2e/test_scan_memory.py

test-clipboard: tested-app .venv/installed
	$(PYTEST) $(PYTEST_ARGS) tests/e2e/test_clipboard.py

# Hours for all of them.
mutants: $(GAMMA) $(UI_DIST) $(STAMPS)/packages-build
	.ci/mutants $(GAMMA) $(CRATES)

pictures: tested-app .venv/installed
	$(PYTEST) -m pictures $(PYTEST_ARGS) tests

fuzz: $(STAMPS)/packages-build
	@.ci/fuzz $(FUZZ_S)

# Other programs to measure beside, which nothing but the benches needs.
BENCH_VENV := target/bench/venv
$(BENCH_VENV)/installed: $(STAMPS)/packages-test
	python3 -m venv $(BENCH_VENV)
	$(BENCH_VENV)/bin/python -m pip install --quiet --disable-pip-version-check awsume==4.5.4 setuptools==80.9.0
	touch $@

bench: $(UI_DIST) $(STAMPS)/packages-build $(STAMPS)/packages-bench $(BENCH_VENV)/installed .venv/installed
	cargo bench --workspace --bench '*'
	cargo build --release -p undercroft-app --features automation --bins --examples
	cargo build --release -p undercroft-session --example sample_vault
	$(PYTHON) tests/bench/window.py
	$(PYTHON) tests/bench/tray.py
	cargo build --release -p undercroft-otp --features qr --example read_codes
	$(PYTHON) tests/bench/qr.py
	cargo build --release -p undercroft-cli --bins --examples
	$(PYTHON) tests/bench/cli.py
	$(PYTHON) tests/bench/agent.py

# Checking

lint: $(UI_DIST) $(STAMPS)/packages-build .venv/installed $(DENY)
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --features undercroft-app/automation -- -D warnings
	.ci/deny $(DENY)
	.ci/npm-audit
	$(PYTHON) -m ruff check $(PYTHON_SOURCES)
	$(PYTHON) -m ruff format --check $(PYTHON_SOURCES)
	cd ui && npm run check && npm run lint

# Known faults of what it is made of, which `make lint` looks up, too.
audit: $(NODE_MODULES) $(DENY)
	.ci/deny $(DENY)
	.ci/npm-audit

fmt: $(NODE_MODULES) .venv/installed
	cargo fmt --all
	$(PYTHON) -m ruff format $(PYTHON_SOURCES)
	cd ui && npm run format

# Shipping

# What each program and the window's pages are made of, in target/sbom.
sbom: $(CYCLONEDX)
	@.ci/sbom $(CYCLONEDX)

icons: .venv/installed $(STAMPS)/packages-icons
	$(PYTHON) icons/generate.py

package: $(UI_DIST) $(STAMPS)/packages-build sbom
	cargo build --release -p undercroft-app -p undercroft-cli --bin undercroft-app --bin undercroft
	.ci/package

clean:
	rm -rf target .venv ui/node_modules ui/dist
