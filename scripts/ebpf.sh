#!/usr/bin/env bash
# Builds the kernel programs and puts the object, with a hash of its sources, where the agent embeds
# them, so that nobody else needs the BPF toolchain.
#   scripts/ebpf.sh          build
#   scripts/ebpf.sh check    fail when the committed object is older than its sources
# Installs nothing: says what is missing and how to get it.
set -euo pipefail
cd "$(dirname "$0")/.."

crate=redirector-ebpf
object=redirector-user/ebpf/redirector.o
hash_file=redirector-user/ebpf/redirector.hash

source_hash() {
  {
    find "$crate/src" crates/endpoint/redirect-abi/src -type f -name '*.rs'
    echo "$crate/Cargo.toml"
    echo "$crate/Cargo.lock"
    echo "$crate/rust-toolchain.toml"
    echo "$crate/.cargo/config.toml"
  } | LC_ALL=C sort | while read -r file; do
    printf '%s\n' "$file"
    cat "$file"
  done | sha256sum | cut -d' ' -f1
}

check() {
  local object_hash
  object_hash=$(sha256sum "$object" | cut -d' ' -f1)
  if [ "$(cat "$hash_file")" != "$(source_hash) $object_hash" ]; then
    echo "stale: $object was not built from these sources; run scripts/ebpf.sh" >&2
    exit 1
  fi
  echo "$object is up to date"
}

require() {
  local missing=0
  if ! command -v bpf-linker >/dev/null; then
    echo "missing: bpf-linker. apt-get install llvm-22-dev libpolly-22-dev zlib1g-dev libzstd-dev;" \
      "LLVM_PREFIX=/usr/lib/llvm-22 cargo install bpf-linker --no-default-features --features llvm-22" >&2
    missing=1
  fi
  local channel
  channel=$(sed -n 's/^channel = "\(.*\)"/\1/p' "$crate/rust-toolchain.toml")
  if ! rustc "+$channel" --version >/dev/null 2>&1 ||
    [ ! -d "$(rustc "+$channel" --print sysroot)/lib/rustlib/src/rust/library/core" ]; then
    echo "missing: rustup toolchain install $channel --profile minimal --component rust-src" >&2
    missing=1
  fi
  strip=$(command -v llvm-strip || command -v /usr/lib/llvm-22/bin/llvm-strip || true)
  if [ -z "$strip" ]; then
    echo "missing: llvm-strip. apt-get install llvm-22" >&2
    missing=1
  fi
  [ "$missing" = 0 ] || exit 1
}

build() {
  require
  (cd "$crate" && cargo build --release --quiet)
  mkdir -p "$(dirname "$object")"
  # Debug sections are large and name directories; BTF stays.
  "$strip" --strip-debug -o "$object" "$crate/target/bpfel-unknown-none/release/redirector"
  # The line table says from which registry a dependency's source came; nobody needs its name, and a
  # name of the same length moves nothing.
  LC_ALL=C sed -i 's/index\.crates\.io-/a-public-source-/g' "$object"
  echo "$(source_hash) $(sha256sum "$object" | cut -d' ' -f1)" >"$hash_file"
  ls -l "$object"
}

case "${1:-build}" in
  build) build ;;
  check) check ;;
  *)
    echo "usage: scripts/ebpf.sh [build|check]" >&2
    exit 64
    ;;
esac
