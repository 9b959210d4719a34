//! TOML 1.0. A broken file gives nothing: a client refuses it whole.

use toml::{Table, Value};

use crate::tree::{DEEPEST, Fault, MOST_VALUES, Parsed, Tree};

pub(super) fn parse(text: &str) -> Parsed {
    match text.parse::<Table>() {
        Ok(table) => {
            let mut left = MOST_VALUES;
            match convert(Value::Table(table), 0, &mut left) {
                Ok(tree) => Parsed::whole(tree),
                Err(fault) => Parsed::nothing(fault),
            }
        }
        Err(error) => {
            let read = error.span().map_or(0, |span| span.start).min(text.len());
            let read = text.as_bytes().get(..read).unwrap_or_default();
            let line = 1 + read.iter().filter(|byte| **byte == b'\n').count();
            Parsed::nothing(Fault::Syntax(line))
        }
    }
}

fn convert(value: Value, depth: usize, left: &mut usize) -> Result<Tree, Fault> {
    *left = left.checked_sub(1).ok_or(Fault::Many)?;
    if depth > DEEPEST {
        return Err(Fault::Deep);
    }
    Ok(match value {
        Value::String(text) => Tree::Text(text),
        #[expect(clippy::cast_precision_loss, reason = "numbers only tell switches")]
        Value::Integer(number) => Tree::Number(number as f64),
        Value::Float(number) => Tree::Number(number),
        Value::Boolean(value) => Tree::Bool(value),
        Value::Datetime(time) => Tree::Text(time.to_string()),
        Value::Array(list) => Tree::List(
            list.into_iter()
                .map(|value| convert(value, depth + 1, left))
                .collect::<Result<_, _>>()?,
        ),
        Value::Table(table) => Tree::Map(
            table
                .into_iter()
                .map(|(key, value)| Ok((key, convert(value, depth + 1, left)?)))
                .collect::<Result<_, Fault>>()?,
        ),
    })
}
