//! Chromium and its kin: by a managed policy, and by the databases of homes at both their places.

use super::*;

const MANAGED: &str = "etc/chromium/policies/managed";
const STORE: &str = "chromium:/etc/chromium/policies/managed";

#[test]
fn a_managed_policy_lists_it_and_homes_need_no_database() -> Result<()> {
    let machine = Machine::new()?;
    fs::remove_dir_all(machine.path("home/me/.pki"))?;
    machine.write("usr/lib/chromium/chromium", "")?;
    machine.write(
        &format!("{MANAGED}/theirs.json"),
        "{\"HomepageLocation\": \"x\"}",
    )?;
    let before = machine.tree()?;
    let pem = ca("ours");
    let report = machine.trust().install(&signed(&pem))?;
    assert_eq!(report.store(STORE).unwrap().state, State::Installed);
    assert_eq!(trusted(&report, "Chrome"), Trusted::Yes);
    // Electron reads no policy.
    assert_eq!(trusted(&report, "Cursor"), Trusted::No);
    assert_eq!(machine.trust().status()?, report);

    let text = machine.read(&format!("{MANAGED}/tidegate.json"))?;
    let policies: serde_json::Value = serde_json::from_str(&text)?;
    let body: String = pem.lines().filter(|line| !line.contains("---")).collect();
    assert_eq!(policies, serde_json::json!({ "CACertificates": [body] }));
    assert!(machine.trust().uninstall()?.is_fine());
    assert_eq!(machine.tree()?, before);
    Ok(())
}

#[test]
fn somebody_elses_list_is_left_to_them() -> Result<()> {
    let machine = Machine::new()?;
    machine.write("opt/google/chrome/chrome", "")?;
    let theirs = "etc/opt/chrome/policies/managed/roots.json";
    // As browsers read it: with a comment.
    machine.write(theirs, "{\n// ours\n\"CACertificates\": [\"AA==\"]}")?;
    let report = machine.trust().install(&signed(&ca("ours")))?;
    let store = report.store("chromium:/etc/opt/chrome/policies/managed");
    let store = store.unwrap();
    assert_eq!(store.state, State::NotInstalled);
    let note = store.note.clone().unwrap_or_default();
    assert!(note.contains("roots.json sets CACertificates"), "{note}");
    assert!(
        !machine
            .path("etc/opt/chrome/policies/managed/tidegate.json")
            .exists()
    );
    // The database of the home does it then.
    assert_eq!(trusted(&report, "Chrome"), Trusted::Yes);

    // One that came later, whichever of the two counts: we do not.
    let machine = Machine::new()?;
    machine.write("etc/chromium/master_preferences", "{}")?;
    machine.trust().install(&signed(&ca("ours")))?;
    machine.write(&format!("{MANAGED}/later.json"), "{\"CACertificates\": []}")?;
    let report = machine.trust().status()?;
    assert_eq!(report.store(STORE).unwrap().state, State::NotInstalled);
    Ok(())
}

#[test]
fn a_home_has_its_database_at_the_old_place_or_at_the_new_one() -> Result<()> {
    let machine = Machine::new()?;
    machine.write("home/me/.local/share/pki/nssdb/cert9.db", "certificates\n")?;
    let before = machine.tree()?;
    let report = machine.trust().install(&signed(&ca("ours")))?;
    for (store, folder) in [
        ("nss:/home/me", ".pki"),
        ("nss:/home/me/.local/share/pki/nssdb", ".local/share/pki"),
    ] {
        assert_eq!(
            report.store(store).unwrap().state,
            State::Installed,
            "{report}"
        );
        let database = machine.read(&format!("home/me/{folder}/nssdb/cert9.db"))?;
        assert!(database.contains("Tidegate "), "{database}");
    }
    assert_eq!(trusted(&report, "Cursor"), Trusted::Yes);
    assert!(machine.trust().uninstall()?.is_fine());
    assert_eq!(machine.tree()?, before);
    Ok(())
}
