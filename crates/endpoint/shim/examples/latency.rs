//! What the shim adds to a message: round trips to `cat`, with the shim and without it, in turns.
//! `latency SHIM [ROUNDS]`, `SHIM` being the example `mcp_run`.

use std::{
    io::{BufRead, BufReader, Write},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result};

const TURNS: usize = 5;

fn main() -> Result<()> {
    let mut words = std::env::args().skip(1);
    let shim = words.next().context("the shim's path is missing")?;
    let rounds: usize = words.next().map_or(Ok(5_000), |text| text.parse())?;
    let nowhere = "/nonexistent/mcp.json";
    let through = [
        shim.as_str(),
        nowhere,
        "/nonexistent/notes",
        "open",
        "--",
        "cat",
    ];
    let mut report = String::new();
    for size in [200, 20_000, 1_000_000] {
        let rounds = (rounds * 200 / size).clamp(50, rounds);
        let (mut bare, mut shimmed) = (Vec::new(), Vec::new());
        for _ in 0..TURNS {
            bare.extend(measure(&["cat"], size, rounds)?);
            shimmed.extend(measure(&through, size, rounds)?);
        }
        let (bare, shimmed) = (Spread::of(bare), Spread::of(shimmed));
        let ratio = shimmed.half.as_secs_f64() / bare.half.as_secs_f64();
        report +=
            &format!("{size} bytes: bare {bare}, shim {shimmed}, ratio of medians {ratio:.2}\n");
    }
    std::io::stdout().write_all(report.as_bytes())?;
    Ok(())
}

fn measure(words: &[&str], size: usize, rounds: usize) -> Result<Vec<Duration>> {
    let (command, args) = words.split_first().context("no words")?;
    let mut child = Command::new(command)
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let mut input = child.stdin.take().context("no input")?;
    let mut output = BufReader::with_capacity(1 << 20, child.stdout.take().context("no output")?);
    let fill = "x".repeat(size.saturating_sub(60));
    let mut times = Vec::with_capacity(rounds);
    let mut line = Vec::with_capacity(size + 64);
    for round in 0..rounds + 20 {
        let message = format!(
            "{{\"jsonrpc\":\"2.0\",\"id\":{round},\"method\":\"x\",\"params\":\"{fill}\"}}\n"
        );
        line.clear();
        let start = Instant::now();
        // More than the pipes hold would have both sides wait for each other.
        std::thread::scope(|scope| -> Result<()> {
            if size > 50_000 {
                let writer = scope.spawn(|| input.write_all(message.as_bytes()));
                output.read_until(b'\n', &mut line)?;
                writer
                    .join()
                    .map_err(|_| anyhow::anyhow!("the writer panicked"))??;
            } else {
                input.write_all(message.as_bytes())?;
                output.read_until(b'\n', &mut line)?;
            }
            Ok(())
        })?;
        let took = start.elapsed();
        anyhow::ensure!(line == message.as_bytes(), "it came back changed");
        // The first ones warm up.
        if round >= 20 {
            times.push(took);
        }
    }
    drop(input);
    child.wait()?;
    Ok(times)
}

struct Spread {
    half: Duration,
    most: Duration,
}

impl Spread {
    fn of(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        let at = |part: usize| {
            times
                .get(times.len() * part / 100)
                .copied()
                .unwrap_or_default()
        };
        Self {
            half: at(50),
            most: at(99),
        }
    }
}

impl std::fmt::Display for Spread {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let micros = |time: Duration| time.as_secs_f64() * 1e6;
        write!(
            f,
            "{:.1} µs (p99 {:.1})",
            micros(self.half),
            micros(self.most)
        )
    }
}
