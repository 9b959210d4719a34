//! Whether a caller who was let in once still may come in: for connections that stay open for hours. It
//! is not noted as a use, so that a page that is only open does not keep its session alive.

use std::time::Duration;

use tidegate_types::{Grant, SessionId, Timestamp, TokenId};

use crate::{
    Store, StoreError, grant,
    sql::{Row, params},
};

impl Store {
    /// What the account of a session may do now; nothing where the session ended, was not used within
    /// `idle`, or its account is disabled.
    ///
    /// # Errors
    /// The store is unavailable.
    pub async fn session_stands(
        &self,
        id: SessionId,
        idle: Duration,
    ) -> Result<Option<Grant>, StoreError> {
        let now = self.now();
        let idle = i64::try_from(idle.as_micros()).unwrap_or(i64::MAX);
        let used_since = Timestamp::from_micros(now.micros().saturating_sub(idle));
        self.read(move |sql| {
            let select = "SELECT a.role, a.team_id FROM sessions s JOIN accounts a \
                 ON a.id = s.account_id WHERE s.id = $1 AND s.expires_at > $2 \
                 AND COALESCE(s.last_used_at, s.created_at) > $3 AND a.disabled = $4";
            let rows = sql.query(select, &params![id.uuid(), now, used_since, false])?;
            rows.first().map(granted).transpose()
        })
        .await
    }

    /// What a token may do now; nothing where it was revoked or has expired.
    ///
    /// # Errors
    /// The store is unavailable.
    pub async fn token_stands(&self, id: TokenId) -> Result<Option<Grant>, StoreError> {
        let now = self.now();
        self.read(move |sql| {
            let select = "SELECT role, team_id FROM api_tokens WHERE id = $1 \
                 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2)";
            let rows = sql.query(select, &params![id.uuid(), now])?;
            rows.first().map(granted).transpose()
        })
        .await
    }
}

fn granted(row: &Row) -> Result<Grant, StoreError> {
    grant::read(row, 0, 1)
}
