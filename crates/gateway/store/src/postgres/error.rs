//! What an error of PostgreSQL means to the store's callers.

use std::error::Error as _;

use tokio_postgres::{Error, error::SqlState};

use crate::StoreError;

/// The store's error for one of PostgreSQL's.
pub(super) fn map(error: Error) -> StoreError {
    let Some(answer) = error.as_db_error() else {
        // Not an answer: the connection, or a value that did not fit its column.
        let cause = error
            .source()
            .map(|cause| format!(": {cause}"))
            .unwrap_or_default();
        let io = error.is_closed()
            || error
                .source()
                .is_none_or(|cause| cause.is::<std::io::Error>())
            || error.to_string().starts_with("error connecting");
        let text = format!("{error}{cause}");
        return if io {
            StoreError::Unavailable(text)
        } else {
            StoreError::Broken(text)
        };
    };
    let code = answer.code();
    let message = answer.message().to_owned();
    match *code {
        SqlState::UNIQUE_VIOLATION => StoreError::conflict("it exists already"),
        SqlState::FOREIGN_KEY_VIOLATION => {
            StoreError::conflict("it refers to something that is not there, or is referred to")
        }
        SqlState::T_R_DEADLOCK_DETECTED
        | SqlState::T_R_SERIALIZATION_FAILURE
        | SqlState::QUERY_CANCELED
        | SqlState::LOCK_NOT_AVAILABLE
        | SqlState::READ_ONLY_SQL_TRANSACTION => StoreError::Unavailable(message),
        // Classes: 08 connection, 28 authorization, 53 resources, 57 operator, 58 system.
        _ if ["08", "28", "53", "57", "58"]
            .iter()
            .any(|class| code.code().starts_with(class)) =>
        {
            StoreError::Unavailable(message)
        }
        _ => StoreError::Broken(message),
    }
}
