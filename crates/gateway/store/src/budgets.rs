//! Budgets, and how much of them is left.

use serde_json::json;
use tidegate_governance::{
    entity::{Alignment, Budget, Scope, Window},
    window,
};
use tidegate_types::{BudgetId, MicroUsd, ModelPattern, TeamId, Timestamp};

use crate::{
    Actor, Cursor, Page, Store, StoreError,
    change::Effect,
    ledger::Windows,
    page::{MAX_PAGE, page_size},
    scope,
    sql::{Row, Sql, Where, params},
};

/// A budget to create.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewBudget {
    /// Whom it applies to; must exist.
    pub scope: Scope,
    /// Counts only calls of models that match, if set.
    pub model: Option<ModelPattern>,
    /// How much may be spent in a window, zero or more.
    pub cap: MicroUsd,
    /// How long a window is.
    pub window: Window,
    /// When windows start.
    pub alignment: Alignment,
}

/// Where a budget stands in its present window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BudgetStatus {
    /// Which budget.
    pub budget: BudgetId,
    /// When the window started; absent while a first-use window has not been opened.
    pub window_start: Option<Timestamp>,
    /// When it ends.
    pub window_end: Option<Timestamp>,
    /// Settled, with the debt of the window before.
    pub spent: MicroUsd,
    /// Held by unexpired leases.
    pub leased: MicroUsd,
}

const COLUMNS: &str = "id, scope, model, cap, length, alignment, created_at";

/// The most budgets that are looked at in one call.
const MAX_STATUS: usize = 1_000;

impl Store {
    /// Creates a budget.
    ///
    /// # Errors
    /// `Invalid` cap or scope; `Conflict` when one with the same scope, model and window exists.
    pub async fn create_budget(&self, actor: Actor, new: NewBudget) -> Result<Budget, StoreError> {
        self.govern(actor, "budget.create", move |sql, now| {
            check_cap(new.cap)?;
            scope::exists(sql, new.scope)?;
            let NewBudget {
                scope,
                model,
                cap,
                window,
                alignment,
            } = new;
            let id = BudgetId::generate(now);
            let budget = Budget {
                id,
                scope,
                model,
                cap,
                window,
                alignment,
                created_at: now,
            };
            is_new(sql, &budget)?;
            insert(sql, &budget)?;
            let detail = json!({
                "scope": scope.to_string(), "model": budget.model, "cap_micro_usd": cap,
                "window": window, "alignment": alignment,
            });
            Ok(Effect::changed(budget, id, detail))
        })
        .await
    }

    /// One budget.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn budget(&self, id: BudgetId) -> Result<Budget, StoreError> {
        self.read(move |sql| one(sql, id)).await
    }

    /// Budgets, oldest first, of one scope if given.
    ///
    /// # Errors
    /// The store is unavailable.
    pub async fn budgets(
        &self,
        scope: Option<Scope>,
        cursor: Option<Cursor>,
        limit: usize,
    ) -> Result<Page<Budget>, StoreError> {
        let limit = page_size(limit);
        self.read(move |sql| page(sql, scope, cursor, limit)).await
    }

    /// Budgets of a team, its users and its keys, oldest first; of one of these scopes if given.
    ///
    /// # Errors
    /// The store is unavailable.
    pub async fn team_budgets(
        &self,
        team: TeamId,
        scope: Option<Scope>,
        cursor: Option<Cursor>,
        limit: usize,
    ) -> Result<Page<Budget>, StoreError> {
        let limit = page_size(limit);
        self.read(move |sql| {
            let scopes = scope::within(sql, team)?;
            let (mut found, mut from) = (Vec::new(), cursor);
            // Scopes are stored as their text, which SQL cannot make out of ids: so all are looked at.
            loop {
                let some = page(sql, scope, from, MAX_PAGE)?;
                let ours = |budget: &Budget| scopes.contains(&budget.scope.to_string());
                found.extend(some.items.into_iter().filter(ours));
                from = some.next;
                if from.is_none() || found.len() > limit {
                    break;
                }
            }
            Ok(Page::cut(found, limit, |budget: &Budget| budget.id.uuid()))
        })
        .await
    }

    /// Sets a budget's cap. Its scope, model and window are what it is; for others make another.
    ///
    /// # Errors
    /// `NotFound`; `Invalid` cap.
    pub async fn set_budget_cap(
        &self,
        actor: Actor,
        id: BudgetId,
        cap: MicroUsd,
    ) -> Result<Budget, StoreError> {
        self.govern(actor, "budget.update", move |sql, _| {
            check_cap(cap)?;
            let before = one(sql, id)?;
            let budget = Budget {
                cap,
                ..before.clone()
            };
            if budget == before {
                return Ok(Effect::Same(budget));
            }
            let update = "UPDATE budgets SET cap = $2 WHERE id = $1";
            sql.execute(update, &params![id.uuid(), cap.micros()])?;
            let detail = json!({ "cap_micro_usd": cap, "cap_micro_usd_before": before.cap });
            Ok(Effect::changed(budget, id, detail))
        })
        .await
    }

    /// Deletes a budget and its ledger.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn delete_budget(&self, actor: Actor, id: BudgetId) -> Result<(), StoreError> {
        self.govern(actor, "budget.delete", move |sql, _| {
            let budget = one(sql, id)?;
            for delete in [
                "DELETE FROM budget_windows WHERE budget_id = $1",
                "DELETE FROM budget_leases WHERE budget_id = $1",
                "DELETE FROM budgets WHERE id = $1",
            ] {
                sql.execute(delete, &params![id.uuid()])?;
            }
            Ok(Effect::changed(
                (),
                id,
                json!({ "scope": budget.scope.to_string() }),
            ))
        })
        .await
    }

    /// Where budgets stand now, in the order asked for; those that do not exist are left out.
    ///
    /// # Errors
    /// `Invalid` when asked for more than 1,000.
    pub async fn budget_status(
        &self,
        budgets: &[BudgetId],
    ) -> Result<Vec<BudgetStatus>, StoreError> {
        if budgets.len() > MAX_STATUS {
            return Err(StoreError::invalid("budgets", "at most 1,000 at once"));
        }
        let (budgets, now) = (budgets.to_vec(), self.now());
        self.read(move |sql| {
            let mut answer = Vec::with_capacity(budgets.len());
            for id in budgets {
                match one(sql, id) {
                    Ok(budget) => answer.push(status(sql, &budget, now)?),
                    Err(StoreError::NotFound(_)) => {}
                    Err(error) => return Err(error),
                }
            }
            Ok(answer)
        })
        .await
    }
}

fn status(sql: &mut dyn Sql, budget: &Budget, now: Timestamp) -> Result<BudgetStatus, StoreError> {
    let newest = Windows::newest(sql, budget.id)?;
    let anchor = newest.as_ref().map(|open| open.start);
    let (start, end) = window::bounds(budget.window, budget.alignment, anchor, now);
    let zero = MicroUsd::ZERO;
    let mut status = BudgetStatus {
        budget: budget.id,
        window_start: Some(start),
        window_end: Some(end),
        spent: zero,
        leased: zero,
    };
    match newest {
        Some(open) if open.start == start => {
            let live = "SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT) FROM budget_leases \
                 WHERE budget_id = $1 AND start_at = $2 AND expires_at > $3 AND amount > 0";
            let live = sql.one(live, &params![budget.id.uuid(), start, now], "lease")?;
            (status.spent, status.leased) = (open.spent(), MicroUsd::from_micros(live.int(0)?));
        }
        // Nobody has opened the present window yet: it will start with this debt.
        Some(open) => status.spent = open.leaves(start),
        None => {}
    }
    if anchor != Some(start) && budget.alignment == Alignment::FirstUse {
        (status.window_start, status.window_end) = (None, None);
    }
    Ok(status)
}

fn check_cap(cap: MicroUsd) -> Result<(), StoreError> {
    if cap < MicroUsd::ZERO {
        return Err(StoreError::invalid("cap", "it is zero or more"));
    }
    Ok(())
}

fn is_new(sql: &mut dyn Sql, budget: &Budget) -> Result<(), StoreError> {
    let taken =
        "SELECT 1 FROM budgets WHERE scope = $1 AND length = $2 AND COALESCE(model, '') = $3";
    let model = budget.model.as_ref().map_or("", ModelPattern::as_str);
    let values = params![budget.scope.to_string(), budget.window.as_str(), model];
    if sql.query(taken, &values)?.is_empty() {
        return Ok(());
    }
    Err(StoreError::conflict(
        "there is a budget for this scope, model and window",
    ))
}

fn insert(sql: &mut dyn Sql, budget: &Budget) -> Result<(), StoreError> {
    let insert = format!("INSERT INTO budgets ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7)");
    let values = params![
        budget.id.uuid(),
        budget.scope.to_string(),
        budget.model.as_ref().map(ModelPattern::as_str),
        budget.cap.micros(),
        budget.window.as_str(),
        budget.alignment.as_str(),
        budget.created_at,
    ];
    sql.execute(&insert, &values).map(drop)
}

fn page(
    sql: &mut dyn Sql,
    scope: Option<Scope>,
    cursor: Option<Cursor>,
    limit: usize,
) -> Result<Page<Budget>, StoreError> {
    let mut filter = Where::default();
    filter.maybe("id > {}", cursor.map(|cursor| cursor.0));
    filter.maybe("scope = {}", scope.map(|scope| scope.to_string()));
    let count = filter.param(limit + 1);
    let clause = filter.clause();
    let select = format!("SELECT {COLUMNS} FROM budgets{clause} ORDER BY id LIMIT {count}");
    let rows = sql.query(&select, &filter.params)?;
    let rows = rows.iter().map(read).collect::<Result<_, _>>()?;
    Ok(Page::cut(rows, limit, |row: &Budget| row.id.uuid()))
}

fn one(sql: &mut dyn Sql, id: BudgetId) -> Result<Budget, StoreError> {
    let select = format!("SELECT {COLUMNS} FROM budgets WHERE id = $1");
    read(&sql.one(&select, &params![id.uuid()], "budget")?)
}

pub(crate) fn all(sql: &mut dyn Sql) -> Result<Vec<Budget>, StoreError> {
    let rows = sql.query(&format!("SELECT {COLUMNS} FROM budgets ORDER BY id"), &[])?;
    rows.iter().map(read).collect()
}

fn read(row: &Row) -> Result<Budget, StoreError> {
    Ok(Budget {
        id: BudgetId::from_uuid(row.uuid(0)?),
        scope: row.parsed(1)?,
        model: row.opt(2, Row::parsed)?,
        cap: MicroUsd::from_micros(row.int(3)?),
        window: row.parsed(4)?,
        alignment: row.parsed(5)?,
        created_at: row.time(6)?,
    })
}
