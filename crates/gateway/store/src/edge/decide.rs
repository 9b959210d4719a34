//! Decisions about apps and MCP servers, one or many: all or nothing, with one new revision of the
//! policy and an entry of the audit log for each that is news.

use tidegate_policy::{AppId, AppRule, McpRule};
use tidegate_types::{McpRuleId, Timestamp};

use super::{
    apps::{self, AppDecision},
    mcp::{self, McpDecision},
    raise,
};
use crate::{
    Actor, Audience, Store, StoreError,
    change::{Effect, Entry},
    sql::Sql,
};

/// Something to decide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NewDecision {
    /// About an app.
    App(Audience, AppRule),
    /// About an MCP server.
    Mcp(Audience, McpRule),
}

/// What was decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decided {
    /// About an app.
    App(AppDecision),
    /// About an MCP server.
    Mcp(McpDecision),
}

/// Who decides, when, and the revision that will be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Now {
    pub(super) actor: Actor,
    pub(super) at: Timestamp,
    pub(super) revision: u64,
}

/// The longest note, in characters.
const MAX_NOTE: usize = 500;

/// What a person is told is short and printable.
pub(super) fn note_is_fine(note: Option<&str>) -> Result<(), StoreError> {
    let Some(note) = note else { return Ok(()) };
    if note.trim().is_empty() || note.chars().count() > MAX_NOTE || note.contains(char::is_control)
    {
        let reason = "it is 1 to 500 characters, without control characters";
        return Err(StoreError::invalid("note", reason));
    }
    Ok(())
}

impl Store {
    /// Sets what is decided about an app, for the fleet.
    ///
    /// # Errors
    /// `Invalid` note; `Conflict` when there are 2,000 decisions already.
    pub async fn decide_app(&self, actor: Actor, rule: AppRule) -> Result<AppDecision, StoreError> {
        let new = vec![NewDecision::App(Audience::Fleet, rule)];
        match self.decide(actor, new).await?.pop() {
            Some(Decided::App(decision)) => Ok(decision),
            _ => Err(StoreError::Broken("a decision got lost".into())),
        }
    }

    /// Sets what is decided, in the order given: all of it or nothing, and one new revision.
    ///
    /// # Errors
    /// `Invalid` note, tools or audience; `Conflict` when there are too many decisions already.
    pub async fn decide(
        &self,
        actor: Actor,
        new: Vec<NewDecision>,
    ) -> Result<Vec<Decided>, StoreError> {
        self.govern(actor, "edge.decide", move |sql, at| {
            decide_in(sql, actor, at, new)
        })
        .await
    }

    /// Takes back what was decided about an app.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn forget_app(
        &self,
        actor: Actor,
        audience: Audience,
        app: AppId,
    ) -> Result<(), StoreError> {
        self.govern(actor, "edge_app.forget", move |sql, _| {
            let entry = apps::forget(sql, audience, &app)?;
            raise(sql)?;
            Ok(several((), vec![entry]))
        })
        .await
    }

    /// Takes back what was decided about an MCP server.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn forget_mcp(&self, actor: Actor, id: McpRuleId) -> Result<(), StoreError> {
        self.govern(actor, "edge_mcp.forget", move |sql, _| {
            let entry = mcp::forget(sql, id)?;
            raise(sql)?;
            Ok(several((), vec![entry]))
        })
        .await
    }
}

/// Decides within a transaction of a change.
pub(crate) fn decide_in(
    sql: &mut dyn Sql,
    actor: Actor,
    at: Timestamp,
    new: Vec<NewDecision>,
) -> Result<Effect<Vec<Decided>>, StoreError> {
    let next = "SELECT revision + 1 FROM edge_settings WHERE id = 1";
    let now = Now {
        actor,
        at,
        revision: sql.one(next, &[], "schema")?.count(0)?,
    };
    let (mut decided, mut entries) = (Vec::with_capacity(new.len()), Vec::new());
    for new in new {
        let (one, entry) = match new {
            NewDecision::App(audience, rule) => {
                let (decision, entry) = apps::decide(sql, &now, audience, rule)?;
                (Decided::App(decision), entry)
            }
            NewDecision::Mcp(audience, rule) => {
                let (decision, entry) = mcp::decide(sql, &now, audience, rule)?;
                (Decided::Mcp(decision), entry)
            }
        };
        decided.push(one);
        entries.extend(entry);
    }
    if entries.is_empty() {
        return Ok(Effect::Same(decided));
    }
    raise(sql)?;
    Ok(several(decided, entries))
}

const fn several<T>(value: T, entries: Vec<Entry>) -> Effect<T> {
    Effect::Several { value, entries }
}
