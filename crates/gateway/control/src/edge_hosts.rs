//! Which hosts devices govern: what the build knows, and the operator's own rules over it.

use std::{collections::BTreeMap, sync::Arc};

use axum::{Json, extract::State};
use http::StatusCode;
use serde::Serialize;
use tidegate_policy::{Catalogue, HostName, HostRule, Treatment};
use tidegate_store::EdgeHost;
use tidegate_types::Timestamp;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::App,
    extract::{Body, Id},
    guard::identity::Admin,
    page::Page,
    policy_words::TreatmentName,
    problem::Problem,
    read::read_struct,
};

pub(crate) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(put, delete))
}

/// A rule for a host and everything below it. The longest name that fits decides.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EdgeHost)]
struct HostView {
    /// The host.
    #[schema(value_type = String, example = "api.anthropic.com")]
    host: HostName,
    /// What happens to connections to it.
    #[schema(value_type = TreatmentName)]
    treatment: Treatment,
    /// What the build does with it by itself; null where it does not know it.
    #[schema(value_type = Option<TreatmentName>)]
    builtin: Option<Treatment>,
    /// When an operator's own rule was set; null where there is none.
    #[schema(value_type = Option<String>, format = DateTime)]
    set_at: Option<Timestamp>,
}

impl HostView {
    fn set(stored: EdgeHost) -> Self {
        let known = Catalogue::builtin().hosts();
        let known = known.iter().find(|known| known.host == stored.rule.host);
        Self {
            builtin: known.map(|known| known.treatment),
            host: stored.rule.host,
            treatment: stored.rule.treatment,
            set_at: Some(stored.updated_at),
        }
    }
}

read_struct! {
    /// A rule for a host.
    #[derive(Debug, ToSchema)]
    #[serde(deny_unknown_fields)]
    #[schema(as = EdgeHostRule)]
    struct PutHost {
        /// What happens to connections to it.
        #[schema(value_type = TreatmentName)]
        treatment: Treatment,
    }
}

/// Lists the rules in force, by host: the build's and the operator's own.
#[utoipa::path(get, path = "/edge/hosts", tag = "edge", operation_id = "list_edge_hosts",
    responses((status = 200, description = "All rules.", body = Page<HostView>)))]
async fn list(State(app): State<Arc<App>>) -> Result<Json<Page<HostView>>, Problem> {
    let known = Catalogue::builtin().hosts().iter().map(|known| HostView {
        host: known.host.clone(),
        treatment: known.treatment,
        builtin: Some(known.treatment),
        set_at: None,
    });
    let stored = app.store.edge_hosts().await?;
    let all = known.chain(stored.into_iter().map(HostView::set));
    let by_name: BTreeMap<HostName, HostView> = all.map(|view| (view.host.clone(), view)).collect();
    Ok(Json(Page::whole(by_name.into_values().collect())))
}

/// Sets the rule for a host. Devices that wait learn of it at once.
#[utoipa::path(put, path = "/edge/hosts/{host}", tag = "edge", operation_id = "set_edge_host",
    params(("host" = String, Path, description = "The host's name, with a dot in it.",
        example = "llm.example.com")),
    request_body = PutHost,
    responses((status = 200, description = "The rule.", body = HostView),
        (status = 409, description = "There are too many rules.")))]
async fn put(
    State(app): State<Arc<App>>,
    admin: Admin,
    Id(host): Id<HostName>,
    Body(new): Body<PutHost>,
) -> Result<Json<HostView>, Problem> {
    if !host.as_str().contains('.') {
        // A device's certificate would stand for a whole top-level domain.
        return Err(Problem::parameter("host", "must have a dot in it"));
    }
    let rule = HostRule {
        host,
        treatment: new.treatment,
    };
    let stored = app.store.put_edge_host(admin.actor(), rule).await?;
    Ok(Json(HostView::set(stored)))
}

/// Removes the operator's own rule for a host: what the build knows is in force again.
#[utoipa::path(delete, path = "/edge/hosts/{host}", tag = "edge",
    operation_id = "delete_edge_host",
    params(("host" = String, Path, description = "The host's name.",
        example = "llm.example.com")),
    responses((status = 204, description = "It is gone.")))]
async fn delete(
    State(app): State<Arc<App>>,
    admin: Admin,
    Id(host): Id<HostName>,
) -> Result<StatusCode, Problem> {
    app.store.delete_edge_host(admin.actor(), host).await?;
    Ok(StatusCode::NO_CONTENT)
}
