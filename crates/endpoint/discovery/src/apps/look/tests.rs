//! What may be opened, and what not.

use std::{os::unix::fs::symlink, path::Path};

use super::*;

fn places(root: &Path) -> Places {
    Places {
        root: root.into(),
        os: Os::Linux,
    }
}

#[test]
fn patterns_stand_for_whole_names_and_have_a_limit() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["python3.9", "python3.12", "python2.7", "xpython3.1"] {
        fs::create_dir_all(folder.path().join("lib").join(name).join("site")).unwrap();
    }
    for nth in 0..600 {
        fs::create_dir_all(folder.path().join("many").join(nth.to_string())).unwrap();
    }
    fs::write(folder.path().join("lib/python3.file"), "").unwrap();
    let places = places(folder.path());
    let mut look = Look::new(&places, None);
    let found = look.folders("python", "/lib/python3.*/site");
    assert_eq!(found, ["/lib/python3.12/site", "/lib/python3.9/site"]);
    assert!(look.folders("python", "/none/*/site").is_empty());
    assert_eq!(look.folders("python", "/many/*").len(), 512);
    let told: Vec<_> = look
        .done()
        .0
        .into_iter()
        .map(|row| (row.path, row.looked))
        .collect();
    assert_eq!(
        told,
        [
            ("/many/*".to_owned(), Looked::TooLarge),
            ("/none/*/site".to_owned(), Looked::Absent)
        ]
    );
}

#[test]
fn a_pass_reads_only_so_much() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a"), "1234567890").unwrap();
    let places = places(folder.path());
    let mut look = Look::new(&places, None);
    look.bytes = 25;
    assert!(look.file("x", "/a", 100).is_some() && look.file("x", "/a", 100).is_some());
    assert!(look.file("x", "/a", 100).is_none());
    look.questions = 1;
    assert_eq!(look.stands("/a"), Stands::File);
    assert_eq!(look.stands("/a"), Stands::Nothing);
    let told = look.done().0;
    assert!(
        told.iter().all(|row| row.looked == Looked::TooLarge) && told.len() == 2,
        "{told:?}"
    );
}

#[test]
fn a_file_is_read_to_its_limit_and_no_link_is_a_file() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a"), "1234567890").unwrap();
    symlink("a", folder.path().join("b")).unwrap();
    let places = places(folder.path());
    let mut look = Look::new(&places, None);
    assert_eq!(
        look.file("x", "/a", 10).as_deref(),
        Some(b"1234567890".as_slice())
    );
    assert_eq!(look.file("x", "/a", 9), None);
    assert_eq!(look.head("x", "/a", 4).as_deref(), Some(b"1234".as_slice()));
    assert_eq!(look.file("x", "/b", 10), None);
    assert_eq!(look.file("x", "/", 10), None);
    assert_eq!(look.chain("/b"), ["/a"]);
}
