//! Every store takes the CA and gives it back, and people are told who trusts us.

use super::*;

fn states(report: &Report) -> Vec<(&str, State)> {
    let stores = report.stores.iter();
    stores
        .map(|store| (store.store.as_str(), store.state))
        .collect()
}

#[test]
fn every_store_takes_it_and_gives_it_back() -> Result<()> {
    let machine = Machine::new()?;
    machine.write(POLICIES, "{ \"policies\": {\"DisableTelemetry\": true} }")?;
    let before = machine.tree()?;
    let pem = ca("ours");
    let trusted_by_most = || -> Result<bool> {
        let root = Root::at(&machine.path(""));
        Ok(crate::in_bundle(&root, &Ca::from_pem(&pem)?))
    };
    assert!(!trusted_by_most()?);
    let report = machine.trust().install(&signed(&pem))?;
    assert!(trusted_by_most()?);
    let names = [
        "file",
        "debian",
        "firefox",
        "nss:/home/me",
        "java:/usr/lib/jvm/default/lib/security/cacerts",
        "environment",
    ];
    assert_eq!(
        states(&report),
        names.map(|name| (name, State::Installed)),
        "{report}"
    );
    for client in [
        "curl",
        "Node",
        "Codex",
        "Claude Code",
        "Chrome",
        "Firefox",
        "Java",
        "requests",
    ] {
        assert_eq!(trusted(&report, client), Trusted::Yes, "{client}");
    }
    assert_eq!(trusted(&report, "containers"), Trusted::No);
    assert_eq!(machine.trust().status()?, report);
    looks_right(&machine, &Ca::from_pem(&pem)?)?;

    let report = machine.trust().uninstall()?;
    assert!(report.is_fine() && report.stores.len() == 6, "{report}");
    assert_eq!(machine.tree()?, before);
    assert!(!trusted_by_most()?);
    assert_eq!(machine.trust().uninstall()?, Report::default());
    let report = machine.trust().status()?;
    assert!(
        report
            .stores
            .iter()
            .all(|store| store.state == State::NotInstalled),
        "{report}"
    );
    Ok(())
}

fn looks_right(machine: &Machine, ours: &Ca) -> Result<()> {
    assert!(ours.is_in(&machine.read("etc/ssl/certs/ca-certificates.crt")?));
    let policies: serde_json::Value = serde_json::from_str(&machine.read(POLICIES)?)?;
    assert_eq!(policies["policies"]["DisableTelemetry"], true);
    let listed = &policies["policies"]["Certificates"]["Install"][0];
    assert_eq!(listed, "/etc/firefox/policies/tidegate-ca.pem");
    let shells = machine.read("etc/profile.d/tidegate.sh")?;
    for line in [
        "export NODE_EXTRA_CA_CERTS=\"${NODE_EXTRA_CA_CERTS:-/etc/ssl/tidegate/ca.pem}\"\n",
        // What replaces the roots names a bundle of all of them.
        "export SSL_CERT_FILE=\"${SSL_CERT_FILE:-/etc/ssl/certs/ca-certificates.crt}\"\n",
    ] {
        assert!(shells.contains(line), "{shells}");
    }
    assert!(!machine.path("etc/ssl/tidegate/bundle.pem").exists());
    let manifest = machine.path("var/lib/tidegate-edge-trust/manifest.json");
    assert_eq!(fs::metadata(manifest)?.mode() & 0o777, 0o600);
    Ok(())
}

#[test]
fn doing_it_again_changes_nothing_and_another_ca_takes_its_place() -> Result<()> {
    let machine = Machine::new()?;
    let before = machine.tree()?;
    let (one, two) = (ca("one"), ca("two"));
    let first = machine.trust().install(&signed(&one))?;
    let installed = machine.tree()?;
    assert_eq!(machine.trust().install(&signed(&one))?, first);
    let without_manifest = |tree: Vec<String>| -> Vec<String> {
        let lines = tree.into_iter();
        lines
            .filter(|line| !line.contains("manifest.json"))
            .collect()
    };
    assert_eq!(
        without_manifest(machine.tree()?),
        without_manifest(installed)
    );
    assert!(machine.trust().install(&signed(&two))?.is_fine());
    let bundle = machine.read("etc/ssl/certs/ca-certificates.crt")?;
    assert!(Ca::from_pem(&two)?.is_in(&bundle) && !Ca::from_pem(&one)?.is_in(&bundle));
    machine.trust().uninstall()?;
    assert_eq!(machine.tree()?, before);
    Ok(())
}

#[test]
fn a_bundle_of_our_own_where_the_system_has_no_tool() -> Result<()> {
    let mut machine = Machine::new()?;
    machine
        .tools
        .missing
        .extend(["update-ca-certificates", "certutil"]);
    let pem = ca("ours");
    let report = machine.trust().install(&signed(&pem))?;
    assert!(
        report.is_fine() && report.store("debian").is_none(),
        "{report}"
    );
    let nss = report.store("nss:/home/me").unwrap();
    assert_eq!(nss.state, State::NotInstalled);
    assert!(
        nss.note
            .as_ref()
            .is_some_and(|note| note.contains("`certutil` is missing"))
    );
    let of = |client| trusted(&report, client);
    assert_eq!((of("curl"), of("Codex")), (Trusted::No, Trusted::Yes));
    let bundle = machine.read("etc/ssl/tidegate/bundle.pem")?;
    assert!(bundle.starts_with(&machine.read("etc/ssl/certs/ca-certificates.crt")?));
    assert!(Ca::from_pem(&pem)?.is_in(&bundle));
    let sessions = || machine.read("etc/environment.d/60-tidegate.conf");
    assert!(sessions()?.contains("SSL_CERT_FILE:-/etc/ssl/tidegate/bundle.pem"));

    // Without any roots, variables that replace them would leave none.
    machine.trust().uninstall()?;
    fs::remove_file(machine.path("etc/ssl/certs/ca-certificates.crt"))?;
    machine.trust().install(&signed(&pem))?;
    let sessions = sessions()?;
    assert!(sessions.contains("NODE_EXTRA_CA_CERTS") && !sessions.contains("SSL_CERT_FILE"));
    Ok(())
}
