//! What both engines have in common: values, rows, and running one statement in a transaction.

use tidegate_types::{BudgetId, KeyHash, Timestamp};
use uuid::Uuid;

use crate::{StoreError, recorder::Batch};

/// Which engine a transaction runs on, where their SQL differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    Postgres,
    Sqlite,
}

/// A value on its way in or out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    Blob(Vec<u8>),
    Bool(bool),
    Int(i64),
    Null,
    Text(String),
    Uuid(Uuid),
}

/// A transaction. Statements are written once: parameters are `$1`, `$2`, … in both dialects.
pub(crate) trait Sql {
    fn dialect(&self) -> Dialect;

    /// Runs a statement that returns rows.
    fn query(&mut self, sql: &str, params: &[Value]) -> Result<Vec<Row>, StoreError>;

    /// Runs a statement that returns none; how many rows it changed.
    fn execute(&mut self, sql: &str, params: &[Value]) -> Result<u64, StoreError>;

    /// Runs a statement for each row of parameters, without waiting in between; the answers.
    fn query_all(&mut self, sql: &str, rows: &[Vec<Value>]) -> Result<Vec<Vec<Row>>, StoreError>;

    /// Runs a statement that returns nothing for each row of parameters, without waiting.
    fn execute_all(&mut self, sql: &str, rows: &[Vec<Value>]) -> Result<(), StoreError>;

    /// Until the transaction ends, no other one works on these budgets' ledgers.
    fn lock_budgets(&mut self, budgets: &[BudgetId]) -> Result<(), StoreError>;

    /// Inserts log rows that are not there yet; for each of the batch whether it was new.
    fn insert_requests(&mut self, batch: &Batch<'_>) -> Result<Vec<bool>, StoreError>;
}

impl dyn Sql + '_ {
    /// The only row of the answer.
    pub(crate) fn one(
        &mut self,
        sql: &str,
        params: &[Value],
        what: &'static str,
    ) -> Result<Row, StoreError> {
        self.query(sql, params)?
            .into_iter()
            .next()
            .ok_or(StoreError::NotFound(what))
    }

    /// Locks the rows a `SELECT` reads; SQLite has one writer anyway.
    pub(crate) fn for_update(&self) -> &'static str {
        match self.dialect() {
            Dialect::Postgres => " FOR UPDATE",
            Dialect::Sqlite => "",
        }
    }
}

/// A row of an answer, read from left to right by column number.
#[derive(Debug, Clone)]
pub(crate) struct Row(pub(crate) Vec<Value>);

fn broken(column: usize, wanted: &str) -> StoreError {
    StoreError::Broken(format!("column {column} of an answer is no {wanted}"))
}

impl Row {
    fn value(&self, column: usize) -> &Value {
        self.0.get(column).unwrap_or(&Value::Null)
    }

    pub(crate) fn is_null(&self, column: usize) -> bool {
        matches!(self.value(column), Value::Null)
    }

    pub(crate) fn int(&self, column: usize) -> Result<i64, StoreError> {
        match self.value(column) {
            Value::Int(value) => Ok(*value),
            _ => Err(broken(column, "number")),
        }
    }

    /// A count: negative ones are damage.
    pub(crate) fn count(&self, column: usize) -> Result<u64, StoreError> {
        u64::try_from(self.int(column)?).map_err(|_| broken(column, "count"))
    }

    pub(crate) fn bool(&self, column: usize) -> Result<bool, StoreError> {
        match self.value(column) {
            Value::Bool(value) => Ok(*value),
            Value::Int(value) => Ok(*value != 0),
            _ => Err(broken(column, "truth value")),
        }
    }

    pub(crate) fn text(&self, column: usize) -> Result<&str, StoreError> {
        match self.value(column) {
            Value::Text(text) => Ok(text),
            _ => Err(broken(column, "text")),
        }
    }

    pub(crate) fn text_owned(&self, column: usize) -> Result<String, StoreError> {
        self.text(column).map(str::to_owned)
    }

    pub(crate) fn blob(&self, column: usize) -> Result<&[u8], StoreError> {
        match self.value(column) {
            Value::Blob(bytes) => Ok(bytes),
            _ => Err(broken(column, "bytes")),
        }
    }

    pub(crate) fn bytes<const N: usize>(&self, column: usize) -> Result<[u8; N], StoreError> {
        self.blob(column)?
            .try_into()
            .map_err(|_| broken(column, "hash or id"))
    }

    pub(crate) fn uuid(&self, column: usize) -> Result<Uuid, StoreError> {
        match self.value(column) {
            Value::Uuid(uuid) => Ok(*uuid),
            Value::Blob(_) => self.bytes(column).map(Uuid::from_bytes),
            _ => Err(broken(column, "id")),
        }
    }

    pub(crate) fn time(&self, column: usize) -> Result<Timestamp, StoreError> {
        self.int(column).map(Timestamp::from_micros)
    }

    pub(crate) fn hash(&self, column: usize) -> Result<KeyHash, StoreError> {
        self.bytes(column).map(KeyHash::from_bytes)
    }

    /// A text that one of our types prints and reads.
    pub(crate) fn parsed<T: std::str::FromStr>(&self, column: usize) -> Result<T, StoreError> {
        self.text(column)?
            .parse()
            .map_err(|_| broken(column, "known text"))
    }

    /// The column by `read`, or nothing where it is null.
    pub(crate) fn opt<T>(
        &self,
        column: usize,
        read: impl FnOnce(&Self, usize) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        if self.is_null(column) {
            Ok(None)
        } else {
            read(self, column).map(Some)
        }
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<u64> for Value {
    /// Counts beyond what a column holds are held at its end.
    fn from(value: u64) -> Self {
        Self::Int(i64::try_from(value).unwrap_or(i64::MAX))
    }
}

impl From<usize> for Value {
    fn from(value: usize) -> Self {
        Self::Int(i64::try_from(value).unwrap_or(i64::MAX))
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl From<&[u8]> for Value {
    fn from(value: &[u8]) -> Self {
        Self::Blob(value.to_vec())
    }
}

impl From<Uuid> for Value {
    fn from(value: Uuid) -> Self {
        Self::Uuid(value)
    }
}

impl From<Timestamp> for Value {
    fn from(value: Timestamp) -> Self {
        Self::Int(value.micros())
    }
}

impl From<KeyHash> for Value {
    fn from(value: KeyHash) -> Self {
        Self::Blob(value.as_bytes().to_vec())
    }
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// Parameters from anything that is a value.
macro_rules! params {
    ($($value:expr),* $(,)?) => { [$($crate::sql::Value::from($value)),*] };
}
pub(crate) use params;

/// A `WHERE` clause that grows: fixed pieces of SQL, and their parameters beside them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Where {
    clause: String,
    pub(crate) params: Vec<Value>,
}

impl Where {
    /// Adds a condition; `{}` in it stands for the value.
    pub(crate) fn and(&mut self, condition: &'static str, value: impl Into<Value>) {
        self.params.push(value.into());
        self.fixed(&condition.replace("{}", &format!("${}", self.params.len())));
    }

    /// Adds a condition, if there is a value for it.
    pub(crate) fn maybe(&mut self, condition: &'static str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.and(condition, value);
        }
    }

    /// Adds a condition without a value.
    pub(crate) fn fixed(&mut self, condition: &str) {
        self.clause.push_str(if self.clause.is_empty() {
            " WHERE "
        } else {
            " AND "
        });
        self.clause.push_str(condition);
    }

    /// Adds a parameter for use outside the conditions; its placeholder.
    pub(crate) fn param(&mut self, value: impl Into<Value>) -> String {
        self.params.push(value.into());
        format!("${}", self.params.len())
    }

    pub(crate) fn clause(&self) -> &str {
        &self.clause
    }

    /// Another clause of the same statement: it takes the parameters over, and whoever made it takes them
    /// back.
    pub(crate) fn another(&mut self) -> Self {
        Self {
            clause: String::new(),
            params: std::mem::take(&mut self.params),
        }
    }
}

/// A pattern for `LIKE … ESCAPE '!'`, against text in lower case: whatever has this in it.
pub(crate) fn containing(text: &str) -> String {
    let text = text.to_lowercase();
    let text = text
        .replace('!', "!!")
        .replace('%', "!%")
        .replace('_', "!_");
    format!("%{text}%")
}
