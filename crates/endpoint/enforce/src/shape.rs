//! How clients write a local launch, and our shim before it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    op::set_argv,
    text::{Change, Doc, TextError},
};

/// How an entry writes its program and arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Shape {
    /// `command` and `args`.
    Command,
    /// `cmd` and `args`.
    Cmd,
    /// `command` is the whole argv.
    Argv,
}

impl Shape {
    /// The shape of an entry, if it is a local launch in a form that is known.
    pub(crate) fn of(entry: &Value) -> Option<Self> {
        match (entry.get("command"), entry.get("cmd")) {
            (Some(Value::String(_)), _) => Some(Self::Command),
            (Some(Value::Array(_)), _) => Some(Self::Argv),
            (None, Some(Value::String(_))) => Some(Self::Cmd),
            _ => None,
        }
    }

    pub(crate) const fn program(self) -> &'static str {
        match self {
            Self::Command | Self::Argv => "command",
            Self::Cmd => "cmd",
        }
    }

    /// The argv of an entry; none when something in it is no text.
    pub(crate) fn argv(self, entry: &Value) -> Option<Vec<String>> {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let list = |value: &Value| {
            value
                .as_array()?
                .iter()
                .map(text)
                .collect::<Option<Vec<_>>>()
        };
        let program = entry.get(self.program())?;
        if self == Self::Argv {
            return list(program);
        }
        let mut argv = vec![text(program)?];
        argv.extend(entry.get("args").map_or(Some(Vec::new()), list)?);
        Some(argv)
    }
}

/// The argv with our shim before it.
pub(crate) fn wrapped(shim: &str, client: &str, name: &str, argv: &[String]) -> Vec<String> {
    let ours = [shim, "mcp-run", "--config-of", client, "--name", name, "--"];
    ours.into_iter()
        .map(str::to_owned)
        .chain(argv.iter().cloned())
        .collect()
}

/// What a wrapped argv runs; none when our shim, wherever it was installed, does not stand before it.
pub(crate) fn inside(argv: &[String]) -> Option<&[String]> {
    let program = argv.first()?.rsplit(['/', '\\']).next()?;
    let ours = matches!(program, "tidegate-edge" | "tidegate-edge.exe");
    if !ours || argv.get(1)? != "mcp-run" {
        return None;
    }
    let at = argv.iter().position(|word| word == "--")?;
    argv.get(at + 1..).filter(|inner| !inner.is_empty())
}

/// Takes our shim out of an entry: byte for byte where it stands as we wrote it, else by what follows
/// `--`, so that what the person changed since stays.
pub(crate) fn unwrap(
    doc: &Doc,
    base: &Doc,
    keys: &[String],
    shape: Shape,
    ours: &[String],
) -> Result<Doc, TextError> {
    let argv = doc.at(keys).and_then(|entry| shape.argv(entry));
    let Some(argv) = argv else {
        return Ok(doc.clone());
    };
    if argv == ours {
        let key = |name: &str| [keys, &[name.to_owned()]].concat();
        let doc = doc.with(&Change::Restore(&key(shape.program()), base))?;
        return match shape {
            Shape::Argv => Ok(doc),
            _ => doc.with(&Change::Restore(&key("args"), base)),
        };
    }
    match inside(&argv) {
        Some(inner) => set_argv(doc, keys, shape, inner),
        None => Ok(doc.clone()),
    }
}
