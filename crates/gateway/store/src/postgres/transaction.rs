//! One transaction of PostgreSQL, as the store's statements see it.

use std::{error::Error, time::Duration};

use bytes::BytesMut;
use deadpool_postgres::Transaction;
use futures::future::try_join_all;
use tidegate_types::BudgetId;
use tokio::runtime::Handle;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};
use uuid::Uuid;

use super::{error::map, request_log};
use crate::{
    StoreError,
    recorder::Batch,
    sql::{Dialect, Row, Sql, Value},
};

/// How long one statement may take before the connection counts as dead.
const STATEMENT: Duration = Duration::from_secs(30);

/// A transaction under way.
pub(super) struct PostgresSql<'a> {
    pub(super) transaction: &'a Transaction<'a>,
    pub(super) runtime: &'a Handle,
}

/// Waits on this (blocking) thread for the database's answer.
pub(super) fn wait<T>(
    runtime: &Handle,
    answer: impl Future<Output = Result<T, tokio_postgres::Error>>,
) -> Result<T, StoreError> {
    runtime
        .block_on(async { tokio::time::timeout(STATEMENT, answer).await })
        .map_err(|_| StoreError::Unavailable("no answer in time".into()))?
        .map_err(map)
}

impl Sql for PostgresSql<'_> {
    fn dialect(&self) -> Dialect {
        Dialect::Postgres
    }

    fn query(&mut self, sql: &str, params: &[Value]) -> Result<Vec<Row>, StoreError> {
        let statement = wait(self.runtime, self.transaction.prepare_cached(sql))?;
        let params = borrowed(params);
        let rows = wait(self.runtime, self.transaction.query(&statement, &params))?;
        rows.iter().map(row).collect()
    }

    fn execute(&mut self, sql: &str, params: &[Value]) -> Result<u64, StoreError> {
        let statement = wait(self.runtime, self.transaction.prepare_cached(sql))?;
        wait(
            self.runtime,
            self.transaction.execute(&statement, &borrowed(params)),
        )
    }

    fn query_all(&mut self, sql: &str, rows: &[Vec<Value>]) -> Result<Vec<Vec<Row>>, StoreError> {
        let statement = wait(self.runtime, self.transaction.prepare_cached(sql))?;
        let params: Vec<_> = rows.iter().map(|params| borrowed(params)).collect();
        // Futures that are polled together are sent together: one round trip for all.
        let answers = params
            .iter()
            .map(|params| self.transaction.query(&statement, params));
        let answers = wait(self.runtime, try_join_all(answers))?;
        answers
            .iter()
            .map(|rows| rows.iter().map(row).collect())
            .collect()
    }

    fn execute_all(&mut self, sql: &str, rows: &[Vec<Value>]) -> Result<(), StoreError> {
        let statement = wait(self.runtime, self.transaction.prepare_cached(sql))?;
        let params: Vec<_> = rows.iter().map(|params| borrowed(params)).collect();
        let answers = params
            .iter()
            .map(|params| self.transaction.execute(&statement, params));
        wait(self.runtime, try_join_all(answers)).map(drop)
    }

    fn lock_budgets(&mut self, budgets: &[BudgetId]) -> Result<(), StoreError> {
        // The low half of an id is random. Sorted, so that two batches never wait in a circle.
        let mut locks: Vec<i64> = budgets
            .iter()
            .map(|budget| budget.uuid().as_u64_pair().1 as i64)
            .collect();
        locks.sort_unstable();
        locks.dedup();
        let sql = "SELECT COUNT(pg_advisory_xact_lock(lock)) FROM unnest($1::bigint[]) AS lock";
        let statement = wait(self.runtime, self.transaction.prepare_cached(sql))?;
        wait(
            self.runtime,
            self.transaction.execute(&statement, &[&locks]),
        )?;
        Ok(())
    }

    fn insert_requests(&mut self, batch: &Batch<'_>) -> Result<Vec<bool>, StoreError> {
        request_log::insert(self, batch)
    }
}

fn borrowed(params: &[Value]) -> Vec<&(dyn ToSql + Sync)> {
    params
        .iter()
        .map(|param| param as &(dyn ToSql + Sync))
        .collect()
}

fn row(row: &tokio_postgres::Row) -> Result<Row, StoreError> {
    let values = (0..row.len()).map(|column| row.try_get::<_, Value>(column).map_err(map));
    values.collect::<Result<_, _>>().map(Row)
}

impl ToSql for Value {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match (self, ty) {
            (Self::Null, _) => Ok(IsNull::Yes),
            (Self::Blob(bytes), _) => bytes.to_sql(ty, out),
            (Self::Bool(value), _) => value.to_sql(ty, out),
            (Self::Int(value), &Type::INT2) => i16::try_from(*value)?.to_sql(ty, out),
            (Self::Int(value), &Type::INT4) => i32::try_from(*value)?.to_sql(ty, out),
            (Self::Int(value), _) => value.to_sql(ty, out),
            (Self::Text(text), _) => text.to_sql(ty, out),
            (Self::Uuid(uuid), _) => uuid.to_sql(ty, out),
        }
    }

    fn accepts(ty: &Type) -> bool {
        is_ours(ty)
    }

    to_sql_checked!();
}

impl<'a> FromSql<'a> for Value {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(match *ty {
            Type::BOOL => Self::Bool(bool::from_sql(ty, raw)?),
            Type::BYTEA => Self::Blob(Vec::from_sql(ty, raw)?),
            Type::INT2 => Self::Int(i16::from_sql(ty, raw)?.into()),
            Type::INT4 => Self::Int(i32::from_sql(ty, raw)?.into()),
            Type::INT8 => Self::Int(i64::from_sql(ty, raw)?),
            Type::UUID => Self::Uuid(Uuid::from_sql(ty, raw)?),
            _ => Self::Text(String::from_sql(ty, raw)?),
        })
    }

    fn from_sql_null(_: &Type) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self::Null)
    }

    fn accepts(ty: &Type) -> bool {
        is_ours(ty)
    }
}

/// The types that our schema uses; another one is a mistake in a statement.
fn is_ours(ty: &Type) -> bool {
    matches!(
        *ty,
        Type::BOOL
            | Type::BYTEA
            | Type::INT2
            | Type::INT4
            | Type::INT8
            | Type::NAME
            | Type::TEXT
            | Type::UUID
            | Type::VARCHAR
    )
}
