//! Conditions in the Common Expression Language (<https://cel.dev>) over a call.
//!
//! An expression sees a few variables, each of them a table: `call.model`, `headers["x-team"]`. What is in them
//! says who evaluates it. A call must not wait for an expression, so those that could take long are refused.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

use std::collections::HashMap;

use cel::{Context, Program, Value};

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

/// A member of a variable.
#[derive(Debug, Clone, PartialEq)]
pub enum Field {
    /// A boolean.
    Flag(bool),
    /// A number.
    Number(f64),
    /// A text.
    Text(String),
}

impl From<Field> for Value {
    fn from(field: Field) -> Self {
        match field {
            Field::Flag(flag) => Self::Bool(flag),
            Field::Number(number) => Self::Float(number),
            Field::Text(text) => Self::from(text.as_str()),
        }
    }
}

/// What an expression sees: each variable's members.
pub type Variables = Vec<(&'static str, Vec<(String, Field)>)>;

/// A condition that was understood.
#[derive(Debug)]
pub struct Condition(Program);

impl Condition {
    /// Compiles a condition, and tries it on a call of which nothing is known.
    ///
    /// # Errors
    /// It is too long, is no expression, or gives no boolean.
    pub fn compile(text: &str, nothing: Variables) -> Result<Self, ConditionError> {
        if text.len() > LONGEST {
            return Err(ConditionError::TooLong);
        }
        if is_costly(text) {
            return Err(ConditionError::Costly);
        }
        let program = Program::compile(text);
        let condition =
            Self(program.map_err(|error| ConditionError::Syntax(first_line(&error.to_string())))?);
        match condition.value(nothing) {
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

    /// Whether it holds; `None` where it cannot be worked out.
    #[must_use]
    pub fn holds(&self, variables: Variables) -> Option<bool> {
        match self.value(variables) {
            Ok(Value::Bool(holds)) => Some(holds),
            Ok(_) | Err(_) => None,
        }
    }

    fn value(&self, variables: Variables) -> Result<Value, String> {
        let mut context = Context::default();
        for (name, members) in variables {
            let table: HashMap<String, Value> = members
                .into_iter()
                .map(|(name, field)| (name, field.into()))
                .collect();
            context.add_variable_from_value(name, table);
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn call(model: &str, streamed: bool) -> Variables {
        let members = vec![
            ("model".to_owned(), Field::Text(model.to_owned())),
            ("streamed".to_owned(), Field::Flag(streamed)),
            ("used".to_owned(), Field::Number(0.5)),
        ];
        vec![("call", members)]
    }

    #[test]
    fn it_is_worked_out_for_each_call() {
        let text = "call.model.startsWith('gpt-') && !call.streamed && call.used < 0.8";
        let condition = Condition::compile(text, call("", false)).unwrap();
        assert_eq!(condition.holds(call("gpt-4o", false)), Some(true));
        assert_eq!(condition.holds(call("gpt-4o", true)), Some(false));
        assert_eq!(condition.holds(call("o4", false)), Some(false));
        assert_eq!(condition.holds(Vec::new()), None);
    }

    #[test]
    fn what_could_keep_a_call_waiting_is_refused() {
        for text in [
            "[1, 2].all(x, x > 0)",
            "[1] . exists (x, true)",
            &format!("{}true{}", "(".repeat(33), ")".repeat(33)),
            &format!("{}true", "!".repeat(64)),
        ] {
            let refused = Condition::compile(text, call("", false));
            assert!(matches!(refused, Err(ConditionError::Costly)), "{text}");
        }
        let fine = "!(call.model.startsWith('gpt-')) || call.streamed";
        assert!(Condition::compile(fine, call("", false)).is_ok());
        let long = "true || ".repeat(200) + "true";
        assert!(matches!(
            Condition::compile(&long, Vec::new()),
            Err(ConditionError::TooLong)
        ));
        for (text, what) in [("1 + 1", "not boolean"), ("call.nothing == 1", "unknown")] {
            let refused = Condition::compile(text, call("", false));
            assert!(
                matches!(refused, Err(ConditionError::NotBoolean(_))),
                "{what}"
            );
        }
        assert!(matches!(
            Condition::compile("call.", call("", false)),
            Err(ConditionError::Syntax(_))
        ));
    }
}
