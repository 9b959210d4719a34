//! What an object says of itself, looked up before its members are read.

use tidegate_wire::json::{Cursor, Fault, Members};

use super::{Key, Place, Walk};
use crate::{
    channel::{Kind, Role},
    protocol::Protocol,
};

/// What is looked up. A search ends as soon as it has what it wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Want {
    /// `index`.
    Index,
    /// `type`.
    Type,
    /// `role`, else `type`.
    RoleOrType,
    /// `role`, or a `thought` that is true.
    RoleOrThought,
}

/// What was found; numbers that are none are 0.
#[derive(Debug, Clone, Copy, Default)]
struct Hint<'a> {
    role: &'a [u8],
    kind: &'a [u8],
    index: u64,
    thought: bool,
}

fn number(raw: &[u8]) -> u64 {
    str::from_utf8(raw)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or_default()
}

/// The inside of a string; what it is is what stands there, escapes and all.
fn word(raw: &[u8]) -> &[u8] {
    raw.strip_prefix(b"\"")
        .and_then(|raw| raw.strip_suffix(b"\""))
        .unwrap_or_default()
}

/// Looks into the object that comes next.
fn look<'a>(cursor: &mut Cursor<'a>, want: Want) -> Result<Hint<'a>, Fault> {
    let mut hint = Hint::default();
    cursor.open_object()?;
    let mut members = Members::First;
    while let Some(name) = cursor.member(&mut members)? {
        let start = cursor.skip_value()?;
        let value = cursor.slice(start);
        match name.raw {
            b"role" => hint.role = word(value),
            b"type" => hint.kind = word(value),
            b"index" => hint.index = number(value),
            b"thought" => hint.thought = value == b"true",
            _ => continue,
        }
        let enough = match want {
            Want::Index => name.raw == b"index",
            Want::Type => name.raw == b"type",
            Want::RoleOrType => !hint.role.is_empty() || !matches!(hint.kind, b"" | b"message"),
            Want::RoleOrThought => !hint.role.is_empty() || hint.thought,
        };
        if enough {
            break;
        }
    }
    Ok(hint)
}

impl<'a> Walk<'a, '_> {
    /// Looks into the object that comes next. Objects in objects are looked at again and again, so that
    /// a nest made for it could cost much: over the bound nothing is known, and all is plain text.
    fn look(&mut self, want: Want) -> Result<Hint<'a>, Fault> {
        if self.ahead == 0 {
            return Ok(Hint::default());
        }
        let mut cursor = self.cursor.clone();
        let hint = look(&mut cursor, want)?;
        self.ahead = self.ahead.saturating_sub(cursor.at() - self.cursor.at());
        Ok(hint)
    }

    /// What holds inside the object that comes next.
    pub(super) fn entered(&mut self, place: Place, key: Key) -> Result<Place, Fault> {
        let mut place = place;
        let want = match key {
            Key::Messages | Key::Input | Key::Output | Key::Reasoning(_) | Key::System => {
                Want::RoleOrType
            }
            Key::Content if self.protocol == Protocol::Gemini => {
                // Contents have a role, their parts perhaps a thought; neither has a type.
                let hint = self.look(Want::RoleOrThought)?;
                of_role(&mut place, hint.role);
                if hint.thought {
                    place.kind = Kind::Reasoning;
                }
                return Ok(place);
            }
            Key::Content => Want::Type,
            Key::Choices | Key::Candidates | Key::ToolCalls if self.stream => Want::Index,
            Key::Choices | Key::Candidates => {
                place.role = Role::Assistant;
                return Ok(place);
            }
            Key::ToolCalls => {
                place.tool = true;
                return Ok(place);
            }
            Key::Source => Want::Type,
            _ => return Ok(place),
        };
        if place.other == Kind::ToolDefinition {
            return Ok(place);
        }
        let hint = self.look(want)?;
        match key {
            Key::Choices | Key::Candidates => {
                place.role = Role::Assistant;
                place.live = self.stream.then_some(super::Live::of(hint.index));
            }
            Key::ToolCalls => {
                place.tool = true;
                if let Some(live) = &mut place.live {
                    live.sub = hint.index + 1;
                }
            }
            Key::Source => place.literal = hint.kind == b"text",
            _ => {
                of_role(&mut place, hint.role);
                of_type(&mut place, hint.kind);
            }
        }
        Ok(place)
    }
}

fn of_role(place: &mut Place, role: &[u8]) {
    match role {
        b"system" | b"developer" => place.role = Role::System,
        b"user" => place.role = Role::User,
        b"assistant" | b"model" => place.role = Role::Assistant,
        b"tool" | b"function" => *place = place.all(Kind::ToolResult, Role::Tool),
        _ => {}
    }
}

fn of_type(place: &mut Place, kind: &[u8]) {
    match kind {
        b"thinking" | b"reasoning" | b"reasoning_text" | b"summary_text" | b"reasoning.text"
        | b"reasoning.summary" => place.kind = Kind::Reasoning,
        b"refusal" => place.kind = Kind::Refusal,
        b"tool_use" | b"server_tool_use" | b"mcp_tool_use" => place.tool = true,
        b"output_text" => {}
        _ if kind.ends_with(b"_call") => {
            place.tool = true;
            place.role = Role::Assistant;
        }
        _ if kind.ends_with(b"tool_result") || kind.ends_with(b"_output") => {
            let live = place.live;
            *place = place.all(Kind::ToolResult, Role::Tool);
            place.live = live;
        }
        _ => {}
    }
}
