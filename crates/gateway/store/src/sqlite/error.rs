//! What an error of SQLite means to the store's callers.

use rusqlite::{Error, ErrorCode, ffi};

use crate::StoreError;

/// The store's error for one of SQLite's.
pub(super) fn map(error: Error) -> StoreError {
    let Error::SqliteFailure(failure, ref message) = error else {
        return StoreError::Broken(error.to_string());
    };
    match failure.code {
        ErrorCode::ConstraintViolation => constraint(failure.extended_code, message.as_deref()),
        ErrorCode::CannotOpen
        | ErrorCode::DatabaseBusy
        | ErrorCode::DatabaseLocked
        | ErrorCode::DiskFull
        | ErrorCode::OutOfMemory
        | ErrorCode::PermissionDenied
        | ErrorCode::ReadOnly
        | ErrorCode::SystemIoFailure => StoreError::Unavailable(error.to_string()),
        _ => StoreError::Broken(error.to_string()),
    }
}

fn constraint(extended: i32, message: Option<&str>) -> StoreError {
    match extended {
        ffi::SQLITE_CONSTRAINT_PRIMARYKEY | ffi::SQLITE_CONSTRAINT_UNIQUE => {
            StoreError::conflict("it exists already")
        }
        ffi::SQLITE_CONSTRAINT_FOREIGNKEY => {
            StoreError::conflict("it refers to something that is not there, or is referred to")
        }
        _ => StoreError::Broken(message.unwrap_or("a constraint failed").to_owned()),
    }
}
