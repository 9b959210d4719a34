//! Install and uninstall leave any machine as it was, whatever lies where we want to write.

use std::os::unix::fs::{PermissionsExt, symlink};

use proptest::prelude::*;

use super::*;

/// Every path that we write to, and some beside them.
const PATHS: &[&str] = &[
    "etc/ssl/tidegate/ca.pem",
    "etc/ssl/tidegate/other",
    "usr/local/share/ca-certificates/tidegate-ca.crt",
    "usr/local/share/ca-certificates/theirs.crt",
    "etc/firefox/policies/policies.json",
    "etc/firefox/policies/tidegate-ca.pem",
    "etc/environment.d/60-tidegate.conf",
    "etc/profile.d/tidegate.sh",
    "var/lib/tidegate-edge/state",
    "home/me/.pki/nssdb/pkcs11.txt",
    "etc/chromium/policies/managed/tidegate.json",
];

#[derive(Debug, Clone)]
enum Thing {
    File { text: Vec<u8>, mode: u32 },
    Link(String),
    Folder,
}

fn thing() -> impl Strategy<Value = Thing> {
    let json = Just(b"{\"policies\": {\"X\": [1,2]}}".to_vec());
    let text = prop_oneof![json, prop::collection::vec(32..127_u8, 0..60)];
    let mode = prop::sample::select(vec![0o600, 0o644, 0o755, 0o440, 0o4711]);
    prop_oneof![
        6 => (text, mode).prop_map(|(text, mode)| Thing::File { text, mode }),
        1 => "[a-z/.]{1,20}".prop_map(Thing::Link),
        1 => Just(Thing::Link("../../passwd".into())),
        1 => Just(Thing::Folder),
    ]
}

fn lay(machine: &Machine, path: &str, thing: &Thing) -> Result<()> {
    // The tool that reads this folder wants files there; a machine without them is broken already.
    let certificates = path.starts_with("usr/local/share");
    if certificates && !matches!(thing, Thing::File { .. }) {
        return Ok(());
    }
    let path = machine.path(path);
    fs::create_dir_all(path.parent().unwrap())?;
    match thing {
        Thing::File { text, mode } => {
            fs::write(&path, text)?;
            fs::set_permissions(&path, fs::Permissions::from_mode(*mode))?;
        }
        Thing::Link(target) => symlink(target, &path)?,
        Thing::Folder => fs::create_dir(&path)?,
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn nothing_of_us_stays(
        things in prop::collection::btree_map(prop::sample::select(PATHS), thing(), 0..8),
        failing in prop::collection::btree_set(
            prop::sample::select(vec!["update-ca-certificates", "certutil -A", "keytool -importcert"]),
            0..3,
        ),
        missing in prop::collection::btree_set(
            prop::sample::select(vec!["update-ca-certificates", "certutil"]),
            0..2,
        ),
        again: bool,
    ) {
        let mut machine = Machine::new().unwrap();
        machine.tools.missing = missing;
        for (path, thing) in &things {
            lay(&machine, path, thing).unwrap();
        }
        machine.update().unwrap();
        let before = machine.tree().unwrap();
        *machine.tools.failing.borrow_mut() = failing;
        let trust = machine.trust();
        let report = trust.install(&signed(&ca("ours"))).unwrap();
        if again {
            trust.install(&signed(&ca("next"))).unwrap();
        }
        machine.tools.failing.borrow_mut().clear();
        let undone = trust.uninstall().unwrap();
        prop_assert!(undone.is_fine(), "{report}\n{undone}");
        prop_assert_eq!(machine.tree().unwrap(), before, "{}", report);
    }
}
