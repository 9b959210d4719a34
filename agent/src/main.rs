//! `tidegate-edge`: the Edge agent.
#![forbid(unsafe_code)]

use std::process::ExitCode;

use clap::Parser;
use tidegate_edge::{cli::Cli, commands};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    match Cli::try_parse() {
        Ok(cli) => commands::dispatch(cli),
        Err(error) => {
            let code = if error.use_stderr() { 64 } else { 0 };
            // Standard output may be closed; then nobody reads this.
            drop(error.print());
            ExitCode::from(code)
        }
    }
}
