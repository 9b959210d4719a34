//! RPM databases that are written here, byte for byte as RPM does.

use std::{fs, path::Path};

use rusqlite::Connection;
use tidegate_device_api::InstalledApp;

use super::{super::apps_of_machine, header};
use crate::{Os, Places};

/// A header: (tag, type, count, data) for each entry.
fn header_of(entries: &[(u32, u32, u32, Vec<u8>)]) -> Vec<u8> {
    let (mut index, mut data) = (Vec::new(), Vec::new());
    for (tag, kind, count, value) in entries {
        let offset = u32::try_from(data.len()).unwrap();
        for word in [*tag, *kind, offset, *count] {
            index.extend(word.to_be_bytes());
        }
        data.extend(value);
    }
    let count = u32::try_from(entries.len()).unwrap().to_be_bytes();
    let length = u32::try_from(data.len()).unwrap().to_be_bytes();
    [count.as_slice(), &length, &index, &data].concat()
}

fn code() -> Vec<u8> {
    let text = |text: &str| format!("{text}\0").into_bytes();
    header_of(&[
        (1000, 6, 1, text("code")),
        (1001, 6, 1, text("1.117.0")),
        (1002, 6, 1, text("17.el8")),
        (1011, 6, 1, text("Microsoft Corporation")),
        (
            1116,
            4,
            2,
            [0_u32.to_be_bytes(), 1_u32.to_be_bytes()].concat(),
        ),
        (1117, 8, 2, b"code\0package.json\0".to_vec()),
        (
            1118,
            8,
            2,
            b"/usr/bin/\0/usr/share/code/resources/app/\0".to_vec(),
        ),
    ])
}

fn database(root: &Path, packages: &[(&str, Vec<u8>)]) {
    let folder = root.join("usr/lib/sysimage/rpm");
    fs::create_dir_all(&folder).unwrap();
    let database = Connection::open(folder.join("rpmdb.sqlite")).unwrap();
    database
        .execute_batch(
            "CREATE TABLE Packages (hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB NOT NULL);
             CREATE TABLE Name (key TEXT NOT NULL, hnum INTEGER NOT NULL, idx INTEGER NOT NULL);",
        )
        .unwrap();
    for (name, blob) in packages {
        database
            .execute("INSERT INTO Packages (blob) VALUES (?1)", [blob])
            .unwrap();
        let number = database.last_insert_rowid();
        database
            .execute("INSERT INTO Name VALUES (?1, ?2, 0)", (name, number))
            .unwrap();
    }
}

fn apps(root: &Path) -> (Vec<InstalledApp>, Vec<String>) {
    let places = Places {
        root: root.into(),
        os: Os::Linux,
    };
    let (apps, coverage) = apps_of_machine(&places);
    let ours = coverage
        .into_iter()
        .filter(|row| row.client.as_str() == "rpm");
    (apps, ours.filter_map(|row| row.detail).collect())
}

#[test]
fn a_database_says_what_and_where() {
    let folder = tempfile::tempdir().unwrap();
    let broken = vec![0xff; 40];
    database(
        folder.path(),
        &[
            ("bash", Vec::new()),
            ("cursor", broken),
            ("code", code()),
            ("codeblocks", code()),
        ],
    );
    let (apps, told) = apps(folder.path());
    assert_eq!(apps.len(), 1, "{apps:?}");
    let app = &apps[0];
    assert_eq!(app.app.as_str(), "vscode");
    assert_eq!(app.version.as_deref(), Some("1.117.0-17.el8"));
    assert_eq!(app.publisher.as_deref(), Some("Microsoft Corporation"));
    assert_eq!(app.path, "/usr/bin/code");
    assert_eq!(told, ["a package's header"]);
}

#[test]
fn reading_leaves_no_trace() {
    let folder = tempfile::tempdir().unwrap();
    database(folder.path(), &[("code", code())]);
    let names = || {
        let folder = folder.path().join("usr/lib/sysimage/rpm");
        fs::read_dir(folder).unwrap().count()
    };
    assert_eq!(names(), 1);
    assert_eq!(apps(folder.path()).0.len(), 1);
    assert_eq!(names(), 1);
}

#[test]
fn what_is_no_database_and_what_is_older_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let rpm = folder.path().join("var/lib/rpm");
    fs::create_dir_all(&rpm).unwrap();
    fs::write(rpm.join("Packages"), "bdb").unwrap();
    let (found, told) = apps(folder.path());
    assert!(found.is_empty());
    assert_eq!(told, ["a database of an older RPM, which is not read"]);
    fs::write(rpm.join("rpmdb.sqlite"), "not one").unwrap();
    let (_, told) = apps(folder.path());
    assert_eq!(told, ["the database cannot be read"]);
}

proptest::proptest! {
    #[test]
    fn no_header_makes_it_fail(at in 0_usize..300, byte: u8, cut in 0_usize..300) {
        let mut blob = code();
        if let Some(place) = blob.get_mut(at) {
            *place = byte;
        }
        blob.truncate(blob.len().saturating_sub(cut));
        let _header = header::read(&blob);
    }
}
