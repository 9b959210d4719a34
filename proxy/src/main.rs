//! The `tidegate` command.

use std::process::ExitCode;

/// Fewer page faults and steadier latency than the system allocator under many small objects.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Long enough that a busy gateway does not ask the kernel for the same pages again and again.
const KEPT_MS: std::ffi::c_long = 10;

fn main() -> ExitCode {
    tidegate_memory::return_after(KEPT_MS);
    tidegate::cli::main()
}
