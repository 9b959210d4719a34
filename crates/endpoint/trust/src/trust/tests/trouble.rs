//! What goes wrong, and what then stays as it is.

use std::os::unix::fs::symlink;

use super::*;

/// The lines of a tree that are about some files.
fn about<'a>(tree: &'a [String], file: &'a str) -> Vec<&'a String> {
    let lines = tree.iter().filter(|line| line.starts_with(file));
    lines.filter(|line| !line.contains(" 40755 ")).collect()
}

#[test]
fn a_tool_that_fails_takes_only_its_store_along() -> Result<()> {
    let keystore = "java:/usr/lib/jvm/default/lib/security/cacerts";
    for (tool, store, file) in [
        ("update-ca-certificates", "debian", "usr/local/share"),
        ("certutil -A", "nss:/home/me", "home/me/.pki"),
        ("keytool -importcert", keystore, "usr/lib/jvm/own"),
    ] {
        let machine = Machine::new()?;
        let before = machine.tree()?;
        machine.tools.failing.borrow_mut().insert(tool);
        let report = machine.trust().install(&signed(&ca("ours")))?;
        let stores = report.stores.iter();
        let failed: Vec<_> = stores.filter(|s| s.state != State::Installed).collect();
        assert_eq!(
            (failed.len(), failed[0].store.as_str()),
            (1, store),
            "{report}"
        );
        assert_eq!((failed[0].state, report.is_fine()), (State::Failed, false));
        assert!(
            failed[0]
                .note
                .as_ref()
                .is_some_and(|note| note.contains("half done"))
        );
        // What it had half done is undone; the next time it works.
        assert_eq!(about(&machine.tree()?, file), about(&before, file));
        assert!(machine.trust().install(&signed(&ca("another")))?.is_fine());
        machine.trust().uninstall()?;
        assert_eq!(machine.tree()?, before);
    }
    Ok(())
}

#[test]
fn what_someone_else_changed_since_is_left_and_named() -> Result<()> {
    let machine = Machine::new()?;
    machine.trust().install(&signed(&ca("ours")))?;
    machine.write("etc/profile.d/tidegate.sh", "# mine now\n")?;
    machine.write(POLICIES, "{\"policies\":{}}")?;
    let report = machine.trust().status()?;
    for store in ["environment", "firefox"] {
        let store = report.store(store).unwrap();
        assert_eq!(store.state, State::NotInstalled);
        assert!(
            store
                .note
                .as_ref()
                .is_some_and(|note| note.contains("someone else"))
        );
    }
    let report = machine.trust().install(&signed(&ca("next")))?;
    let environment = report.store("environment").map(|store| store.state);
    assert_eq!(environment, Some(State::LeftAlone));
    let report = machine.trust().uninstall()?;
    let notes: String = report
        .stores
        .iter()
        .filter(|store| store.state == State::LeftAlone)
        .filter_map(|store| store.note.clone())
        .collect();
    assert!(
        notes.contains("/etc/profile.d/tidegate.sh was changed by someone else"),
        "{notes}"
    );
    assert!(
        notes.contains("policies.json was changed by someone else"),
        "{notes}"
    );
    assert_eq!(machine.read("etc/profile.d/tidegate.sh")?, "# mine now\n");
    assert_eq!(machine.read(POLICIES)?, "{\"policies\":{}}");
    assert!(!machine.path("etc/environment.d/60-tidegate.conf").exists());
    Ok(())
}

#[test]
fn databases_that_were_written_to_since_lose_only_ours() -> Result<()> {
    let machine = Machine::new()?;
    machine.trust().install(&signed(&ca("ours")))?;
    let (database, keystore) = (
        "home/me/.pki/nssdb/cert9.db",
        "usr/lib/jvm/own/lib/security/cacerts",
    );
    for file in [database, keystore] {
        let text = machine.read(file)?;
        machine.write(file, &(text + "theirs\n"))?;
    }
    let report = machine.trust().uninstall()?;
    assert!(report.is_fine(), "{report}");
    assert!(
        report
            .to_string()
            .contains("our CA was taken out, and the rest left")
    );
    assert_eq!(machine.read(database)?, "certificates\ntheirs\n");
    assert_eq!(machine.read(keystore)?, "keystore\ntheirs\n");
    Ok(())
}

#[test]
fn a_home_cannot_lead_us_elsewhere() -> Result<()> {
    let machine = Machine::new()?;
    let folder = machine.path("home/me/.pki/nssdb");
    fs::rename(&folder, machine.path("home/elsewhere"))?;
    symlink(machine.path("home/elsewhere"), &folder)?;
    let report = machine.trust().install(&signed(&ca("ours")))?;
    let state = report.store("nss:/home/me").map(|store| store.state);
    assert_eq!(state, Some(State::Failed), "{report}");
    assert_eq!(machine.read("home/elsewhere/cert9.db")?, "certificates\n");
    let ran = machine.tools.ran.borrow();
    assert!(
        ran.iter().all(|command| !command.contains("certutil -A")),
        "{ran:?}"
    );
    Ok(())
}

#[test]
fn policies_that_do_not_read_are_left() -> Result<()> {
    let install = "{\"policies\":{\"Certificates\":{\"Install\":\"x\"}}}";
    for text in ["{", "[]", "{\"policies\": 7}", install] {
        let machine = Machine::new()?;
        machine.write(POLICIES, text)?;
        let report = machine.trust().install(&signed(&ca("ours")))?;
        let state = report.store("firefox").map(|store| store.state);
        assert_eq!(state, Some(State::Failed));
        assert_eq!(machine.read(POLICIES)?, text);
        assert_eq!(trusted(&report, "Firefox"), Trusted::No);
        assert!(
            !machine
                .path("etc/firefox/policies/tidegate-ca.pem")
                .exists()
        );
    }
    Ok(())
}

#[test]
fn a_crash_between_the_record_and_the_file_loses_nothing() -> Result<()> {
    let machine = Machine::new()?;
    let (shells, sessions) = (
        "etc/profile.d/tidegate.sh",
        "etc/environment.d/60-tidegate.conf",
    );
    machine.write(shells, "# before us\n")?;
    machine.trust().install(&signed(&ca("ours")))?;
    // As if these had not been written yet.
    machine.write(shells, "# before us\n")?;
    fs::remove_file(machine.path(sessions))?;
    let report = machine.trust().uninstall()?;
    assert!(report.is_fine(), "{report}");
    assert_eq!(machine.read(shells)?, "# before us\n");
    assert!(!machine.path("etc/environment.d").exists());
    Ok(())
}

#[test]
fn two_at_once_and_records_that_do_not_read_stop_everything() -> Result<()> {
    let machine = Machine::new()?;
    machine.trust().install(&signed(&ca("ours")))?;
    let folder = fs::File::open(machine.path("var/lib/tidegate-edge-trust"))?;
    folder.lock()?;
    let error = machine.trust().uninstall().unwrap_err().to_string();
    assert!(
        error.contains("another install or uninstall is at work"),
        "{error}"
    );
    drop(folder);
    machine.write("var/lib/tidegate-edge-trust/manifest.json", "{")?;
    let before = machine.tree()?;
    let trust = machine.trust();
    assert!(trust.install(&signed(&ca("next"))).is_err());
    assert!(trust.uninstall().is_err() && trust.status().is_err());
    assert_eq!(machine.tree()?, before);
    Ok(())
}

#[test]
fn a_crashed_run_is_in_nobodys_way() -> Result<()> {
    let machine = Machine::new()?;
    let rest = format!("etc/profile.d/.tidegate-{}", std::process::id());
    machine.write(&rest, "half writ")?;
    assert!(machine.trust().install(&signed(&ca("ours")))?.is_fine());
    assert!(!machine.path(&rest).exists());
    Ok(())
}

#[test]
fn a_home_that_is_gone_holds_nothing_up() -> Result<()> {
    let machine = Machine::new()?;
    machine.trust().install(&signed(&ca("ours")))?;
    fs::remove_dir_all(machine.path("home/me"))?;
    let report = machine.trust().uninstall()?;
    let home = report.store("nss:/home/me").unwrap();
    assert_ne!(home.state, State::Installed, "{report}");
    assert!(!machine.path("etc/ssl/tidegate").exists());
    Ok(())
}
