//! `tidegate-edge scan` as a person runs it: without an agent, without a configuration.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use anyhow::{Context, ensure};
use tempfile::TempDir;
use tidegate_device_api::{InstallSource, Inventory};

const SECRET: &str = "ghp_AAAABBBBCCCCDDDDEEEEFFFFGGGGHHHH0123";

fn write(home: &Path, path: &str, text: &str) -> anyhow::Result<()> {
    let path = home.join(path);
    fs::create_dir_all(path.parent().context("a folder")?)?;
    Ok(fs::write(path, text)?)
}

fn home() -> anyhow::Result<TempDir> {
    let home = tempfile::tempdir()?;
    write(
        home.path(),
        ".bun/install/global/node_modules/@openai/codex/package.json",
        r#"{"name": "@openai/codex", "version": "0.169.0"}"#,
    )?;
    let config = format!(
        "[mcp_servers.tickets]\ncommand = \"uvx\"\nargs = [\"tickets-mcp\", \"--token={SECRET}\"]\n\
         env = {{ TICKETS_TOKEN = \"{SECRET}\" }}\n"
    );
    write(home.path(), ".codex/config.toml", &config)?;
    Ok(home)
}

fn scan(home: &Path, arguments: &[&str]) -> anyhow::Result<Output> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tidegate-edge"));
    command.args(["--config", "/none/edge.toml", "scan"]);
    Ok(command.args(arguments).env("HOME", home).output()?)
}

/// What the home holds. What else runs on this machine may come and go meanwhile.
fn of_home(output: &Output) -> anyhow::Result<Inventory> {
    ensure!(output.status.success(), "{output:?}");
    let mut inventory: Inventory = serde_json::from_slice(&output.stdout)?;
    inventory.apps.retain(|app| app.path.starts_with("~/"));
    let servers = &mut inventory.mcp_servers;
    servers.retain(|server| server.config_path.starts_with("~/"));
    inventory.coverage.clear();
    Ok(inventory)
}

#[test]
fn json_is_the_inventory_of_the_callers_home() -> anyhow::Result<()> {
    let home = home()?;
    let inventory = of_home(&scan(home.path(), &["--json"])?)?;
    let [codex] = &inventory.apps[..] else {
        anyhow::bail!("{:?}", inventory.apps);
    };
    let told = (codex.app.as_str(), codex.source, codex.version.as_deref());
    assert_eq!(told, ("codex", InstallSource::Npm, Some("0.169.0")));
    let [server] = &inventory.mcp_servers[..] else {
        anyhow::bail!("{:?}", inventory.mcp_servers);
    };
    assert_eq!(server.identity.to_string(), "pypi:tickets-mcp");
    assert_eq!(server.given, ["TICKETS_TOKEN"]);
    assert_eq!(server.user, codex.user);
    assert_eq!(of_home(&scan(home.path(), &["--json"])?)?, inventory);
    Ok(())
}

#[test]
fn no_secret_is_printed_whatever_is_asked() -> anyhow::Result<()> {
    let home = home()?;
    for arguments in [
        &[][..],
        &["--json"],
        &["--coverage"],
        &["--json", "--coverage"],
    ] {
        let output = scan(home.path(), arguments)?;
        assert!(output.status.success(), "{output:?}");
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        assert!(
            said.contains("tickets") && !said.contains(&SECRET[..12]),
            "{said}"
        );
    }
    Ok(())
}

#[test]
fn bad_usage_is_told() -> anyhow::Result<()> {
    let output = scan(home()?.path(), &["--jsonn"])?;
    assert!(!output.status.success() && output.stdout.is_empty());
    Ok(())
}
