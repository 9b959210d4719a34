//! What a newcomer reads stays true: every crate is on the map, every decision can be found.

use anyhow::Result;
use tidegate_architecture::{
    expect_none,
    tree::{files, read},
    workspace::{packages, root},
};

#[test]
fn every_crate_is_on_the_map() -> Result<()> {
    let map = read(&root().join("ARCHITECTURE.md"))?;
    let missing: Vec<_> = packages()?
        .iter()
        .filter(|package| {
            !map.contains(&package.folder()) && !map.contains(&format!("`{}`", package.name))
        })
        .map(|package| format!("{}: name its folder, {}", package.name, package.folder()))
        .collect();
    expect_none("crates that ARCHITECTURE.md does not name:", &missing);
    Ok(())
}

#[test]
fn every_crate_has_a_head() -> Result<()> {
    let mut silent = Vec::new();
    for package in packages()? {
        for (head, least) in package.heads() {
            let text = read(head)?;
            let lines = text.lines().take_while(|line| line.starts_with("//!"));
            let words = lines.flat_map(|line| line[3..].split_whitespace()).count();
            if words < least {
                silent.push(format!("{}: {}", package.name, head.display()));
            }
        }
    }
    expect_none(
        "crates whose `//!` head does not say what they are for:",
        &silent,
    );
    Ok(())
}

#[test]
fn every_decision_is_linked() -> Result<()> {
    let readers: String = ["ARCHITECTURE.md", "docs/adr/README.md"]
        .iter()
        .filter_map(|path| read(&root().join(path)).ok())
        .collect();
    let lost: Vec<_> = files("docs/adr", "md")?
        .iter()
        .filter(|decision| decision.name() != "README.md" && !readers.contains(decision.name()))
        .map(|decision| format!("{}: link it from ARCHITECTURE.md", decision.path))
        .collect();
    expect_none("decisions that nothing links to:", &lost);
    Ok(())
}

#[test]
fn links_between_our_pages_lead_somewhere() -> Result<()> {
    let mut dead = Vec::new();
    for page in files("", "md")? {
        for link in page
            .text
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split([')', ' ']).next())
        {
            let target = link.split('#').next().unwrap_or_default();
            let elsewhere =
                target.is_empty() || target.contains("://") || target.starts_with("mailto:");
            if !elsewhere && !page.folder().join(target).exists() {
                dead.push(format!("{}: {link}", page.path));
            }
        }
    }
    expect_none("links that lead nowhere:", &dead);
    Ok(())
}
