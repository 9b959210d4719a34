//! Prints the texts that the rules for secrets are tested with, a line of JSON each, made with the seed that
//! is given: for comparing other scanners over the same texts.

#[path = "../tests/secrets/files.rs"]
mod files;
#[path = "../tests/secrets/samples.rs"]
mod samples;

use std::io::Write;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let seed = std::env::args().nth(1).map_or(Ok(1), |seed| seed.parse())?;
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for sample in files::samples(seed) {
        let line = serde_json::json!({
            "rule": sample.rule,
            "finds": sample.finds,
            "text": sample.text,
        });
        writeln!(out, "{line}")?;
    }
    Ok(())
}
