//! Rate limits.

use serde_json::{Value as Json, json};
use tidegate_governance::entity::{RateLimit, Scope};
use tidegate_types::{LimitId, ModelPattern, TeamId};

use crate::{
    Actor, Cursor, Page, Store, StoreError,
    change::Effect,
    page::{MAX_PAGE, page_size},
    scope,
    sql::{Row, Sql, Where, params},
};

/// A limit to create. At least one rate is set, each is at least 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewLimit {
    /// Whom it applies to; must exist.
    pub scope: Scope,
    /// Counts only calls of models that match, if set.
    pub model: Option<ModelPattern>,
    /// Requests per minute.
    pub requests_per_minute: Option<u64>,
    /// Tokens, prompt and answer, per minute.
    pub tokens_per_minute: Option<u64>,
    /// Calls in flight at once.
    pub concurrency: Option<u64>,
}

/// What to change of a limit; absent fields stay, `Some(None)` lifts a rate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LimitPatch {
    /// Requests per minute.
    pub requests_per_minute: Option<Option<u64>>,
    /// Tokens per minute.
    pub tokens_per_minute: Option<Option<u64>>,
    /// Calls in flight at once.
    pub concurrency: Option<Option<u64>>,
}

const COLUMNS: &str =
    "id, scope, model, requests_per_minute, tokens_per_minute, concurrency, created_at";

/// The highest rate: beyond it a limit limits nothing.
const MAX_RATE: u64 = 1_000_000_000_000;

impl Store {
    /// Creates a limit.
    ///
    /// # Errors
    /// `Invalid` rates or scope; `Conflict` when one with the same scope and model exists.
    pub async fn create_limit(&self, actor: Actor, new: NewLimit) -> Result<RateLimit, StoreError> {
        self.govern(actor, "limit.create", move |sql, now| {
            let limit = RateLimit {
                id: LimitId::generate(now),
                scope: new.scope,
                model: new.model,
                requests_per_minute: new.requests_per_minute,
                tokens_per_minute: new.tokens_per_minute,
                concurrency: new.concurrency,
                created_at: now,
            };
            check(&limit)?;
            scope::exists(sql, limit.scope)?;
            is_new(sql, &limit)?;
            write(sql, &limit)?;
            let detail = detail(&limit);
            Ok(Effect::changed(limit.clone(), limit.id, detail))
        })
        .await
    }

    /// One limit.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn limit(&self, id: LimitId) -> Result<RateLimit, StoreError> {
        self.read(move |sql| one(sql, id)).await
    }

    /// Limits, oldest first, of one scope if given.
    ///
    /// # Errors
    /// The store is unavailable.
    pub async fn limits(
        &self,
        scope: Option<Scope>,
        cursor: Option<Cursor>,
        limit: usize,
    ) -> Result<Page<RateLimit>, StoreError> {
        let limit = page_size(limit);
        self.read(move |sql| page(sql, scope, cursor, limit)).await
    }

    /// Limits of a team, its users and its keys, oldest first; of one of these scopes if given.
    ///
    /// # Errors
    /// The store is unavailable.
    pub async fn team_limits(
        &self,
        team: TeamId,
        scope: Option<Scope>,
        cursor: Option<Cursor>,
        limit: usize,
    ) -> Result<Page<RateLimit>, StoreError> {
        let limit = page_size(limit);
        self.read(move |sql| {
            let scopes = scope::within(sql, team)?;
            let (mut found, mut from) = (Vec::new(), cursor);
            // Scopes are stored as their text, which SQL cannot make out of ids: so all are looked at.
            loop {
                let some = page(sql, scope, from, MAX_PAGE)?;
                let ours = |rate: &RateLimit| scopes.contains(&rate.scope.to_string());
                found.extend(some.items.into_iter().filter(ours));
                from = some.next;
                if from.is_none() || found.len() > limit {
                    break;
                }
            }
            Ok(Page::cut(found, limit, |rate: &RateLimit| rate.id.uuid()))
        })
        .await
    }

    /// Changes a limit.
    ///
    /// # Errors
    /// `NotFound`; `Invalid` rates, or none left.
    pub async fn patch_limit(
        &self,
        actor: Actor,
        id: LimitId,
        patch: LimitPatch,
    ) -> Result<RateLimit, StoreError> {
        self.govern(actor, "limit.update", move |sql, _| {
            let before = one(sql, id)?;
            let mut limit = before.clone();
            limit.requests_per_minute = patch
                .requests_per_minute
                .unwrap_or(limit.requests_per_minute);
            limit.tokens_per_minute = patch.tokens_per_minute.unwrap_or(limit.tokens_per_minute);
            limit.concurrency = patch.concurrency.unwrap_or(limit.concurrency);
            if limit == before {
                return Ok(Effect::Same(limit));
            }
            check(&limit)?;
            write(sql, &limit)?;
            let detail = detail(&limit);
            Ok(Effect::changed(limit, id, detail))
        })
        .await
    }

    /// Deletes a limit.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn delete_limit(&self, actor: Actor, id: LimitId) -> Result<(), StoreError> {
        self.govern(actor, "limit.delete", move |sql, _| {
            let limit = one(sql, id)?;
            sql.execute("DELETE FROM limits WHERE id = $1", &params![id.uuid()])?;
            Ok(Effect::changed((), id, detail(&limit)))
        })
        .await
    }
}

fn check(limit: &RateLimit) -> Result<(), StoreError> {
    let rates = [
        limit.requests_per_minute,
        limit.tokens_per_minute,
        limit.concurrency,
    ];
    if rates.iter().all(Option::is_none) {
        return Err(StoreError::invalid("limit", "at least one rate is set"));
    }
    if !rates
        .iter()
        .flatten()
        .all(|rate| (1..=MAX_RATE).contains(rate))
    {
        return Err(StoreError::invalid(
            "limit",
            "a rate is 1 to 1,000,000,000,000",
        ));
    }
    Ok(())
}

fn is_new(sql: &mut dyn Sql, limit: &RateLimit) -> Result<(), StoreError> {
    let taken = "SELECT 1 FROM limits WHERE scope = $1 AND COALESCE(model, '') = $2";
    let model = limit.model.as_ref().map_or("", ModelPattern::as_str);
    if sql
        .query(taken, &params![limit.scope.to_string(), model])?
        .is_empty()
    {
        return Ok(());
    }
    Err(StoreError::conflict(
        "there is a limit for this scope and model",
    ))
}

fn write(sql: &mut dyn Sql, limit: &RateLimit) -> Result<(), StoreError> {
    let upsert = format!(
        "INSERT INTO limits ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) \
         DO UPDATE SET requests_per_minute = $4, tokens_per_minute = $5, concurrency = $6"
    );
    let values = params![
        limit.id.uuid(),
        limit.scope.to_string(),
        limit.model.as_ref().map(ModelPattern::as_str),
        limit.requests_per_minute,
        limit.tokens_per_minute,
        limit.concurrency,
        limit.created_at,
    ];
    sql.execute(&upsert, &values).map(drop)
}

fn page(
    sql: &mut dyn Sql,
    scope: Option<Scope>,
    cursor: Option<Cursor>,
    limit: usize,
) -> Result<Page<RateLimit>, StoreError> {
    let mut filter = Where::default();
    filter.maybe("id > {}", cursor.map(|cursor| cursor.0));
    filter.maybe("scope = {}", scope.map(|scope| scope.to_string()));
    let count = filter.param(limit + 1);
    let clause = filter.clause();
    let select = format!("SELECT {COLUMNS} FROM limits{clause} ORDER BY id LIMIT {count}");
    let rows = sql.query(&select, &filter.params)?;
    let rows = rows.iter().map(read).collect::<Result<_, _>>()?;
    Ok(Page::cut(rows, limit, |row: &RateLimit| row.id.uuid()))
}

fn one(sql: &mut dyn Sql, id: LimitId) -> Result<RateLimit, StoreError> {
    let select = format!("SELECT {COLUMNS} FROM limits WHERE id = $1");
    read(&sql.one(&select, &params![id.uuid()], "limit")?)
}

pub(crate) fn all(sql: &mut dyn Sql) -> Result<Vec<RateLimit>, StoreError> {
    let rows = sql.query(&format!("SELECT {COLUMNS} FROM limits ORDER BY id"), &[])?;
    rows.iter().map(read).collect()
}

fn read(row: &Row) -> Result<RateLimit, StoreError> {
    Ok(RateLimit {
        id: LimitId::from_uuid(row.uuid(0)?),
        scope: row.parsed(1)?,
        model: row.opt(2, Row::parsed)?,
        requests_per_minute: row.opt(3, Row::count)?,
        tokens_per_minute: row.opt(4, Row::count)?,
        concurrency: row.opt(5, Row::count)?,
        created_at: row.time(6)?,
    })
}

fn detail(limit: &RateLimit) -> Json {
    json!({
        "scope": limit.scope.to_string(),
        "model": limit.model,
        "requests_per_minute": limit.requests_per_minute,
        "tokens_per_minute": limit.tokens_per_minute,
        "concurrency": limit.concurrency,
    })
}
