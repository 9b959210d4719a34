//! Where calls were tried.

use tidegate_governance::record::Attempt;
use tidegate_types::RequestId;

use crate::{Store, StoreError, sql::params};

impl Store {
    /// Where a call was tried, in order; nothing where one attempt at the only place says all.
    ///
    /// # Errors
    /// The store is unavailable.
    pub async fn attempts(&self, id: RequestId) -> Result<Vec<Attempt>, StoreError> {
        self.read(move |sql| {
            let select = "SELECT attempts FROM request_attempts WHERE id = $1";
            let rows = sql.query(select, &params![id.uuid()])?;
            let Some(row) = rows.first() else {
                return Ok(Vec::new());
            };
            serde_json::from_str(row.text(0)?)
                .map_err(|error| StoreError::Broken(format!("where a call was tried: {error}")))
        })
        .await
    }
}
