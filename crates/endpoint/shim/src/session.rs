//! What both directions share: what was decided, and what waits for an answer.

use std::sync::{Mutex, MutexGuard, PoisonError, RwLock};

use tidegate_policy::{McpVerdict, ToolRules};

use crate::{pending::Pending, seen::Notes};

/// What both directions share.
#[derive(Debug)]
pub(crate) struct Session {
    /// What the person calls the server.
    name: String,
    standing: RwLock<Standing>,
    pending: Mutex<Pending>,
    notes: Mutex<Notes>,
}

#[derive(Debug)]
struct Standing {
    tools: ToolRules,
    note: Option<String>,
    /// The server may not run: the sentence that says so.
    ended: Option<String>,
}

impl Session {
    pub(crate) fn new(name: &str, verdict: McpVerdict, notes: Notes) -> Self {
        Self {
            name: name.to_owned(),
            standing: RwLock::new(Standing {
                tools: verdict.tools,
                note: verdict.note,
                ended: None,
            }),
            pending: Mutex::default(),
            notes: Mutex::new(notes),
        }
    }

    /// A new decision, under which the server may run.
    pub(crate) fn decided(&self, verdict: McpVerdict) {
        let mut standing = self
            .standing
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        standing.tools = verdict.tools;
        standing.note = verdict.note;
    }

    /// The server may not run any more.
    pub(crate) fn end(&self, sentence: String) {
        let mut standing = self
            .standing
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        standing.ended = Some(sentence);
    }

    /// Why the server may not run, where it may not.
    pub(crate) fn ended(&self) -> Option<String> {
        self.read(|standing| standing.ended.clone())
    }

    /// Whether some tools may not be called.
    pub(crate) fn restricts(&self) -> bool {
        self.read(|standing| standing.ended.is_some() || !standing.tools.allow_everything())
    }

    pub(crate) fn allows(&self, tool: &str) -> bool {
        self.read(|standing| standing.tools.allows(tool))
    }

    /// The sentence about a tool that may not be called.
    pub(crate) fn refusal(&self, tool: &str) -> String {
        let tool: String = tool.chars().filter(|c| !c.is_control()).take(100).collect();
        let about = format!("The tool \"{tool}\" of the MCP server \"{}\"", self.name);
        let note = self.read(|standing| standing.note.clone());
        format!(
            "{about} is denied by your organisation{}",
            because(note.as_deref())
        )
    }

    pub(crate) fn pending(&self) -> MutexGuard<'_, Pending> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn notes(&self) -> MutexGuard<'_, Notes> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read<T>(&self, look: impl FnOnce(&Standing) -> T) -> T {
        look(&self.standing.read().unwrap_or_else(PoisonError::into_inner))
    }
}

/// How a sentence ends, with a reason where there is one.
pub(crate) fn because(note: Option<&str>) -> String {
    match note.map(str::trim).filter(|note| !note.is_empty()) {
        Some(note) => format!(": {note}"),
        None => ".".to_owned(),
    }
}
