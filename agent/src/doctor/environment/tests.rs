//! A made-up machine: what is installed, who asks, what runs.

use anyhow::Context;

use super::*;
use crate::doctor::report::Level;

const FILE: &str = "# Written by Tidegate\nNODE_EXTRA_CA_CERTS=${NODE_EXTRA_CA_CERTS:-/ca.pem}\n\
                    SSL_CERT_FILE=${SSL_CERT_FILE:-/bundle.crt}\n";

fn caller(variables: &[(&str, &str)]) -> Caller {
    let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    Caller {
        whose: "this shell".into(),
        variables: variables.iter().map(own).collect(),
    }
}

#[test]
fn a_shell_from_before_is_told_to_restart() -> anyhow::Result<()> {
    let root = tempfile::tempdir()?;
    assert_eq!(installed(root.path()), None);
    fs::create_dir_all(root.path().join("etc/environment.d"))?;
    fs::write(root.path().join(INSTALLED), FILE)?;
    let installed = installed(root.path()).context("it is there")?;
    assert_eq!(installed.len(), 2);
    assert_eq!(installed["SSL_CERT_FILE"], "/bundle.crt");

    let old = shell(
        &caller(&[("SSL_CERT_FILE", "/bundle.crt")]),
        &installed,
        None,
    );
    assert_eq!(old.level, Level::Problem);
    assert!(old.finding.contains("does not have NODE_EXTRA_CA_CERTS"));
    assert!(
        old.todo
            .is_some_and(|todo| todo.contains("restart your shell"))
    );
    let new = [("SSL_CERT_FILE", "/bundle.crt"), (MARK, "/ca.pem")];
    assert_eq!(shell(&caller(&new), &installed, None).level, Level::Fine);
    Ok(())
}

#[test]
fn a_bundle_of_ones_own_is_fine_when_it_holds_the_ca() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let pem = rcgen::generate_simple_self_signed(vec!["ca.example.com".into()])?
        .cert
        .pem();
    let ca = Ca::from_pem(&pem)?;
    let (with, without) = (folder.path().join("with"), folder.path().join("without"));
    fs::write(&with, &pem)?;
    fs::write(&without, "")?;
    let installed = BTreeMap::from([("SSL_CERT_FILE".to_owned(), "/bundle.crt".to_owned())]);
    for (path, level) in [(with, Level::Fine), (without, Level::Problem)] {
        let caller = caller(&[("SSL_CERT_FILE", &path.to_string_lossy())]);
        assert_eq!(shell(&caller, &installed, Some(&ca)).level, level);
    }
    Ok(())
}

#[test]
fn apps_that_run_from_before_are_named() -> anyhow::Result<()> {
    let proc = tempfile::tempdir()?;
    for (pid, comm, variables) in [
        ("10", "claude", "HOME=/x\0"),
        ("11", "node", "NODE_EXTRA_CA_CERTS=/ca.pem\0"),
        ("12", "bash", "HOME=/x\0"),
    ] {
        let folder = proc.path().join(pid);
        fs::create_dir(&folder)?;
        fs::write(folder.join("comm"), format!("{comm}\n"))?;
        fs::write(folder.join("environ"), variables)?;
    }
    let check = running(proc.path());
    assert_eq!(check.level, Level::Problem);
    assert_eq!(check.finding, "without the variables: claude (process 10)");
    fs::remove_dir_all(proc.path().join("10"))?;
    assert_eq!(running(proc.path()).level, Level::Fine);
    Ok(())
}
