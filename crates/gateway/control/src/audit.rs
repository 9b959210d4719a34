//! The audit log: who changed what, and whether the record is as it was written.

use std::{fmt::Write as _, sync::Arc};

use axum::{Json, extract::State};
use serde::Serialize;
use serde_json::Value;
use tidegate_store::{AuditEntry, AuditVerdict, Cursor};
use tidegate_types::{AuditId, Timestamp};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::App,
    extract::Params,
    page::{Page, PageSize},
    problem::Problem,
    read::read_struct,
};

pub(crate) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(verify))
}

/// One audited action.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditEntry)]
struct AuditView {
    /// Its id.
    #[schema(value_type = String, example = "aud_01jdg8s6f7e2m9v4k3x5q8w0zr")]
    id: AuditId,
    /// Its place in the chain, from 1.
    seq: u64,
    /// When it happened.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// Who did it: the id of an account or a token, `cli`, or `system`.
    #[schema(example = "acc_01jdg8s6f7e2m9v4k3x5q8w0zr")]
    actor: String,
    /// What was done.
    #[schema(example = "key.create")]
    action: String,
    /// To what, by its id or name.
    #[schema(example = "key_01jdg8s6f7e2m9v4k3x5q8w0zr")]
    target: String,
    /// Details.
    #[schema(value_type = Object)]
    detail: Value,
    /// The entry's seal: a hash over it and the seal before, in hex.
    hash: String,
}

impl From<AuditEntry> for AuditView {
    fn from(entry: AuditEntry) -> Self {
        Self {
            id: entry.id,
            seq: entry.seq,
            at: entry.at,
            actor: entry.actor.to_string(),
            action: entry.action,
            target: entry.target,
            detail: serde_json::from_str(&entry.detail).unwrap_or(Value::String(entry.detail)),
            hash: hex(&entry.hash),
        }
    }
}

/// Lower-case hex digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            // Writing to a string cannot fail.
            write!(text, "{byte:02x}").unwrap_or_default();
            text
        })
}

/// What checking the chain found.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditVerdict)]
struct VerdictView {
    /// Whether every entry is as it was written, and none is missing before the last.
    intact: bool,
    /// How many entries were checked; null when the chain is broken.
    entries: Option<u64>,
    /// The first entry that does not fit: it was changed, or one before it is missing.
    broken_at: Option<u64>,
}

read_struct! {
    #[derive(Debug, IntoParams)]
    #[into_params(parameter_in = Query)]
    struct ListAudit {
        /// Where to read on: the `next_cursor` of the page before.
        #[param(value_type = Option<String>)]
        cursor: Option<Cursor>,
        /// Items per page, 50 when not said.
        #[param(value_type = u32, required = false, minimum = 1, maximum = 200, default = 50)]
        limit: PageSize,
    }
}

/// Lists audited actions, newest first.
#[utoipa::path(get, path = "/audit", tag = "audit", operation_id = "list_audit",
    params(ListAudit),
    responses((status = 200, description = "A page of entries.", body = Page<AuditView>)))]
async fn list(
    State(app): State<Arc<App>>,
    Params(query): Params<ListAudit>,
) -> Result<Json<Page<AuditView>>, Problem> {
    let page = app.store.audit(query.cursor, query.limit.0).await?;
    Ok(Json(Page::of(page, AuditView::from)))
}

/// Checks the seal of every entry.
#[utoipa::path(get, path = "/audit/verify", tag = "audit", operation_id = "verify_audit",
    responses((status = 200, description = "What was found.", body = VerdictView)))]
async fn verify(State(app): State<Arc<App>>) -> Result<Json<VerdictView>, Problem> {
    Ok(Json(match app.store.verify_audit().await? {
        AuditVerdict::BrokenAt(seq) => VerdictView {
            intact: false,
            entries: None,
            broken_at: Some(seq),
        },
        AuditVerdict::Intact(entries) => VerdictView {
            intact: true,
            entries: Some(entries),
            broken_at: None,
        },
    }))
}
