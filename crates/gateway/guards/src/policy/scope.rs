//! Whether a scope covers a call.

use tidegate_governance::guardrail::Scope;
use tidegate_pipeline::guard::CallView;

pub(super) fn covers(scope: &Scope, call: &CallView<'_>) -> bool {
    let Scope {
        keys,
        teams,
        users,
        device_groups,
        apps,
        models,
        providers,
        relayed,
    } = scope;
    let group = call.device_group;
    let app = |name: &str| apps.iter().any(|app| app == name);
    let model = |name: &str| models.iter().any(|pattern| pattern.matches(name));
    (keys.is_empty() || keys.contains(&call.key))
        && (teams.is_empty() || call.team.is_some_and(|team| teams.contains(&team)))
        && (users.is_empty() || call.user.is_some_and(|user| users.contains(&user)))
        && (device_groups.is_empty() || group.is_some_and(|group| device_groups.contains(&group)))
        && (apps.is_empty() || call.app.is_some_and(app))
        && (models.is_empty() || call.model.is_some_and(|name| model(bare(name.as_str()))))
        && (providers.is_empty() || providers.contains(call.provider))
        && relayed.is_none_or(|only| only == call.device.is_some())
}

/// A model's name without its provider.
fn bare(model: &str) -> &str {
    model.split_once('/').map_or(model, |(_, bare)| bare)
}

#[cfg(test)]
mod tests {
    use tidegate_types::{DeviceGroupId, DeviceId, TeamId, Timestamp};

    use super::*;
    use crate::tests::chat;

    const NOW: Timestamp = Timestamp::from_micros(1_800_000_000_000_000);

    fn view<T>(with: impl FnOnce(CallView<'_>) -> T) -> T {
        with(chat(&"openai".parse().unwrap()))
    }

    #[test]
    fn a_group_of_devices_covers_its_devices_calls_and_no_others() {
        let (one, two) = (DeviceGroupId::generate(NOW), DeviceGroupId::generate(NOW));
        let scope = Scope {
            device_groups: vec![one, two],
            ..Scope::default()
        };
        view(|service| {
            let of = |group| CallView {
                device: Some(DeviceId::generate(NOW)),
                device_group: group,
                ..service
            };
            assert!(!covers(&scope, &service), "a key that is no device's");
            assert!(!covers(&scope, &of(None)), "a device in no group");
            assert!(covers(&scope, &of(Some(one))) && covers(&scope, &of(Some(two))));
            let other = DeviceGroupId::generate(NOW);
            assert!(!covers(&scope, &of(Some(other))), "another group");
            assert!(covers(&Scope::default(), &of(Some(other))));
        });
    }

    #[test]
    fn every_list_that_is_not_empty_must_name_the_call() {
        let (group, team) = (DeviceGroupId::generate(NOW), TeamId::generate(NOW));
        let scope = Scope {
            device_groups: vec![group],
            teams: vec![team],
            ..Scope::default()
        };
        view(|call| {
            let grouped = CallView {
                device: Some(DeviceId::generate(NOW)),
                device_group: Some(group),
                ..call
            };
            let both = CallView {
                team: Some(team),
                ..grouped
            };
            assert!(covers(&scope, &both));
            assert!(!covers(&scope, &grouped), "of another team");
            let direct = Scope {
                relayed: Some(false),
                ..scope.clone()
            };
            assert!(!covers(&direct, &both));
        });
    }
}
