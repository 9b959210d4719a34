//! Apps: those that the build knows, those that devices have seen, and what was decided about them.

use std::{collections::BTreeMap, sync::Arc};

use axum::{Json, extract::State};
use serde::Serialize;
use serde_json::Value;
use tidegate_policy::{AppId, AppKind, AppRule, Catalogue, Decision, Mode, Pinned};
use tidegate_store::{AppDecision, EdgeSettings, SeenApp};
use tidegate_types::Timestamp;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::App,
    devices,
    extract::{Body, Id},
    guard::identity::Admin,
    page::Page,
    policy_words::{DecisionName, ModeName, PinnedName},
    problem::Problem,
    read::{Read, Reader, read_struct},
};

pub(crate) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(decide))
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
    /// When it was decided.
    #[schema(value_type = Option<String>, format = DateTime)]
    decided_at: Option<Timestamp>,
    /// What devices have seen of it; null where none has.
    seen: Option<SeenView>,
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
            decided_at: None,
            seen: None,
            app,
        }
    }

    fn decide(&mut self, decision: AppDecision) {
        self.decision = decision.rule.decision;
        self.mode = decision.rule.mode;
        self.pinned = decision.rule.pinned;
        self.note = decision.rule.note;
        self.decided_by = Some(decision.decided_by);
        self.decided_at = Some(decision.decided_at);
    }
}

/// What the person at the machine is told: 1 to 500 characters.
#[derive(Debug)]
struct Notice(String);

impl Read for Notice {
    fn read(value: Value, at: &mut Reader) -> Option<Self> {
        match value {
            Value::String(text)
                if (1..=500).contains(&text.chars().count())
                    && !text.contains(char::is_control)
                    && text.trim() == text =>
            {
                Some(Self(text))
            }
            _ => at.refuse(
                "must be text of 1 to 500 characters, without control characters and without \
                 spaces at its ends",
            ),
        }
    }
}

read_struct! {
    /// What is decided about an app.
    #[derive(Debug, ToSchema)]
    #[serde(deny_unknown_fields)]
    #[schema(as = NewAppDecision)]
    struct Decide {
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

/// Lists apps by id: those known, seen, or decided about.
#[utoipa::path(get, path = "/edge/apps", tag = "edge", operation_id = "list_edge_apps",
    responses((status = 200, description = "All apps.", body = Page<AppView>)))]
async fn list(State(app): State<Arc<App>>) -> Result<Json<Page<AppView>>, Problem> {
    devices::written(&app).await?;
    let defaults = app.store.edge_settings().await?;
    let mut apps: BTreeMap<AppId, AppView> = BTreeMap::new();
    let mut entry = |id: &AppId, change: &mut dyn FnMut(&mut AppView)| {
        let view = apps
            .entry(id.clone())
            .or_insert_with(|| AppView::of(id.clone(), &defaults));
        change(view);
    };
    for known in Catalogue::builtin().apps() {
        entry(&known.name, &mut |_| ());
    }
    for decision in app.store.app_decisions().await? {
        entry(&decision.rule.app, &mut |view| {
            view.decide(decision.clone())
        });
    }
    for seen in app.store.seen_apps().await? {
        entry(&seen.app, &mut |view| view.seen = Some(seen.clone().into()));
    }
    Ok(Json(Page::whole(apps.into_values().collect())))
}

/// Sets what is decided about an app. Devices that wait learn of it at once.
#[utoipa::path(put, path = "/edge/apps/{app}", tag = "edge", operation_id = "decide_edge_app",
    params(("app" = String, Path, description = "The app's id.", example = "claude-code")),
    request_body = Decide,
    responses((status = 200, description = "The app as it is now.", body = AppView),
        (status = 409, description = "There are too many decisions.")))]
async fn decide(
    State(app): State<Arc<App>>,
    admin: Admin,
    Id(id): Id<AppId>,
    Body(new): Body<Decide>,
) -> Result<Json<AppView>, Problem> {
    let defaults = app.store.edge_settings().await?;
    let rule = AppRule {
        app: id.clone(),
        decision: new.decision,
        mode: new.mode.unwrap_or(defaults.default_mode),
        pinned: new.pinned.unwrap_or(defaults.default_pinned),
        note: new.note.map(|note| note.0),
    };
    let decision = app.store.decide_app(admin.actor(), rule).await?;
    let mut view = AppView::of(id.clone(), &defaults);
    view.decide(decision);
    let seen = app.store.seen_apps().await?;
    view.seen = seen
        .into_iter()
        .find(|seen| seen.app == id)
        .map(SeenView::from);
    Ok(Json(view))
}
