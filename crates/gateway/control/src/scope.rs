//! Whom a budget or a limit applies to, as one text: `organization`, or the id of a team, user or
//! key, whose prefix says which it is.

use serde_json::Value;
use tidegate_governance::entity::Scope;
use tidegate_store::StoreError;

use crate::{
    problem::Problem,
    read::{Read, Reader},
};

impl Read for Scope {
    fn read(value: Value, at: &mut Reader) -> Option<Self> {
        match value.as_str().and_then(|text| text.parse().ok()) {
            Some(scope) => Some(scope),
            None => at.refuse("must be `organization`, or the id of a team, a user or a key"),
        }
    }
}

/// The store names whom it did not find; the caller's field is the scope.
pub(crate) fn refused(error: StoreError) -> Problem {
    match error {
        StoreError::Invalid {
            field: "team" | "user",
            reason,
        } => Problem::field("/scope", reason),
        error => error.into(),
    }
}
