//! Whether a scope covers a call.

use tidegate_governance::guardrail::Scope;
use tidegate_pipeline::guard::CallView;

pub(super) fn covers(scope: &Scope, call: &CallView<'_>) -> bool {
    let Scope {
        keys,
        teams,
        users,
        apps,
        models,
        providers,
        relayed,
    } = scope;
    let app = |name: &str| apps.iter().any(|app| app == name);
    let model = |name: &str| models.iter().any(|pattern| pattern.matches(name));
    (keys.is_empty() || keys.contains(&call.key))
        && (teams.is_empty() || call.team.is_some_and(|team| teams.contains(&team)))
        && (users.is_empty() || call.user.is_some_and(|user| users.contains(&user)))
        && (apps.is_empty() || call.app.is_some_and(app))
        && (models.is_empty() || call.model.is_some_and(|name| model(bare(name.as_str()))))
        && (providers.is_empty() || providers.contains(call.provider))
        && relayed.is_none_or(|only| only == call.device.is_some())
}

/// A model's name without its provider.
fn bare(model: &str) -> &str {
    model.split_once('/').map_or(model, |(_, bare)| bare)
}
