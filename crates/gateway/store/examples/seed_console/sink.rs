//! Where rows go: many at once, past the store, which would take a transaction for each.

use anyhow::{Context, bail};
use bytes::Bytes;
use futures::SinkExt;
use rusqlite::{Connection, ToSql, params_from_iter, types::ToSqlOutput};
use tokio_postgres::{Client, NoTls};
use uuid::Uuid;

/// A value of a row.
#[derive(Debug, Clone)]
pub(crate) enum Cell {
    Null,
    Int(i64),
    Text(String),
    Bytes(Vec<u8>),
    Id(Uuid),
    Truth(bool),
}

impl ToSql for Cell {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        match self {
            Self::Null => Ok(ToSqlOutput::Owned(rusqlite::types::Value::Null)),
            Self::Int(number) => number.to_sql(),
            Self::Text(text) => text.to_sql(),
            Self::Bytes(bytes) => bytes.to_sql(),
            Self::Id(id) => Ok(ToSqlOutput::Borrowed(id.as_bytes().as_slice().into())),
            Self::Truth(truth) => truth.to_sql(),
        }
    }
}

impl Cell {
    /// As `COPY` takes it in its text form.
    fn copied(&self, line: &mut String) {
        use std::fmt::Write as _;
        let written = match self {
            Self::Null => write!(line, "\\N"),
            Self::Int(number) => write!(line, "{number}"),
            Self::Text(text) => {
                let text = text.replace('\\', "\\\\").replace('\t', "\\t");
                write!(line, "{}", text.replace('\n', "\\n"))
            }
            Self::Bytes(bytes) => {
                let start = write!(line, "\\\\x");
                let all = bytes.iter().try_for_each(|byte| write!(line, "{byte:02x}"));
                start.and(all)
            }
            Self::Id(id) => write!(line, "{id}"),
            Self::Truth(truth) => write!(line, "{}", if *truth { 't' } else { 'f' }),
        };
        // Writing to a string does not fail.
        written.unwrap_or_default();
    }
}

macro_rules! cells {
    ($($value:expr),* $(,)?) => { vec![$($crate::sink::Cell::from($value)),*] };
}
pub(crate) use cells;

macro_rules! from {
    ($($type:ty => $value:ident $cell:expr),* $(,)?) => {
        $(impl From<$type> for Cell {
            fn from($value: $type) -> Self { $cell }
        })*
    };
}
from! {
    i64 => value Self::Int(value),
    &str => value Self::Text(value.to_owned()),
    String => value Self::Text(value),
    Vec<u8> => value Self::Bytes(value),
    Uuid => value Self::Id(value),
    bool => value Self::Truth(value),
}

impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// An open database.
pub(crate) enum Sink {
    Sqlite(Connection),
    Postgres(Client),
}

impl Sink {
    pub(crate) async fn open(url: &str) -> anyhow::Result<Self> {
        if let Some(path) = url.strip_prefix("sqlite:") {
            let connection = Connection::open(path)?;
            connection.execute_batch(
                "PRAGMA synchronous = off; PRAGMA cache_size = -262144; PRAGMA foreign_keys = off;",
            )?;
            return Ok(Self::Sqlite(connection));
        }
        if !url.starts_with("postgres") {
            bail!("the URL is `sqlite:PATH` or `postgres://…`");
        }
        let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
        tokio::spawn(connection);
        Ok(Self::Postgres(client))
    }

    /// Runs statements that return nothing.
    pub(crate) async fn run(&mut self, sql: &str) -> anyhow::Result<()> {
        match self {
            Self::Sqlite(connection) => connection.execute_batch(sql)?,
            Self::Postgres(client) => client.batch_execute(sql).await?,
        }
        Ok(())
    }

    /// Inserts rows, in one go.
    pub(crate) async fn rows(
        &mut self,
        table: &str,
        columns: &str,
        rows: impl Iterator<Item = Vec<Cell>>,
    ) -> anyhow::Result<()> {
        match self {
            Self::Sqlite(connection) => {
                let places = vec!["?"; columns.split(',').count()].join(",");
                let insert = format!("INSERT INTO {table} ({columns}) VALUES ({places})");
                let transaction = connection.transaction()?;
                {
                    let mut statement = transaction.prepare(&insert).context(insert.clone())?;
                    for row in rows {
                        statement
                            .execute(params_from_iter(row))
                            .with_context(|| insert.clone())?;
                    }
                }
                transaction.commit()?;
            }
            Self::Postgres(client) => {
                let copy = format!("COPY {table} ({columns}) FROM STDIN");
                let copying = client.copy_in::<_, Bytes>(&copy).await?;
                tokio::pin!(copying);
                let mut text = String::new();
                for row in rows {
                    for (index, cell) in row.iter().enumerate() {
                        if index > 0 {
                            text.push('\t');
                        }
                        cell.copied(&mut text);
                    }
                    text.push('\n');
                    if text.len() > 1 << 20 {
                        copying.send(std::mem::take(&mut text).into()).await?;
                    }
                }
                copying.send(text.into()).await?;
                copying.as_mut().finish().await.with_context(|| copy)?;
            }
        }
        Ok(())
    }

    /// The empty id, as the engine writes it.
    pub(crate) const fn nil(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "zeroblob(16)",
            Self::Postgres(_) => "'00000000-0000-0000-0000-000000000000'::uuid",
        }
    }
}
