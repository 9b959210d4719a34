//! Conditions in the Common Expression Language (<https://cel.dev>) over a call.
//!
//! What an expression can ask: `call.operation`, `call.provider`, `call.model`, `call.key`, `call.team`,
//! `call.user`, `call.device`, `call.device_group`, `call.app` (texts, empty where there is none),
//! `call.streamed` and `call.relayed` (booleans).

use tidegate_condition::{Field, Variables};
use tidegate_pipeline::guard::CallView;

pub use tidegate_condition::ConditionError;

/// A condition over a call.
#[derive(Debug)]
pub struct Condition(tidegate_condition::Condition);

impl Condition {
    /// Compiles a condition, and tries it on a call of which nothing is known.
    ///
    /// # Errors
    /// It is too long, is no expression, or gives no boolean.
    pub fn compile(text: &str) -> Result<Self, ConditionError> {
        let nothing = Fields::default().variables();
        tidegate_condition::Condition::compile(text, nothing).map(Self)
    }

    /// Whether it holds for a call; `None` where it cannot be worked out.
    #[must_use]
    pub fn holds(&self, call: &CallView<'_>) -> Option<bool> {
        self.0.holds(Fields::of(call).variables())
    }
}

/// What an expression sees.
#[derive(Debug, Default)]
struct Fields {
    texts: [String; 9],
    streamed: bool,
    relayed: bool,
}

const NAMES: [&str; 9] = [
    "operation",
    "provider",
    "model",
    "key",
    "team",
    "user",
    "device",
    "device_group",
    "app",
];

impl Fields {
    fn of(call: &CallView<'_>) -> Self {
        let text = |value: Option<String>| value.unwrap_or_default();
        Self {
            texts: [
                call.operation.name().to_owned(),
                call.provider.to_string(),
                text(call.model.map(ToString::to_string)),
                call.key.to_string(),
                text(call.team.map(|id| id.to_string())),
                text(call.user.map(|id| id.to_string())),
                text(call.device.map(|id| id.to_string())),
                text(call.device_group.map(|id| id.to_string())),
                text(call.app.map(str::to_owned)),
            ],
            streamed: call.streamed,
            relayed: call.device.is_some(),
        }
    }

    fn variables(self) -> Variables {
        let texts = NAMES.iter().zip(self.texts);
        let texts = texts.map(|(name, text)| ((*name).to_owned(), Field::Text(text)));
        let flags = [("streamed", self.streamed), ("relayed", self.relayed)];
        let flags = flags.map(|(name, flag)| (name.to_owned(), Field::Flag(flag)));
        vec![("call", texts.chain(flags).collect())]
    }
}

#[cfg(test)]
mod tests {
    use tidegate_types::{DeviceGroupId, DeviceId, Timestamp};

    use super::*;
    use crate::tests::chat;

    #[test]
    fn a_condition_asks_for_the_group_of_the_calls_device() {
        let now = Timestamp::from_micros(1_800_000_000_000_000);
        let (group, provider) = (DeviceGroupId::generate(now), "openai".parse().unwrap());
        let service = chat(&provider);
        let laptop = CallView {
            device: Some(DeviceId::generate(now)),
            device_group: Some(group),
            ..service
        };
        let condition = format!("call.device_group == '{group}'");
        let condition = Condition::compile(&condition).unwrap();
        assert_eq!(condition.holds(&laptop), Some(true));
        assert_eq!(condition.holds(&service), Some(false));
        let any = Condition::compile("call.device_group != ''").unwrap();
        assert_eq!(
            (any.holds(&laptop), any.holds(&service)),
            (Some(true), Some(false))
        );
    }
}
