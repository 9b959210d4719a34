//! A change by an admin: what it changes, the new revision and the audit entry, all or nothing.

use serde_json::Value as Json;
use tidegate_types::Timestamp;

use crate::{
    Actor, Store, StoreError,
    audit::{self, Head},
    sql::{Sql, params},
};

/// What a change did.
#[derive(Debug)]
pub(crate) enum Effect<T> {
    /// Something: to what, with which details, for the audit log.
    Changed {
        value: T,
        target: String,
        detail: Json,
    },
    /// Several things at once, each with an entry of its own.
    Several { value: T, entries: Vec<Entry> },
    /// Nothing: it was so already.
    Same(T),
}

/// One of several changes, for the audit log.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) action: &'static str,
    pub(crate) target: String,
    pub(crate) detail: Json,
}

impl<T> Effect<T> {
    pub(crate) fn changed(value: T, target: impl ToString, detail: Json) -> Self {
        Self::Changed {
            value,
            target: target.to_string(),
            detail,
        }
    }
}

/// What a change is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Concerns {
    /// Who may use the control plane.
    Access,
    /// What the hot path is compiled from: the revision rises.
    Governed,
}

impl Store {
    /// A change to what is governed.
    pub(crate) async fn govern<T: Send + 'static>(
        &self,
        actor: Actor,
        action: &'static str,
        work: impl FnOnce(&mut dyn Sql, Timestamp) -> Result<Effect<T>, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.change(Concerns::Governed, actor, action, work).await
    }

    /// A change to who may use the control plane.
    pub(crate) async fn administer<T: Send + 'static>(
        &self,
        actor: Actor,
        action: &'static str,
        work: impl FnOnce(&mut dyn Sql, Timestamp) -> Result<Effect<T>, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.change(Concerns::Access, actor, action, work).await
    }

    async fn change<T: Send + 'static>(
        &self,
        concerns: Concerns,
        actor: Actor,
        action: &'static str,
        work: impl FnOnce(&mut dyn Sql, Timestamp) -> Result<Effect<T>, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let now = self.now();
        self.write(move |sql| {
            // First of all, so that changes wait for each other here and nowhere else.
            let mut head = Head::lock(sql)?;
            let (value, entries) = match work(sql, now)? {
                Effect::Same(value) => return Ok(value),
                Effect::Several { value, entries } => (value, entries),
                Effect::Changed {
                    value,
                    target,
                    detail,
                } => (
                    value,
                    vec![Entry {
                        action,
                        target,
                        detail,
                    }],
                ),
            };
            for entry in entries {
                let Entry {
                    action,
                    target,
                    detail,
                } = entry;
                head = audit::append(sql, &head, now, actor, action, &target, &detail)?;
            }
            if concerns == Concerns::Governed {
                bump(sql)?;
            }
            Ok(value)
        })
        .await
    }
}

/// Raises the revision of what is governed: for changes that touch it in some cases only.
pub(crate) fn bump(sql: &mut dyn Sql) -> Result<(), StoreError> {
    let bump = "UPDATE control SET revision = revision + 1 WHERE id = 1";
    sql.execute(bump, &params![]).map(drop)
}
