//! The audit log: append-only, each entry sealed with the hash of the one before.

mod chain;

use serde_json::Value as Json;
use tidegate_types::{AccountId, AuditId, ScimTokenId, Timestamp, TokenId};
use uuid::Uuid;

pub(crate) use self::chain::{Head, append};
use crate::{
    Actor, Cursor, Page, Store, StoreError,
    page::page_size,
    sql::{Row, Where, containing},
};

/// One audited action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// Its id.
    pub id: AuditId,
    /// Its place in the chain, from 1.
    pub seq: u64,
    /// When it happened.
    pub at: Timestamp,
    /// Who did it.
    pub actor: Actor,
    /// What was done, like `key.create`.
    pub action: String,
    /// To what, by its printed id or name.
    pub target: String,
    /// Details as a JSON object, never a secret.
    pub detail: String,
    /// The seal.
    pub hash: [u8; 32],
}

/// What checking the chain found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditVerdict {
    /// The entry at this place was changed, or one before it is missing.
    BrokenAt(u64),
    /// Every entry is as it was written; how many there are.
    Intact(u64),
}

/// Which entries to list; every field that is set narrows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// By this one.
    pub actor: Option<Actor>,
    /// With exactly this action, or, where it ends in a dot, one that starts with it.
    pub action: Option<String>,
    /// To exactly this.
    pub target: Option<String>,
    /// At this time or later.
    pub from: Option<Timestamp>,
    /// Before this time.
    pub to: Option<Timestamp>,
    /// With this in the action, the target or the details, in any case.
    pub text: Option<String>,
    /// Not those of people who sign in and out.
    pub changes_only: bool,
}

/// The most entries that a search without an index looks at.
const LOOKED_AT: usize = 20_000;

impl AuditFilter {
    /// Whether an index finds these, so that few others are looked at.
    fn is_indexed(&self) -> bool {
        self.actor.and_then(Actor::uuid).is_some() || self.action.is_some() || self.target.is_some()
    }

    fn narrow(&self, conditions: &mut Where) {
        conditions.maybe("actor_kind = {}", self.actor.map(Actor::kind));
        conditions.maybe("actor_id = {}", self.actor.and_then(Actor::uuid));
        match self.action.as_deref() {
            Some(area) if area.ends_with('.') => {
                conditions.and("action >= {}", area);
                // The next character after the dot.
                let end = format!("{}/", area.trim_end_matches('.'));
                conditions.and("action < {}", end);
            }
            action => conditions.maybe("action = {}", action),
        }
        conditions.maybe("target = {}", self.target.as_deref());
        conditions.maybe("at >= {}", self.from);
        conditions.maybe("at < {}", self.to);
        conditions.maybe(
            "LOWER(action || ' ' || target || ' ' || detail) LIKE {} ESCAPE '!'",
            self.text.as_deref().map(containing),
        );
        if self.changes_only {
            conditions.fixed("action NOT LIKE 'session.%' AND action NOT LIKE 'access.%'");
        }
    }
}

const COLUMNS: &str = "seq, id, at, actor_kind, actor_id, action, target, detail, hash";

/// The longest action, target and detail of an entry of the caller's own, in bytes.
const MAX_TEXT: usize = 16 * 1024;

impl Actor {
    /// The stored form.
    const fn kind(self) -> &'static str {
        match self {
            Self::Account(_) => "account",
            Self::Cli => "cli",
            Self::Scim(_) => "scim",
            Self::System => "system",
            Self::Token(_) => "token",
        }
    }

    const fn uuid(self) -> Option<Uuid> {
        match self {
            Self::Account(id) => Some(id.uuid()),
            Self::Cli | Self::System => None,
            Self::Scim(id) => Some(id.uuid()),
            Self::Token(id) => Some(id.uuid()),
        }
    }

    fn read(kind: &str, id: Option<Uuid>) -> Option<Self> {
        match (kind, id) {
            ("account", Some(id)) => Some(Self::Account(AccountId::from_uuid(id))),
            ("cli", None) => Some(Self::Cli),
            ("scim", Some(id)) => Some(Self::Scim(ScimTokenId::from_uuid(id))),
            ("system", None) => Some(Self::System),
            ("token", Some(id)) => Some(Self::Token(TokenId::from_uuid(id))),
            _ => None,
        }
    }
}

impl Store {
    /// Appends an entry of the caller's own, such as a failed sign-in.
    ///
    /// # Errors
    /// `Invalid` when a text is longer than 16 KiB.
    pub async fn append_audit(
        &self,
        actor: Actor,
        action: &str,
        target: &str,
        detail: Json,
    ) -> Result<(), StoreError> {
        if [action.len(), target.len(), detail.to_string().len()]
            .iter()
            .any(|n| *n > MAX_TEXT)
        {
            return Err(StoreError::invalid("audit", "a text has at most 16 KiB"));
        }
        let (action, target, now) = (action.to_owned(), target.to_owned(), self.now());
        self.write(move |sql| {
            let head = Head::lock(sql)?;
            append(sql, &head, now, actor, &action, &target, &detail).map(drop)
        })
        .await
    }

    /// Entries, newest first.
    ///
    /// # Errors
    /// The store is unavailable.
    pub async fn audit(
        &self,
        cursor: Option<Cursor>,
        limit: usize,
    ) -> Result<Page<AuditEntry>, StoreError> {
        self.audit_matching(AuditFilter::default(), cursor, limit)
            .await
    }

    /// Entries that match, newest first. A page may hold fewer than there are, or none, and still have a
    /// next one: so many entries were looked at that the search stopped there.
    ///
    /// # Errors
    /// The store is unavailable.
    pub async fn audit_matching(
        &self,
        filter: AuditFilter,
        cursor: Option<Cursor>,
        limit: usize,
    ) -> Result<Page<AuditEntry>, StoreError> {
        let limit = page_size(limit);
        let before = cursor.map(|cursor| i64::try_from(cursor.0.as_u128()).unwrap_or(i64::MAX));
        self.read(move |sql| {
            let mut conditions = Where::default();
            conditions.maybe("seq < {}", before);
            let down_to = if filter.is_indexed() {
                None
            } else {
                let end = format!(
                    "SELECT seq FROM audit_log{} ORDER BY seq DESC LIMIT 1 OFFSET {LOOKED_AT}",
                    conditions.clause()
                );
                let end = sql.query(&end, &conditions.params)?;
                end.first().map(|row| row.int(0)).transpose()?
            };
            conditions.maybe("seq >= {}", down_to);
            filter.narrow(&mut conditions);
            let count = conditions.param(limit + 1);
            let clause = conditions.clause();
            let select =
                format!("SELECT {COLUMNS} FROM audit_log{clause} ORDER BY seq DESC LIMIT {count}");
            let rows = sql.query(&select, &conditions.params)?;
            let entries = rows.iter().map(read).collect::<Result<_, _>>()?;
            let mut page = Page::cut(entries, limit, |entry: &AuditEntry| {
                Uuid::from_u128(entry.seq.into())
            });
            if let (None, Some(down_to)) = (page.next, down_to) {
                let down_to = u128::try_from(down_to).unwrap_or_default();
                page.next = Some(Cursor(Uuid::from_u128(down_to)));
            }
            Ok(page)
        })
        .await
    }

    /// Checks the whole chain, and that its end is where it was.
    ///
    /// # Errors
    /// The store is unavailable.
    pub async fn verify_audit(&self) -> Result<AuditVerdict, StoreError> {
        self.read(chain::verify).await
    }
}

fn read(row: &Row) -> Result<AuditEntry, StoreError> {
    let actor = Actor::read(row.text(3)?, row.opt(4, Row::uuid)?);
    Ok(AuditEntry {
        seq: row.count(0)?,
        id: AuditId::from_uuid(row.uuid(1)?),
        at: row.time(2)?,
        actor: actor.ok_or_else(|| StoreError::Broken("an audit entry has no actor".into()))?,
        action: row.text_owned(5)?,
        target: row.text_owned(6)?,
        detail: row.text_owned(7)?,
        hash: row.bytes(8)?,
    })
}
