//! The audit log: who changed what, and whether the record is as it was written.

use std::{fmt::Write as _, sync::Arc};

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::HeaderMap;
use serde::Serialize;
use serde_json::Value;
use tidegate_store::{Actor, AuditEntry, AuditFilter, AuditVerdict, Cursor};
use tidegate_types::{AuditId, Timestamp};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::App,
    csv::{self, Csv},
    extract::Params,
    names::Names,
    page::{Page, PageSize},
    problem::Problem,
    read::{Label, Notice, Read, Reader, read_struct},
    requests::Word,
};

pub(crate) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(verify))
}

/// One audited action.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = AuditEntry)]
pub(crate) struct AuditView {
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
    /// The name of that account or token; null where it has none, or is gone.
    actor_name: Option<String>,
    /// What was done.
    #[schema(example = "key.create")]
    action: String,
    /// To what, by its id or name.
    #[schema(example = "key_01jdg8s6f7e2m9v4k3x5q8w0zr")]
    target: String,
    /// The name of that; null where it is no id, or is gone.
    target_name: Option<String>,
    /// Details.
    #[schema(value_type = Object)]
    detail: Value,
    /// The entry's seal: a hash over it and the seal before, in hex.
    hash: String,
}

impl AuditView {
    /// Entries with the names of whom and what they are about.
    pub(crate) async fn all(app: &App, entries: Vec<AuditEntry>) -> Result<Vec<Self>, Problem> {
        let ids = entries
            .iter()
            .flat_map(|entry| [entry.actor.to_string(), entry.target.clone()]);
        let names = Names::of(app, ids.collect()).await?;
        let views = entries.into_iter().map(|entry| Self::of(entry, &names));
        Ok(views.collect())
    }

    fn of(entry: AuditEntry, names: &Names) -> Self {
        Self {
            id: entry.id,
            seq: entry.seq,
            at: entry.at,
            actor_name: names.get(entry.actor),
            actor: entry.actor.to_string(),
            action: entry.action,
            target_name: names.get(&entry.target),
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

/// Who did something.
#[derive(Debug, Clone, Copy)]
struct Who(Actor);

impl Read for Who {
    fn read(value: Value, at: &mut Reader) -> Option<Self> {
        let text = value.as_str().unwrap_or_default();
        let account = text.parse().map(Actor::Account);
        let actor = match text {
            "cli" => Some(Actor::Cli),
            "system" => Some(Actor::System),
            _ => account
                .or_else(|_| text.parse().map(Actor::Token))
                .or_else(|_| text.parse().map(Actor::Scim))
                .ok(),
        };
        match actor {
            Some(actor) => Some(Self(actor)),
            None => at.refuse("must be the id of an account or a token, `cli` or `system`"),
        }
    }
}

read_struct! {
    #[derive(Debug, IntoParams)]
    #[into_params(parameter_in = Query)]
    struct ListAudit {
        /// Only what this account or token did, by its id, or `cli`, or `system`.
        #[param(value_type = Option<String>)]
        actor: Option<Who>,
        /// Only this action, such as `key.create`; or all of a subject, such as `key.`.
        #[param(value_type = Option<String>, example = "edge_mcp.")]
        action: Option<Word>,
        /// Only what was done to this, by its id or name: the history of one key, app or MCP server.
        #[param(value_type = Option<String>, example = "npm:@scope/server")]
        target: Option<Notice>,
        /// Only at this time or later.
        #[param(value_type = Option<String>, format = DateTime)]
        from: Option<Timestamp>,
        /// Only before this time.
        #[param(value_type = Option<String>, format = DateTime)]
        to: Option<Timestamp>,
        /// Only entries with this in the action, the target or the details.
        #[param(value_type = Option<String>, min_length = 1, max_length = 100)]
        q: Option<Label>,
        /// Where to read on: the `next_cursor` of the page before.
        #[param(value_type = Option<String>)]
        cursor: Option<Cursor>,
        /// Items per page, 50 when not said.
        #[param(value_type = u32, required = false, minimum = 1, maximum = 200, default = 50)]
        limit: PageSize,
    }
}

/// The most entries of one table.
const MOST_ROWS: usize = 100_000;

/// Lists audited actions, newest first. With `accept: text/csv` all that the filters let through, 100,000
/// at most, as a table.
///
/// A page may hold fewer entries than asked for, or none, and still have a `next_cursor`: a search looks at
/// 20,000 entries at a time. Read on to search further back.
#[utoipa::path(get, path = "/audit", tag = "audit", operation_id = "list_audit",
    params(ListAudit),
    responses((status = 200, description = "A page of entries.",
        content((Page<AuditView> = "application/json"), (String = "text/csv")))))]
async fn list(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Params(query): Params<ListAudit>,
) -> Result<Response, Problem> {
    let filter = AuditFilter {
        actor: query.actor.map(|who| who.0),
        action: query.action.map(|word| word.0),
        target: query.target.map(|target| target.0),
        from: query.from,
        to: query.to,
        text: query.q.map(|text| text.0),
        changes_only: false,
    };
    if !csv::wanted(&headers) {
        let page = app
            .store
            .audit_matching(filter, query.cursor, query.limit.0)
            .await?;
        let next = page.next.map(|cursor| cursor.to_string());
        let views = AuditView::all(&app, page.items).await?;
        return Ok(Json(Page::with(views, next)).into_response());
    }
    let (mut views, mut cursor) = (Vec::new(), None);
    loop {
        let page = app
            .store
            .audit_matching(filter.clone(), cursor, 1_000)
            .await?;
        views.extend(AuditView::all(&app, page.items).await?);
        cursor = page.next;
        if cursor.is_none() || views.len() >= MOST_ROWS {
            return Ok(table(&views).into_response());
        }
    }
}

fn table(entries: &[AuditView]) -> Csv {
    let mut csv = Csv::new(&[
        "seq",
        "at",
        "actor",
        "actor_name",
        "action",
        "target",
        "target_name",
        "detail",
        "hash",
    ]);
    for entry in entries {
        csv.row([
            entry.seq.to_string(),
            entry.at.to_string(),
            entry.actor.clone(),
            csv::some(entry.actor_name.as_deref()),
            entry.action.clone(),
            entry.target.clone(),
            csv::some(entry.target_name.as_deref()),
            entry.detail.to_string(),
            entry.hash.clone(),
        ]);
    }
    csv
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
