//! Conditions in the Common Expression Language (<https://cel.dev>) over a call.
//!
//! What an expression can ask: `call.operation`, `call.provider`, `call.model`, `call.key`, `call.team`,
//! `call.user`, `call.device`, `call.device_group`, `call.app` (texts, empty where there is none),
//! `call.streamed` and `call.relayed` (booleans).

use std::collections::HashMap;

use cel::{Context, Program, Value};
use tidegate_pipeline::guard::CallView;

/// The longest condition, in bytes.
pub const LONGEST: usize = 1_024;

/// How deep it may be nested.
const DEEPEST: u32 = 32;

/// Why a condition cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConditionError {
    /// It is not an expression.
    #[error("this is no CEL expression: {0}")]
    Syntax(String),
    /// It is too long.
    #[error("a condition has at most 1,024 bytes")]
    TooLong,
    /// It goes through lists, or is nested too deep: a call must not wait for it.
    #[error(
        "a condition has no macros over lists (`all`, `exists`, `filter`, `map`), and no more than 32 levels"
    )]
    Costly,
    /// It does not give a boolean, or asks for what there is not.
    #[error("for a call it gives {0}: it must give true or false")]
    NotBoolean(String),
}

/// A condition that was understood.
#[derive(Debug)]
pub struct Condition(Program);

impl Condition {
    /// Compiles a condition, and tries it on a call of which nothing is known.
    ///
    /// # Errors
    /// It is too long, is no expression, or gives no boolean.
    pub fn compile(text: &str) -> Result<Self, ConditionError> {
        if text.len() > LONGEST {
            return Err(ConditionError::TooLong);
        }
        if is_costly(text) {
            return Err(ConditionError::Costly);
        }
        let program = Program::compile(text);
        let condition =
            Self(program.map_err(|error| ConditionError::Syntax(first_line(&error.to_string())))?);
        let nothing = Fields::default();
        match condition.value(&nothing) {
            Ok(Value::Bool(_)) => Ok(condition),
            Ok(other) => Err(ConditionError::NotBoolean(format!(
                "a {:?}",
                other.type_of()
            ))),
            Err(error) => Err(ConditionError::NotBoolean(format!(
                "an error ({})",
                first_line(&error)
            ))),
        }
    }

    /// Whether it holds for a call; `None` where it cannot be worked out.
    #[must_use]
    pub fn holds(&self, call: &CallView<'_>) -> Option<bool> {
        match self.value(&Fields::of(call)) {
            Ok(Value::Bool(holds)) => Some(holds),
            Ok(_) | Err(_) => None,
        }
    }

    fn value(&self, fields: &Fields) -> Result<Value, String> {
        let mut context = Context::default();
        let call: HashMap<String, Value> = fields.entries();
        context.add_variable_from_value("call", call);
        self.0.execute(&context).map_err(|error| error.to_string())
    }
}

/// Whether evaluating or parsing it may take long: there is nothing to go through in a call, and parsers are
/// recursive.
fn is_costly(text: &str) -> bool {
    const MACROS: [&str; 5] = [".all(", ".exists(", ".exists_one(", ".filter(", ".map("];
    let tight: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let (mut depth, mut deepest, mut signs) = (0_u32, 0, 0);
    for c in tight.chars() {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        signs = if matches!(c, '!' | '-') { signs + 1 } else { 0 };
        deepest = deepest.max(depth).max(signs);
    }
    deepest > DEEPEST || MACROS.iter().any(|name| tight.contains(name))
}

fn first_line(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    line.chars().take(200).collect()
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

    fn entries(&self) -> HashMap<String, Value> {
        let texts = NAMES.iter().zip(&self.texts);
        let texts = texts.map(|(name, text)| ((*name).to_owned(), Value::from(text.as_str())));
        let flags = [("streamed", self.streamed), ("relayed", self.relayed)];
        let flags = flags.map(|(name, flag)| (name.to_owned(), Value::Bool(flag)));
        texts.chain(flags).collect()
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

    #[test]
    fn what_could_keep_a_call_waiting_is_refused() {
        for text in [
            "[1, 2].all(x, x > 0)",
            "[1] . exists (x, true)",
            &format!("{}true{}", "(".repeat(33), ")".repeat(33)),
            &format!("{}true", "!".repeat(64)),
        ] {
            let refused = Condition::compile(text);
            assert!(matches!(refused, Err(ConditionError::Costly)), "{text}");
        }
        assert!(Condition::compile("!(call.model.startsWith('gpt-')) || call.streamed").is_ok());
        let long = "true || ".repeat(200) + "true";
        assert!(matches!(
            Condition::compile(&long),
            Err(ConditionError::TooLong)
        ));
    }
}
