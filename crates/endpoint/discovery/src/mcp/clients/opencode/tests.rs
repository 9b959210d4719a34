//! OpenCode's database, as it is and as it should not be.

use std::{collections::BTreeMap, fs, path::Path};

use rusqlite::Connection;

use super::worktrees;

fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder).expect("a folder").flatten();
    let read = |path: &Path| fs::read(path).expect("a file");
    entries
        .map(|entry| {
            (
                entry.file_name().to_string_lossy().into_owned(),
                read(&entry.path()),
            )
        })
        .collect()
}

const TABLE: &str = "CREATE TABLE project (id TEXT, worktree TEXT NOT NULL);";

#[test]
fn projects_are_read_and_nothing_is_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("open code?#%.db");
    let database = Connection::open(&path).expect("a database");
    let fill = "INSERT INTO project VALUES ('1', '/home/ada/b'), ('2', '/home/ada/a');";
    database
        .execute_batch(&format!("{TABLE}{fill}"))
        .expect("tables");
    drop(database);
    let before = contents(folder.path());
    let expected = Some(vec!["/home/ada/a".to_owned(), "/home/ada/b".to_owned()]);
    assert_eq!(worktrees(&path), expected);
    assert!(
        contents(folder.path()) == before,
        "looking changed something"
    );
}

#[test]
fn a_database_in_use_is_read_with_what_was_not_written_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("opencode.db");
    let database = Connection::open(&path).expect("a database");
    let wal = "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0;";
    let fill = "INSERT INTO project VALUES ('1', '/home/ada/new');";
    database
        .execute_batch(&format!("{wal}{TABLE}{fill}"))
        .expect("tables");
    let names = || contents(folder.path()).into_keys().collect::<Vec<_>>();
    let before = names();
    assert_eq!(worktrees(&path), Some(vec!["/home/ada/new".to_owned()]));
    assert_eq!(names(), before);
    drop(database);
    // It leaves the mode behind, and the folder is as it was.
    let before = contents(folder.path());
    assert_eq!(worktrees(&path), Some(vec!["/home/ada/new".to_owned()]));
    assert!(
        contents(folder.path()) == before,
        "looking changed something"
    );
}

#[test]
fn what_is_no_table_of_projects_is_not_asked() {
    let folder = tempfile::tempdir().expect("a folder");
    for (number, schema) in [
        "CREATE TABLE other (x);",
        // It would never end.
        "CREATE VIEW project AS WITH RECURSIVE n(worktree) AS (SELECT 'a' UNION ALL SELECT worktree || 'a' FROM n) SELECT worktree FROM n;",
        "CREATE TABLE project (id TEXT);",
    ]
    .into_iter()
    .enumerate()
    {
        let path = folder.path().join(format!("{number}.db"));
        Connection::open(&path).expect("a database").execute_batch(schema).expect("tables");
        assert_eq!(worktrees(&path), None, "{schema}");
    }
    let path = folder.path().join("text.db");
    fs::write(&path, "SQLite format 3\0 and then not").expect("a file");
    assert_eq!(worktrees(&path), None);
    assert_eq!(worktrees(&folder.path().join("gone.db")), None);
}
