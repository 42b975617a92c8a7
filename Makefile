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

.PHONY: help
help:
	@echo 'make serve   build what is missing, start Aviary on http://127.0.0.1:3000 (ARGS="…" are handed to `aviary serve`)'
	@echo 'make build   the program alone: $(TARGET)/release/aviary'
	@echo 'make site    the browser half alone: $(SITE)'

.PHONY: serve build site
serve: build
	@exec "$(TARGET)/release/aviary" serve $(ARGS)

build: site
	cargo build --release -p server

site: $(SITE)/manifest.json


# --- What the machine must have ---------------------------------------------------------------------------------------

.PHONY: compilers wasm-target
compilers:
	@command -v cargo >/dev/null || { echo 'cargo is missing. Install Rust with https://rustup.rs and start again.' >&2; exit 1; }
	@command -v npm >/dev/null || { echo 'npm is missing. Install Node.js 20 or newer and start again.' >&2; exit 1; }
	@tools/need cc gcc libc6-dev

wasm-target: compilers
	@[ -d "$$(rustc --print target-libdir --target wasm32-unknown-unknown)" ] || rustup target add wasm32-unknown-unknown

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
