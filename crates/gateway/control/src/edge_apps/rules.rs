//! Decisions about apps, one by one: those for the fleet, and those for teams and devices over them.

use std::sync::Arc;

use axum::{Json, extract::State};
use serde::Serialize;
use tidegate_policy::{AppId, Decision, Mode, Pinned};
use tidegate_store::{AppDecision, Audience};
use tidegate_types::Timestamp;
use utoipa::{IntoParams, ToSchema};

use crate::{
    app::App,
    extract::Params,
    names::Names,
    page::Page,
    policy_words::{DecisionName, ModeName, PinnedName},
    problem::Problem,
    read::read_struct,
};

read_struct! {
    #[derive(Debug, IntoParams)]
    #[into_params(parameter_in = Query)]
    pub(super) struct ListAppRules {
        /// Only about this app.
        #[param(value_type = Option<String>)]
        app: Option<AppId>,
        /// Only for this audience: `fleet`, `team:` or `device:` with an id.
        #[param(value_type = Option<String>)]
        audience: Option<Audience>,
    }
}

/// A decision about an app. One for the device stands in place of one for its team, and that in place of one
/// for the fleet.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AppRule)]
pub(super) struct AppRuleView {
    /// The app.
    #[schema(value_type = String, example = "claude-code")]
    app: AppId,
    /// For whom: `fleet`, or a team or device.
    #[schema(value_type = String, example = "fleet")]
    audience: String,
    /// The name of that team or device; null for the fleet.
    audience_name: Option<String>,
    /// What was decided.
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
    /// Who decided: the id of an account or a token, or `cli`.
    decided_by: String,
    /// The name of that account or token; null where it has none.
    decided_by_name: Option<String>,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    decided_at: Timestamp,
    /// The policy's revision with which it came.
    revision: u64,
}

impl AppRuleView {
    fn of(decision: AppDecision, names: &Names) -> Self {
        let rule = decision.rule;
        Self {
            app: rule.app,
            audience: decision.audience.to_string(),
            audience_name: subject(decision.audience).and_then(|id| names.get(id)),
            decision: rule.decision,
            mode: rule.mode,
            pinned: rule.pinned,
            note: rule.note,
            decided_by_name: names.get(&decision.decided_by),
            decided_by: decision.decided_by,
            decided_at: decision.decided_at,
            revision: decision.revision,
        }
    }
}

/// The printed id of the team or device that a decision is for.
fn subject(audience: Audience) -> Option<String> {
    match audience {
        Audience::Fleet => None,
        Audience::Team(team) => Some(team.to_string()),
        Audience::Device(device) => Some(device.to_string()),
    }
}

/// Lists decisions about apps, those for the fleet first, by app.
#[utoipa::path(get, path = "/edge/app-rules", tag = "edge", operation_id = "list_app_rules",
    params(ListAppRules),
    responses((status = 200, description = "All that match.", body = Page<AppRuleView>)))]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    Params(query): Params<ListAppRules>,
) -> Result<Json<Page<AppRuleView>>, Problem> {
    let mut decisions = app.store.app_decisions().await?;
    decisions.extend(app.store.app_overrides().await?);
    decisions.retain(|decision| {
        query
            .app
            .as_ref()
            .is_none_or(|app| decision.rule.app == *app)
            && query
                .audience
                .is_none_or(|whose| decision.audience == whose)
    });
    let ids = decisions.iter().flat_map(|decision| {
        [
            Some(decision.decided_by.clone()),
            subject(decision.audience),
        ]
    });
    let names = Names::of(&app, ids.flatten().collect()).await?;
    let views = decisions.into_iter();
    Ok(Json(Page::whole(
        views
            .map(|decision| AppRuleView::of(decision, &names))
            .collect(),
    )))
}
