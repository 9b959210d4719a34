//! What consoles show, in topics; and which of them an audited action is about.

use tidegate_store::Beat;

macro_rules! topics {
    ($($topic:ident = $name:literal),* $(,)?) => {
        /// Something that consoles show.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub(crate) enum Topic { $($topic),* }

        impl Topic {
            pub(super) const ALL: &'static [Self] = &[$(Self::$topic),*];

            pub(super) const fn name(self) -> &'static str {
                match self { $(Self::$topic => $name),* }
            }
        }
    };
}

topics! {
    AccessRequests = "access_requests",
    Accounts = "accounts",
    Audit = "audit",
    Budgets = "budgets",
    DeviceGroups = "device_groups",
    Devices = "devices",
    Effects = "effects",
    EnrolmentTokens = "enrolment_tokens",
    Groups = "groups",
    Guardrails = "guardrails",
    IdentityProviders = "identity_providers",
    Inventory = "inventory",
    Keys = "keys",
    Limits = "limits",
    Policy = "policy",
    Prices = "prices",
    Requests = "requests",
    Sessions = "sessions",
    Settings = "settings",
    Teams = "teams",
    Tokens = "tokens",
    Users = "users",
}

impl Topic {
    /// What an audited action, such as `key.create`, is about.
    pub(super) fn of_action(action: &str) -> &'static [Self] {
        match action.split_once('.').map_or(action, |(area, _)| area) {
            "access_request" => &[Self::AccessRequests],
            "account" => &[Self::Accounts, Self::Sessions],
            "authority" => &[Self::Settings],
            "budget" => &[Self::Budgets],
            "device" => &[Self::Devices, Self::Keys],
            "device_group" => &[Self::DeviceGroups, Self::Devices],
            "edge" | "edge_app" | "edge_host" | "edge_mcp" => &[Self::Policy],
            "edge_settings" => &[Self::Policy, Self::Settings],
            "enrolment_token" => &[Self::EnrolmentTokens],
            "guardrail" => &[Self::Guardrails],
            "group" => &[Self::Groups, Self::Users],
            "identity_provider" => &[Self::IdentityProviders],
            "key" => &[Self::Keys],
            "limit" => &[Self::Limits],
            "price" => &[Self::Prices],
            "scim_token" => &[Self::Settings],
            "session" => &[Self::Sessions],
            "team" => &[Self::Teams],
            "token" => &[Self::Tokens],
            "user" => &[Self::Users],
            _ => &[],
        }
    }

    pub(super) const fn of_beat(beat: Beat) -> Self {
        match beat {
            Beat::AccessRequests => Self::AccessRequests,
            Beat::Devices => Self::Devices,
            Beat::Effects => Self::Effects,
            Beat::Inventory => Self::Inventory,
        }
    }
}

/// How often each topic changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Marks([u64; Topic::ALL.len()]);

impl Marks {
    pub(super) fn raise(&mut self, topics: &[Topic]) {
        for topic in topics {
            if let Some(mark) = self.0.get_mut(*topic as usize) {
                *mark = mark.wrapping_add(1);
            }
        }
    }

    /// What changed since `before`.
    pub(super) fn since(&self, before: &Self) -> Vec<Topic> {
        let marks = self.0.iter().zip(before.0).zip(Topic::ALL);
        marks
            .filter(|((now, before), _)| *now != before)
            .map(|(_, topic)| *topic)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_tell_what_changed_and_nothing_else() {
        let before = Marks::default();
        let mut now = before;
        assert_eq!(now.since(&before), []);
        now.raise(&[Topic::Users, Topic::Audit]);
        now.raise(&[Topic::Audit]);
        assert_eq!(now.since(&before), [Topic::Audit, Topic::Users]);
        for topic in Topic::ALL {
            let mut one = before;
            one.raise(&[*topic]);
            assert_eq!(one.since(&before), [*topic]);
        }
    }

    #[test]
    fn actions_are_about_what_their_first_word_says() {
        assert_eq!(Topic::of_action("key.create"), [Topic::Keys]);
        assert_eq!(
            Topic::of_action("device_group.update"),
            [Topic::DeviceGroups, Topic::Devices]
        );
        assert_eq!(Topic::of_action("edge_mcp.decide"), [Topic::Policy]);
        assert_eq!(Topic::of_action("something.new"), []);
    }
}
