# Aviary. `make serve` builds what is missing and starts it; `make test` is every check. docs/DEVELOPING.md says more.

SHELL := /usr/bin/env bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.NOTPARALLEL:
MAKEFLAGS += --no-builtin-rules

TARGET := $(or $(CARGO_TARGET_DIR),target)
# The browser's half is compiled with other features than the server's: a folder of its own keeps cargo from mixing them.
FRONT := target/front
SITE := target/site
ARGS :=
CHECKS := check-format check-lints check-lints-wasm check-tools check-dependencies check-advisories check-deploy check-rust check-api check-browser

.PHONY: help
help:
	@echo 'make serve   build what is missing, start Aviary on http://127.0.0.1:3000 (ARGS="…" are handed to `aviary serve`)'
	@echo 'make build   the program alone: $(TARGET)/release/aviary'
	@echo 'make test    every check that CI runs; each is also a target: $(CHECKS)'
	@echo 'make fuzz    the parsers of outside bytes, each for a minute'
	@echo 'make bench   the figures of docs/BENCHMARKS.md'
	@echo 'make site    the browser half alone: $(SITE)'

.PHONY: serve build site
serve: build
	@exec "$(TARGET)/release/aviary" serve $(ARGS)

build: site
	cargo build --release -p server

site: $(SITE)/manifest.json


# --- What the machine must have ---------------------------------------------------------------------------------------

.PHONY: compilers wasm-target checkers
compilers:
	@command -v cargo >/dev/null || { echo 'cargo is missing. Install Rust with https://rustup.rs and start again.' >&2; exit 1; }
	@command -v npm >/dev/null && node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' || \
	  { echo 'Node.js 20 or newer, with npm, is missing. Install it and start again.' >&2; exit 1; }
	@tools/need cc gcc libc6-dev

wasm-target: compilers
	@[ -d "$$(rustc --print target-libdir --target wasm32-unknown-unknown)" ] || rustup target add wasm32-unknown-unknown

checkers: compilers
	@cargo fmt --version >/dev/null 2>&1 || rustup component add rustfmt
	@cargo clippy --version >/dev/null 2>&1 || rustup component add clippy
	@command -v google-chrome >/dev/null || command -v chromium-browser >/dev/null || tools/need chromium chromium

%/node_modules/.package-lock.json: %/package.json %/package-lock.json
	npm ci --prefix $* --no-audit --no-fund
	@touch $@


# --- The browser's half: Rust → wasm → module → small module → hashed and compressed site -------------------------------

WASM := $(FRONT)/wasm32-unknown-unknown/wasm-release/app.wasm
WASM_FEATURES := --enable-bulk-memory --enable-bulk-memory-opt --enable-nontrapping-float-to-int --enable-sign-ext \
	--enable-reference-types --enable-mutable-globals --enable-multivalue

# Cargo knows best whether anything changed, and leaves the file's time alone if not: then make stops here.
.PHONY: FORCE
$(WASM): FORCE | wasm-target
	@cargo rustc -p app --lib --crate-type cdylib --features hydrate \
	  --target wasm32-unknown-unknown --profile wasm-release --target-dir $(FRONT)

$(TARGET)/debug/bundle: FORCE | compilers
	@cargo build -p bundle

target/module/app_bg.wasm: $(WASM) $(TARGET)/debug/bundle tools/node_modules/.package-lock.json
	rm -rf target/bindgen target/module
	$(TARGET)/debug/bundle $(WASM) target/bindgen
	mkdir -p target/module
	cp target/bindgen/app.js target/module/
	tools/node_modules/.bin/wasm-opt -Oz $(WASM_FEATURES) --strip-debug --strip-producers --strip-target-features \
	  target/bindgen/app_bg.wasm -o $@

# Folders are named too: their time changes when a file comes or goes.
$(SITE)/manifest.json: target/module/app_bg.wasm tools/site.mjs tools/css.mjs $(shell find style public 2>/dev/null)
	node tools/site.mjs target/module style/main.css public $(SITE)


# --- Checks -----------------------------------------------------------------------------------------------------------

# Everything is built once, in the dev profile: the program that the browser tests start is the one that `cargo test` made.
.PHONY: test $(CHECKS)
test: $(CHECKS)
	@printf '\nEvery check passed.\n'

check-format: checkers
	@tools/step 'Formatting (cargo fmt)' cargo fmt --all --check

check-lints: checkers
	@tools/step 'Lints, native (cargo clippy)' cargo clippy --workspace --all-targets -- -D warnings

# Never with --all-features: `ssr` and `hydrate` exclude each other.
check-lints-wasm: checkers wasm-target
	@tools/step 'Lints, wasm (cargo clippy)' cargo clippy -p app --lib --features hydrate \
	  --target wasm32-unknown-unknown --target-dir $(FRONT) -- -D warnings

check-tools: end2end/node_modules/.package-lock.json
	@tools/step 'Tools of the build (node --test)' node --test --test-reporter=spec tools/css.test.mjs
	@tools/step 'Types of the browser tests (tsc)' npm run --silent --prefix end2end types

check-dependencies:
	@if cargo deny --version >/dev/null 2>&1; then \
	  tools/step 'Dependencies (cargo deny)' cargo deny check bans licenses sources; \
	else \
	  printf '\n== Dependencies (cargo deny): skipped, it is not installed; server/tests/it/tree.rs checks the same below\n'; \
	fi

# Needs the network and a registry that keeps advisories: a machine without is told that nothing was looked up.
check-advisories:
	@if ! cargo deny --version >/dev/null 2>&1; then \
	  printf '\n== Known vulnerabilities (cargo deny): skipped, it is not installed (cargo install cargo-deny)\n'; \
	elif ! cargo deny fetch db >/dev/null 2>&1; then \
	  printf '\n== Known vulnerabilities (cargo deny): skipped, the advisory database cannot be fetched\n'; \
	else \
	  tools/step 'Known vulnerabilities, Rust (cargo deny)' cargo deny check --disable-fetch advisories; \
	fi
	@tools/step 'Known vulnerabilities, npm (npm audit)' node tools/audit.mjs tools
	@tools/step 'Known vulnerabilities, npm of the browser tests (npm audit)' node tools/audit.mjs end2end

check-deploy: venv
	@if [ -e end2end/.venv/.made ]; then \
	  tools/step 'What operators deploy (cfn-lint, terraform)' end2end/.venv/bin/python -B deploy/check.py && \
	  tools/step 'The stacks in an emulator (ministack)' end2end/.venv/bin/python -B deploy/check_stack.py; \
	else \
	  printf '\n== What operators deploy: skipped, there is no venv\n'; \
	fi

check-rust: $(SITE)/manifest.json venv
	@tools/step 'Unit and integration tests ($(RUST_TESTS) --workspace)' $(WITH_VENV) tools/postgres.sh run $(RUST_TESTS) --workspace
	@tools/step 'The same stories on PostgreSQL' $(WITH_VENV) tools/postgres.sh run tools/on-postgres $(RUST_TESTS) --workspace --test it

# Asks every operation of the API for what its document allows, and for what it does not: no fault of ours, and no status,
# type or form that the document does not name.
check-api: $(SITE)/manifest.json venv
	@cargo test --workspace --no-run --quiet
	@if [ -x end2end/.venv/bin/schemathesis ]; then \
	  tools/step 'The API against its own document (Schemathesis)' tools/check-api $(TARGET)/debug/aviary end2end/.venv/bin/schemathesis; \
	else \
	  printf '\n== The API against its own document: skipped, there is no Schemathesis in end2end/.venv\n'; \
	fi

check-browser: $(SITE)/manifest.json venv checkers end2end/node_modules/.package-lock.json
	@cargo test --workspace --no-run --quiet
	@cd end2end && ../tools/step 'Browser tests (Playwright)' $(WITH_VENV) npx playwright test $(ARGS)

# The parsers of outside bytes, each for a minute of what a fuzzer thinks of. The corpus itself is part of `make test`.
FUZZ_TARGETS := $(basename $(notdir $(wildcard fuzz/fuzz_targets/*.rs)))
.PHONY: fuzz
fuzz: compilers
	@if cargo +nightly fuzz --version >/dev/null 2>&1; then \
	  for target in $(FUZZ_TARGETS); do \
	    (cd server && ../tools/step "Fuzzing $$target (cargo fuzz, a minute)" \
	      cargo +nightly fuzz run --fuzz-dir ../fuzz $$target -- -max_total_time=60); \
	  done; \
	else \
	  printf '\n== Fuzzing: skipped, a nightly compiler and cargo-fuzz are not installed; instead, for longer than in `make test`:\n'; \
	  AVIARY_FUZZ_ROUNDS=200000 tools/step 'The corpus and what is made of it' cargo test -p server --test it corpus::; \
	fi

# Times the release binary from outside, and prints the tables of docs/BENCHMARKS.md. Never part of `make test`.
.PHONY: bench
bench: build venv
	@AVIARY_BENCH_PROGRAM="$(abspath $(TARGET))/release/aviary" DURABLE=1 tools/postgres.sh run cargo bench -p server --bench house
	@cargo bench -p server --bench scan
	@cargo bench -p server --bench ways
	@$(WITH_VENV) cargo bench -p server --bench mint

RUST_TESTS = $(if $(shell command -v cargo-nextest),cargo nextest run,cargo test)

# Python's awscli, aiosmtpd, ministack, cfn-lint and Schemathesis, for tests that need the real thing at the other end.
.PHONY: venv
venv: end2end/.venv/.made
WITH_VENV = env $(if $(shell ls end2end/.venv/.made 2>/dev/null),AVIARY_TEST_VENV=$(CURDIR)/end2end/.venv)

end2end/.venv/.made: end2end/requirements.txt
	@if ! python3 -c 'import ensurepip, venv' 2>/dev/null && \
	    ! { tools/need python3 python3 python3-venv && apt-get install -y python3-venv; } >/dev/null 2>&1; then \
	  echo 'python3 with its venv module is missing: tests with the real aws command and a real mail server are skipped, and deploy/ is not checked.' >&2; \
	  echo 'On Debian: sudo apt-get install python3-venv' >&2; \
	else \
	  python3 -m venv --clear end2end/.venv; \
	  end2end/.venv/bin/pip install --quiet --disable-pip-version-check -r end2end/requirements.txt; \
	  touch $@; \
	fi
