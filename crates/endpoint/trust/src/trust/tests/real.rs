//! Debian's own tool makes the bundles below a root of ours, OpenSSL believes them, and a shell reads
//! the variables.

use std::process::Command;

use super::*;
use crate::System;

#[test]
fn debians_tool_takes_it_in_and_out() -> Result<()> {
    let tool = "update-ca-certificates";
    assert!(System.has(tool), "this test needs Debian's ca-certificates");
    let machine = Machine::new()?;
    // The other tools are not for made-up databases.
    fs::remove_dir_all(machine.path("home"))?;
    fs::remove_dir_all(machine.path("usr/lib/jvm"))?;
    let trust = Trust::new(Root::at(machine.dir.path()), System);
    // One round, so that the bundles are as the tool makes them.
    let pem = ca("ours");
    trust.install(&signed(&pem))?;
    trust.uninstall()?;
    let before = machine.tree()?;
    let report = trust.install(&signed(&pem))?;
    assert!(report.is_fine(), "{report}");

    let leaf = machine.path("ca.pem");
    fs::write(&leaf, &pem)?;
    let certs = machine.path("etc/ssl/certs");
    let believes = |option: &str, roots: &Path| -> Result<bool> {
        let mut openssl = Command::new("openssl");
        openssl.args(["verify", "-no-CAfile", "-no-CApath", "-no-CAstore", option]);
        Ok(openssl.arg(roots).arg(&leaf).output()?.status.success())
    };
    let bundle = certs.join("ca-certificates.crt");
    assert!(believes("-CAfile", &bundle)? && believes("-CApath", &certs)?);
    let report = trust.uninstall()?;
    assert!(report.is_fine(), "{report}");
    assert!(!believes("-CAfile", &bundle)? && !believes("-CApath", &certs)?);
    let link = certs.join("tidegate-ca.pem").symlink_metadata();
    assert!(link.is_err(), "the tool's link to what is gone");
    fs::remove_file(&leaf)?;
    assert_eq!(machine.tree()?, before);
    Ok(())
}

#[test]
fn a_shell_reads_the_variables() -> Result<()> {
    let machine = Machine::new()?;
    machine.trust().install(&signed(&ca("ours")))?;
    let script = format!(
        ". {}; env",
        machine.path("etc/profile.d/tidegate.sh").display()
    );
    let mut shell = Command::new("sh");
    shell
        .args(["-euc", &script])
        .env_clear()
        .env("PIP_CERT", "/mine");
    let environment = String::from_utf8(shell.output()?.stdout)?;
    for line in [
        "NODE_EXTRA_CA_CERTS=/etc/ssl/tidegate/ca.pem\n",
        "REQUESTS_CA_BUNDLE=/etc/ssl/certs/ca-certificates.crt\n",
        // Whoever chose a bundle keeps it.
        "PIP_CERT=/mine\n",
    ] {
        assert!(environment.contains(line), "{environment}");
    }
    let sessions = machine.read("etc/environment.d/60-tidegate.conf")?;
    let is_pair = |line: &str| line.starts_with('#') || line.contains("=${");
    assert!(sessions.lines().all(is_pair), "{sessions}");
    Ok(())
}

/// Whether a tool is here; where it is not, a test says so and proves nothing.
fn is_here(tool: &str) -> bool {
    let here = System.has(tool);
    if !here {
        eprintln!("SKIPPED: `{tool}` is not on this machine");
    }
    here
}

/// In and out with the real tools, and out again after someone else wrote to the database.
fn in_and_out(machine: &Machine, store: &str, theirs: impl Fn() -> Result<bool>) -> Result<Report> {
    let trust = Trust::new(Root::at(machine.dir.path()), System);
    let pem = ca("ours");
    trust.install(&signed(&pem))?;
    trust.uninstall()?;
    let before = machine.tree()?;
    let report = trust.install(&signed(&pem))?;
    assert!(report.is_fine(), "{report}");
    assert_eq!(trust.status()?, report);
    assert_eq!(
        report.store(store).map(|store| store.state),
        Some(State::Installed)
    );
    assert!(trust.uninstall()?.is_fine());
    assert_eq!(machine.tree()?, before);
    trust.install(&signed(&pem))?;
    assert!(theirs()?, "their own change works");
    let report = trust.uninstall()?;
    let note = report.store(store).and_then(|store| store.note.clone());
    assert!(
        note.is_some_and(|note| note.contains("the rest left")),
        "{report}"
    );
    Ok(report)
}

#[test]
fn certutil_takes_it_in_and_out() -> Result<()> {
    if !is_here("certutil") {
        return Ok(());
    }
    let machine = Machine::new()?;
    fs::remove_dir_all(machine.path("usr/lib/jvm"))?;
    let folder = machine.path("home/me/.pki/nssdb");
    fs::remove_dir_all(&folder)?;
    fs::create_dir_all(&folder)?;
    let database = format!("sql:{}", folder.display());
    let certutil = |arguments: &[&str]| -> Result<std::process::Output> {
        let mut command = Command::new("certutil");
        Ok(command.args(arguments).args(["-d", &database]).output()?)
    };
    assert!(certutil(&["-N", "--empty-password"])?.status.success());
    let file = machine.path("other.pem").display().to_string();
    fs::write(&file, ca("other"))?;
    let add = ["-A", "-t", "C,,", "-n", "other", "-i", &file];
    in_and_out(&machine, "nss:/home/me", || {
        Ok(certutil(&add)?.status.success())
    })?;
    let left = String::from_utf8(certutil(&["-L"])?.stdout)?;
    assert!(
        left.contains("other") && !left.contains("Tidegate"),
        "{left}"
    );
    Ok(())
}

#[test]
fn keytool_takes_it_in_and_out() -> Result<()> {
    if !is_here("keytool") {
        return Ok(());
    }
    let machine = Machine::new()?;
    fs::remove_dir_all(machine.path("home"))?;
    let keystore = machine.path("usr/lib/jvm/own/lib/security/cacerts");
    fs::remove_file(&keystore)?;
    let file = machine.path("other.pem");
    fs::write(&file, ca("other"))?;
    let import = |alias: &str| -> Result<bool> {
        let mut keytool = Command::new("keytool");
        keytool.args([
            "-importcert",
            "-noprompt",
            "-storepass",
            "changeit",
            "-alias",
            alias,
        ]);
        keytool
            .arg("-file")
            .arg(&file)
            .arg("-keystore")
            .arg(&keystore);
        Ok(keytool.output()?.status.success())
    };
    assert!(import("first")?);
    let store = "java:/usr/lib/jvm/default/lib/security/cacerts";
    in_and_out(&machine, store, || import("second"))?;
    Ok(())
}
