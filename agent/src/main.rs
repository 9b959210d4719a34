//! `tidegate-edge`: the Edge agent.

use std::process::ExitCode;

use clap::Parser;
use tidegate_edge::{
    cli::{Cli, Command},
    commands,
};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    match Cli::try_parse() {
        Ok(cli) => {
            tidegate_memory::return_after(match cli.command {
                // As a rule the loader.
                Command::Run => 0,
                // Long enough that a busy relay does not ask for the same pages again and again.
                _ => 10,
            });
            commands::dispatch(cli)
        }
        Err(error) => {
            let code = if error.use_stderr() { 64 } else { 0 };
            // Standard output may be closed; then nobody reads this.
            drop(error.print());
            ExitCode::from(code)
        }
    }
}
