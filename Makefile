# Every task is one command here, and CI runs the same ones. `make` lists them.
.DEFAULT_GOAL := help
.PHONY: help setup build release console run test unit clients hostile lab demo ebpf package fmt lint check deny bench bench-quick fuzz-replay openapi clean-run clean

help: ## List the tasks
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Install what building and testing need (Debian, as root)
	@scripts/setup.sh

build: ## Build the console, the gateway and the load tools, optimised
	scripts/console.sh build
	cargo build --release -p tidegate -p tidegate-loadtest

release: ## Build gateway and agent as they are released, with a profile of their own code (an hour)
	@scripts/release.sh

console: ## Build the web console, for the next build of the gateway
	@scripts/console.sh build

run: ## Build and run the gateway, with a first key and a curl line to try
	@scripts/run.sh

test: ## Everything: format, lints, tests on SQLite and PostgreSQL, SDKs, Claude Code, Codex
	@scripts/test.sh

unit: ## The workspace's own tests only, on SQLite
	cargo test --workspace

clients: ## The official SDKs against a gateway of this build
	cargo build --workspace --bins && python3 tests/clients/run.py

hostile: ## Clients that lie, flood, or never end, against a gateway of this build
	cargo build --workspace --bins && python3 tests/hostile/run.py

lab: ## Claude Code and Codex through a gateway of this build, in namespaces (as root)
	cargo build --workspace --bins && python3 tests/lab/run.py

demo: ## A laptop where nobody changed a setting, governed (as root, in namespaces)
	cargo build --workspace --bins && python3 tests/lab/edge.py

ebpf: ## Build the kernel programs anew (needs nightly Rust, bpf-linker, LLVM)
	scripts/ebpf.sh

fmt: ## Format the code
	cargo fmt --all

lint: ## Lints, as strict as CI
	cargo clippy --workspace --all-targets -- -D warnings

check: ## Type-check everything, quickly
	cargo check --workspace --all-targets

deny: ## Licences, bans and sources of dependencies (needs cargo-deny)
	cargo deny check licenses bans sources

package: release ## Build the agent and its packages (deb, rpm) into target/packages
	scripts/package.sh all --out target/packages

bench: release ## Benchmark what is released: direct, bare Pingora, Tidegate
	cargo build --release -p tidegate-loadtest
	target/release/tidegate-bench --gateway target/profiled/tidegate --out target/bench.json

bench-quick: build ## The same of a build without a profile, in two minutes
	target/release/tidegate-bench --gateway target/release/tidegate --quick

fuzz-replay: ## Run the fuzz targets over their corpora and mutations of them (part of the tests)
	cargo test -p tidegate-replay

openapi: ## Write the admin API's OpenAPI document and its table of roles anew
	mkdir -p docs/openapi && UPDATE_OPENAPI=1 cargo test -p tidegate-control --test api is_fresh

clean-run: ## Forget what `make run` made: keys, log, configuration
	rm -rf .tidegate

clean: ## Remove everything built and installed into the tree
	cargo clean
