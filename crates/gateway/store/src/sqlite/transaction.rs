//! One transaction of SQLite, as the store's statements see it.

use rusqlite::{
    ToSql, Transaction, params_from_iter,
    types::{ToSqlOutput, ValueRef},
};
use tidegate_types::BudgetId;

use super::{error::map, request_log};
use crate::{
    StoreError,
    recorder::Batch,
    sql::{Dialect, Row, Sql, Value},
};

/// A transaction under way.
pub(super) struct SqliteSql<'a>(pub(super) &'a Transaction<'a>);

/// `$1` is a named parameter to SQLite; `?1` is its numbered one.
fn numbered(sql: &str) -> String {
    sql.replace('$', "?")
}

impl Sql for SqliteSql<'_> {
    fn dialect(&self) -> Dialect {
        Dialect::Sqlite
    }

    fn query(&mut self, sql: &str, params: &[Value]) -> Result<Vec<Row>, StoreError> {
        let mut statement = self.0.prepare_cached(&numbered(sql)).map_err(map)?;
        let columns = statement.column_count();
        let mut rows = statement.query(params_from_iter(params)).map_err(map)?;
        let mut answer = Vec::new();
        while let Some(row) = rows.next().map_err(map)? {
            let values =
                (0..columns).map(|column| row.get_ref(column).map_err(map).and_then(value));
            answer.push(Row(values.collect::<Result<_, _>>()?));
        }
        Ok(answer)
    }

    fn execute(&mut self, sql: &str, params: &[Value]) -> Result<u64, StoreError> {
        let mut statement = self.0.prepare_cached(&numbered(sql)).map_err(map)?;
        let changed = statement.execute(params_from_iter(params)).map_err(map)?;
        Ok(u64::try_from(changed).unwrap_or(u64::MAX))
    }

    fn query_all(&mut self, sql: &str, rows: &[Vec<Value>]) -> Result<Vec<Vec<Row>>, StoreError> {
        rows.iter().map(|params| self.query(sql, params)).collect()
    }

    fn execute_all(&mut self, sql: &str, rows: &[Vec<Value>]) -> Result<(), StoreError> {
        let mut statement = self.0.prepare_cached(&numbered(sql)).map_err(map)?;
        for params in rows {
            statement.execute(params_from_iter(params)).map_err(map)?;
        }
        Ok(())
    }

    fn lock_budgets(&mut self, _budgets: &[BudgetId]) -> Result<(), StoreError> {
        // There is one writer, and this is its transaction.
        Ok(())
    }

    fn insert_requests(&mut self, batch: &Batch<'_>) -> Result<Vec<bool>, StoreError> {
        request_log::insert(self.0, batch)
    }
}

fn value(value: ValueRef<'_>) -> Result<Value, StoreError> {
    match value {
        ValueRef::Null => Ok(Value::Null),
        ValueRef::Integer(value) => Ok(Value::Int(value)),
        ValueRef::Text(text) => str::from_utf8(text)
            .map(Value::from)
            .map_err(|_| StoreError::Broken("a text is not UTF-8".into())),
        ValueRef::Blob(bytes) => Ok(Value::Blob(bytes.to_vec())),
        ValueRef::Real(_) => Err(StoreError::Broken("a number is not whole".into())),
    }
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Blob(bytes) => ValueRef::Blob(bytes),
            Self::Bool(value) => ValueRef::Integer(i64::from(*value)),
            Self::Int(value) => ValueRef::Integer(*value),
            Self::Null => ValueRef::Null,
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Uuid(uuid) => ValueRef::Blob(uuid.as_bytes()),
        }))
    }
}
