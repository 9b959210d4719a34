//! Both dialects' migrations reach the same tables, and the SQLite file is its owner's only.

use std::collections::BTreeSet;

use tokio_postgres::NoTls;

use crate::bed::Bed;

/// Table, column, and whether it may be null.
type Columns = BTreeSet<(String, String, bool)>;

fn sqlite_columns(bed: &Bed) -> Columns {
    let path = bed.url.strip_prefix("sqlite:").unwrap();
    let connection = rusqlite::Connection::open(path).unwrap();
    let sql = "SELECT m.name, c.name, c.\"notnull\" = 0 FROM sqlite_master m, \
         pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name <> 'schema_history'";
    let mut statement = connection.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
    rows.unwrap().map(Result::unwrap).collect()
}

async fn postgres_columns(bed: &Bed) -> Columns {
    let (client, connection) = tokio_postgres::connect(&bed.url, NoTls).await.unwrap();
    tokio::spawn(connection);
    let sql = "SELECT table_name::text, column_name::text, is_nullable = 'YES' \
         FROM information_schema.columns \
         WHERE table_schema = current_schema() AND table_name <> 'schema_history'";
    let rows = client.query(sql, &[]).await.unwrap();
    rows.iter()
        .map(|row| (row.get(0), row.get(1), row.get(2)))
        .collect()
}

#[tokio::test]
async fn both_dialects_reach_the_same_schema() {
    let sqlite = Bed::sqlite().await;
    let ours = sqlite_columns(&sqlite);
    assert!(ours.contains(&("requests".into(), "ttft_us".into(), true)));
    assert!(ours.contains(&("requests".into(), "id".into(), false)));
    let Some(postgres) = Bed::postgres().await else {
        return;
    };
    assert_eq!(ours, postgres_columns(&postgres).await);
    postgres.finish().await;
}

#[cfg(unix)]
#[tokio::test]
async fn the_file_is_its_owners() {
    use std::os::unix::fs::PermissionsExt as _;
    let bed = Bed::sqlite().await;
    let (_, handle) = bed.store.recorder(Default::default()).await.unwrap();
    let mut seen = 0;
    for entry in std::fs::read_dir(bed.dir.path()).unwrap() {
        let mode = entry.unwrap().metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode & 0o077, 0, "{mode:o}");
        seen += 1;
    }
    assert!(seen >= 3, "the database, its WAL, the journal");
    handle.shutdown().await.unwrap();
}
