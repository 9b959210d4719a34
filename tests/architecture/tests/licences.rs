//! Every dependency may be used and passed on: its licence is on the list of `deny.toml`. Read from
//! `cargo metadata`, so that it is checked wherever the tests run.

use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use tidegate_architecture::{expect_none, workspace};

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    version: String,
    license: Option<String>,
    source: Option<String>,
}

#[test]
fn dependencies_have_permissive_licences() -> Result<()> {
    let allowed = allowed()?;
    let output = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["metadata", "--format-version", "1", "--locked"])
        .current_dir(workspace::root())
        .output()?;
    let message = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "cargo metadata failed: {message}");
    let metadata: Metadata = serde_json::from_slice(&output.stdout)?;
    ensure!(
        metadata.packages.len() > 100,
        "the dependencies are not there"
    );
    let mut breaches = Vec::new();
    for package in metadata.packages {
        // Ours have none.
        let Some(source) = package.source else {
            continue;
        };
        if !source.starts_with("registry+") {
            breaches.push(format!("{} comes from {source}", package.name));
        }
        let licence = package.license.unwrap_or_default();
        if !permits(&licence, &allowed) {
            let Package { name, version, .. } = package;
            breaches.push(format!("{name} {version} is under `{licence}`"));
        }
    }
    expect_none("dependencies that may not be used:", &breaches);
    Ok(())
}

#[test]
fn expressions_are_read_as_spdx_says() {
    let allowed = ["MIT".to_owned(), "Apache-2.0".to_owned()];
    for (expression, permitted) in [
        ("MIT", true),
        ("MIT/GPL-3.0", true),
        ("GPL-3.0 OR (MIT AND Apache-2.0)", true),
        ("MIT AND GPL-3.0", false),
        ("(MIT OR GPL-3.0) AND AGPL-3.0", false),
        ("Apache-2.0 WITH LLVM-exception", false),
        ("", false),
    ] {
        assert_eq!(permits(expression, &allowed), permitted, "{expression}");
    }
}

/// The list in `deny.toml`.
fn allowed() -> Result<Vec<String>> {
    let text = std::fs::read_to_string(workspace::root().join("deny.toml"))?;
    let list = text.split("allow = [").nth(1).context("no list")?;
    let list = list.split(']').next().context("no end")?;
    let quoted = list.split('"').skip(1).step_by(2);
    Ok(quoted.map(str::to_owned).collect())
}

/// Whether an SPDX licence expression can be met (SPDX 2.3, annex D): AND binds more tightly than OR;
/// the old `/` means OR.
fn permits(expression: &str, allowed: &[String]) -> bool {
    let spaced = expression
        .replace('(', " ( ")
        .replace(')', " ) ")
        .replace('/', " OR ");
    let mut words = spaced.split_whitespace().peekable();
    either(&mut words, allowed) && words.next().is_none()
}

type Words<'a> = std::iter::Peekable<std::str::SplitWhitespace<'a>>;

fn either(words: &mut Words<'_>, allowed: &[String]) -> bool {
    let mut met = both(words, allowed);
    while words.next_if_eq(&"OR").is_some() {
        met |= both(words, allowed);
    }
    met
}

fn both(words: &mut Words<'_>, allowed: &[String]) -> bool {
    let mut met = one(words, allowed);
    while words.next_if_eq(&"AND").is_some() {
        met &= one(words, allowed);
    }
    met
}

fn one(words: &mut Words<'_>, allowed: &[String]) -> bool {
    if words.next_if_eq(&"(").is_some() {
        let met = either(words, allowed);
        return words.next_if_eq(&")").is_some() && met;
    }
    let mut name = words.next().unwrap_or_default().to_owned();
    if words.next_if_eq(&"WITH").is_some() {
        name = format!("{name} WITH {}", words.next().unwrap_or_default());
    }
    allowed.contains(&name)
}
