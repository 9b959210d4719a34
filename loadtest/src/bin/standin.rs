//! `tidegate-standin`: the stand-in provider as a process of its own.

#![expect(clippy::print_stdout, reason = "a command prints its address")]

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::Parser;
use tidegate_loadtest::{Options, StandIn, TlsFiles};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Answers as OpenAI, Anthropic and Gemini would, and fails and delays on demand.
#[derive(Parser)]
#[command(name = "tidegate-standin", version)]
struct Args {
    /// Address to listen on; port 0 picks a free one.
    #[arg(long, default_value = "127.0.0.1:9001")]
    listen: SocketAddr,
    /// Certificate chain (PEM) for TLS; needs --key.
    #[arg(long, requires = "key")]
    cert: Option<PathBuf>,
    /// Private key (PEM) for TLS.
    #[arg(long, requires = "cert")]
    key: Option<PathBuf>,
    /// Ready-made answers and no record of requests, for benchmarks.
    #[arg(long)]
    fixed: bool,
    /// How many of the last requests to remember.
    #[arg(long, default_value_t = 512)]
    remember: usize,
    /// Worker threads.
    #[arg(long, default_value_t = 1)]
    threads: usize,
}

fn main() -> Result<()> {
    let args = Args::parse();
    let mut builder = match args.threads {
        0 | 1 => tokio::runtime::Builder::new_current_thread(),
        _ => tokio::runtime::Builder::new_multi_thread(),
    };
    let runtime = builder
        .worker_threads(args.threads.max(1))
        .enable_all()
        .build()?;
    let tls = args
        .cert
        .zip(args.key)
        .map(|(cert, key)| TlsFiles { cert, key });
    let options = Options {
        fixed: args.fixed,
        remember: args.remember,
        tls,
    };
    runtime.block_on(async {
        let standin = StandIn::start(args.listen, options).await?;
        println!("stand-in provider on {}", standin.url());
        tokio::select! {
            () = standin.run() => Ok(()),
            signal = tokio::signal::ctrl_c() => signal.context("cannot wait for ctrl-c"),
        }
    })
}
