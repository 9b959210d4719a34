//! What guardrails did on calls.

use tidegate_governance::guardrail::Applied;
use tidegate_types::{RequestId, TeamId};

use crate::{
    Cursor, Page, Store, StoreError,
    page::page_size,
    sql::{Row, Where, containing, params},
};

/// A call on which guardrails found something, or could not look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GuardedRequest {
    /// The call; its id tells when.
    pub id: RequestId,
    /// What they did.
    pub applied: Vec<Applied>,
}

/// Which calls to list; every field that is set narrows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FindingFilter {
    /// Of a team.
    pub team: Option<TeamId>,
    /// On which a guardrail of this name did something.
    pub guardrail: Option<String>,
    /// On which something was found by this detector.
    pub detector: Option<String>,
    /// On which this was done: an action's name, or `bypassed`.
    pub action: Option<String>,
    /// On which this was only noted, or really done.
    pub shadow: Option<bool>,
}

impl FindingFilter {
    /// A condition for each member, over the JSON as it is written: no spaces, members in the order of
    /// the type, texts with their escapes. One entry may meet one condition and another the next: rare,
    /// and the rows themselves tell.
    fn narrow(&self, filter: &mut Where) {
        filter.maybe("team_id = {}", self.team.map(TeamId::uuid));
        let members = [
            ("guardrail", &self.guardrail),
            ("detector", &self.detector),
            ("action", &self.action),
        ];
        for (member, value) in members {
            let wanted = value.as_ref().map(|value| {
                let text = serde_json::Value::from(value.as_str());
                containing(&format!("\"{member}\":{text}"))
            });
            filter.maybe("LOWER(applied) LIKE {} ESCAPE '!'", wanted);
        }
        let shadow = self.shadow.map(|on| format!("%\"shadow\":{on}%"));
        filter.maybe("applied LIKE {}", shadow);
    }
}

impl Store {
    /// What guardrails did on calls, newest first.
    ///
    /// # Errors
    /// The store is unavailable.
    pub async fn findings(
        &self,
        filter: FindingFilter,
        cursor: Option<Cursor>,
        limit: usize,
    ) -> Result<Page<GuardedRequest>, StoreError> {
        let limit = page_size(limit);
        self.read(move |sql| {
            let mut clauses = Where::default();
            filter.narrow(&mut clauses);
            clauses.maybe("id < {}", cursor.map(|cursor| cursor.0));
            let count = clauses.param(limit + 1);
            let clause = clauses.clause();
            let select = format!(
                "SELECT id, applied FROM request_guardrails{clause} ORDER BY id DESC LIMIT {count}"
            );
            let rows = sql.query(&select, &clauses.params)?;
            let rows = rows.iter().map(read).collect::<Result<_, _>>()?;
            Ok(Page::cut(rows, limit, |row: &GuardedRequest| row.id.uuid()))
        })
        .await
    }

    /// What guardrails did on one call; nothing where they did nothing.
    ///
    /// # Errors
    /// The store is unavailable.
    pub async fn applied(&self, id: RequestId) -> Result<Vec<Applied>, StoreError> {
        self.read(move |sql| {
            let select = "SELECT id, applied FROM request_guardrails WHERE id = $1";
            let rows = sql.query(select, &params![id.uuid()])?;
            Ok(match rows.first() {
                Some(row) => read(row)?.applied,
                None => Vec::new(),
            })
        })
        .await
    }
}

fn read(row: &Row) -> Result<GuardedRequest, StoreError> {
    Ok(GuardedRequest {
        id: RequestId::from_uuid(row.uuid(0)?),
        applied: serde_json::from_str(row.text(1)?)
            .map_err(|error| StoreError::Broken(format!("what guardrails did: {error}")))?,
    })
}
