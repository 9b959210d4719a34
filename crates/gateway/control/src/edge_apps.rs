//! Apps: those that the build knows, those that devices have seen, and what was decided about them.

mod list;
mod rules;
mod table;

use std::sync::Arc;

use axum::{Json, extract::State};
use http::StatusCode;
use serde::Serialize;
use tidegate_policy::{AppId, AppKind, AppRule, Catalogue, Decision, Mode, Pinned};
use tidegate_store::{AppDecision, Audience, EdgeSettings, NewDecision, SeenApp};
use tidegate_types::Timestamp;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::App,
    edge_mcp::Effects,
    extract::{Body, Id, Params},
    guard::identity::Admin,
    policy_words::{DecisionName, ModeName, PinnedName},
    problem::Problem,
    protected,
    read::{Notice, read_struct},
};

pub(crate) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(list::list))
        .routes(routes!(rules::list))
        .routes(routes!(decide, forget))
}

/// An app, and what holds for it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EdgeApp)]
struct AppView {
    /// Its id.
    #[schema(value_type = String, example = "claude-code")]
    app: AppId,
    /// Who makes it; null for an app that the build does not know.
    vendor: Option<String>,
    /// What it is: `cli`, `desktop`, `editor`, `browser`, `runtime` or `tool`.
    #[schema(value_type = Option<String>, example = "cli")]
    kind: Option<AppKind>,
    /// What holds for it.
    #[schema(value_type = DecisionName)]
    decision: Decision,
    /// Whose credential its calls carry.
    #[schema(value_type = ModeName)]
    mode: Mode,
    /// What happens when it pins certificates.
    #[schema(value_type = PinnedName)]
    pinned: Pinned,
    /// What the person at the machine is told.
    note: Option<String>,
    /// Who decided: the id of an account or a token, or `cli`; null where the defaults hold.
    decided_by: Option<String>,
    /// The name of that account or token; null where it has none.
    decided_by_name: Option<String>,
    /// When it was decided.
    #[schema(value_type = Option<String>, format = DateTime)]
    decided_at: Option<Timestamp>,
    /// How many decisions there are about it, those for teams and devices included.
    rules: usize,
    /// What devices have seen of it; null where none has.
    seen: Option<SeenView>,
    /// Where it is installed; null where no device ever said that it is.
    installed: Option<InstalledView>,
    /// What came of the decision.
    effects: Effects,
}

/// An app, over all devices that have it installed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EdgeAppInstalled)]
struct InstalledView {
    /// How many devices have it now.
    devices: u64,
    /// Its versions and where they are from, those that most devices have first.
    versions: Vec<VersionView>,
    /// When the fleet first saw it.
    #[schema(value_type = Option<String>, format = DateTime)]
    first_seen_at: Option<Timestamp>,
    /// When a device that has it was last seen, or until when one had it.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_seen_at: Option<Timestamp>,
}

/// A version of an app, from one source.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EdgeAppVersion)]
struct VersionView {
    /// The version, where it says one.
    version: Option<String>,
    /// Where it was installed from, such as `npm` or `dpkg`.
    #[schema(example = "npm")]
    source: String,
    /// On how many devices.
    devices: u64,
}

/// An app, over all devices that have seen it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EdgeAppSeen)]
struct SeenView {
    /// How many devices have seen it.
    devices: u64,
    /// Connections that were relayed.
    relayed: u64,
    /// Connections that were refused.
    denied: u64,
    /// Handshakes that it broke off because of our certificate.
    pinned: u64,
    /// When it was first seen.
    #[schema(value_type = String, format = DateTime)]
    first_seen_at: Timestamp,
    /// When it was last seen.
    #[schema(value_type = String, format = DateTime)]
    last_seen_at: Timestamp,
}

impl From<SeenApp> for SeenView {
    fn from(seen: SeenApp) -> Self {
        Self {
            devices: seen.devices,
            relayed: seen.relayed,
            denied: seen.denied,
            pinned: seen.pinned,
            first_seen_at: seen.first_seen_at,
            last_seen_at: seen.last_seen_at,
        }
    }
}

impl AppView {
    /// An app of which nothing but its id is known.
    fn of(app: AppId, defaults: &EdgeSettings) -> Self {
        let known = Catalogue::builtin().describe(&app);
        Self {
            vendor: known.map(|known| known.vendor.clone()),
            kind: known.map(|known| known.kind),
            decision: defaults.default_decision,
            mode: defaults.default_mode,
            pinned: defaults.default_pinned,
            note: None,
            decided_by: None,
            decided_by_name: None,
            decided_at: None,
            rules: 0,
            seen: None,
            installed: None,
            effects: Effects::default(),
            app,
        }
    }

    /// What was decided for the fleet.
    fn decide(&mut self, decision: AppDecision) {
        self.rules += 1;
        self.decision = decision.rule.decision;
        self.mode = decision.rule.mode;
        self.pinned = decision.rule.pinned;
        self.note = decision.rule.note;
        self.decided_by = Some(decision.decided_by);
        self.decided_at = Some(decision.decided_at);
    }
}

read_struct! {
    /// What is decided about an app.
    #[derive(Debug, ToSchema)]
    #[serde(deny_unknown_fields)]
    #[schema(as = NewAppDecision)]
    struct Decide {
        /// For whom: `fleet`, `team:` with a team's id, or `device:` with a device's id; for the fleet
        /// when not said.
        #[schema(value_type = Option<String>, example = "fleet")]
        audience: Option<Audience>,
        /// Whether it may be used.
        #[schema(value_type = DecisionName)]
        decision: Decision,
        /// Whose credential its calls carry; as the settings say when not said.
        #[schema(value_type = Option<ModeName>)]
        mode: Option<Mode>,
        /// What happens when it pins certificates; as the settings say when not said.
        #[schema(value_type = Option<PinnedName>)]
        pinned: Option<Pinned>,
        /// What the person at the machine is told.
        #[schema(value_type = Option<String>, min_length = 1, max_length = 500,
            example = "Use Claude Code instead. Ask it@example.com.")]
        note: Option<Notice>,
    }
}

read_struct! {
    #[derive(Debug, IntoParams)]
    #[into_params(parameter_in = Query)]
    struct Whose {
        /// For whom it was decided: `fleet`, `team:` or `device:` with an id; the fleet when not said.
        #[param(value_type = Option<String>)]
        audience: Option<Audience>,
    }
}

/// All apps, each with how many devices have it, when it was first seen and what holds for it.
pub(crate) async fn items(
    app: &App,
) -> Result<Vec<(String, u64, Option<Timestamp>, Decision)>, Problem> {
    let apps = list::gather(app).await?.into_iter().map(|view| {
        let installed = view.installed.as_ref();
        let installed = installed.and_then(|found| found.first_seen_at);
        let seen = view.seen.as_ref().map(|seen| seen.first_seen_at);
        let first = installed.into_iter().chain(seen).min();
        (view.app.to_string(), view.devices(), first, view.decision)
    });
    Ok(apps.collect())
}

/// One app, as it is now.
async fn one(app: &App, id: &AppId) -> Result<Option<AppView>, Problem> {
    let mut all = list::gather(app).await?;
    all.retain(|view| view.app == *id);
    list::measure(app, &mut all).await?;
    Ok(all.pop())
}

/// Sets what is decided about an app. Devices that wait learn of it at once.
#[utoipa::path(put, path = "/edge/apps/{app}", tag = "edge", operation_id = "decide_edge_app",
    params(("app" = String, Path, description = "The app's id.", example = "claude-code")),
    request_body = Decide,
    responses((status = 200, description = "The app as it is now for the fleet.", body = AppView),
        (status = 409, description = "There are too many decisions.")))]
async fn decide(
    State(app): State<Arc<App>>,
    admin: Admin,
    Id(id): Id<AppId>,
    Body(new): Body<Decide>,
) -> Result<Json<AppView>, Problem> {
    protected::app(&id, new.decision, "/decision")?;
    let defaults = app.store.edge_settings().await?;
    let rule = AppRule {
        app: id.clone(),
        decision: new.decision,
        mode: new.mode.unwrap_or(defaults.default_mode),
        pinned: new.pinned.unwrap_or(defaults.default_pinned),
        note: new.note.map(|note| note.0),
    };
    let new = vec![NewDecision::App(new.audience.unwrap_or_default(), rule)];
    app.store.decide(admin.actor(), new).await?;
    let view = one(&app, &id).await?;
    view.map(Json)
        .ok_or_else(|| Problem::internal("a decision got lost"))
}

/// Takes a decision about an app back: the next wider one holds, or the settings do.
#[utoipa::path(delete, path = "/edge/apps/{app}", tag = "edge", operation_id = "delete_app_decision",
    params(("app" = String, Path, description = "The app's id."), Whose),
    responses((status = 204, description = "It is gone.")))]
async fn forget(
    State(app): State<Arc<App>>,
    admin: Admin,
    Id(id): Id<AppId>,
    Params(query): Params<Whose>,
) -> Result<StatusCode, Problem> {
    let audience = query.audience.unwrap_or_default();
    app.store.forget_app(admin.actor(), audience, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
