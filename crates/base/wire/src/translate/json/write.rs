//! Writes JSON.

use std::io::Write;

use super::Json;
use crate::json::push_string;

impl Json<'_> {
    /// Written as text.
    pub(crate) fn text(&self) -> String {
        // Everything in it is UTF-8.
        String::from_utf8(self.bytes()).unwrap_or_default()
    }

    /// Written as a body.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let length = self.length();
        // Room for escapes: of code, one byte in twenty is one.
        let mut out = Vec::with_capacity(length + length / 16);
        self.write(&mut out);
        out
    }

    /// Written behind what is there.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Null => out.extend_from_slice(b"null"),
            Self::Bool(true) => out.extend_from_slice(b"true"),
            Self::Bool(false) => out.extend_from_slice(b"false"),
            Self::Number(number) => match number.as_u64() {
                Some(count) => {
                    out.extend_from_slice(itoa::Buffer::new().format(count).as_bytes());
                }
                // Writing into memory does not fail.
                None => drop(write!(out, "{number}")),
            },
            Self::String(text) => push_string(out, text),
            Self::Array(list) => {
                out.push(b'[');
                for (at, value) in list.iter().enumerate() {
                    if at > 0 {
                        out.push(b',');
                    }
                    value.write(out);
                }
                out.push(b']');
            }
            Self::Object(members) => {
                out.push(b'{');
                for (at, (name, value)) in members.iter().enumerate() {
                    if at > 0 {
                        out.push(b',');
                    }
                    push_string(out, name);
                    out.push(b':');
                    value.write(out);
                }
                out.push(b'}');
            }
        }
    }

    /// How many bytes it takes at least where no string needs escapes.
    fn length(&self) -> usize {
        match self {
            Self::Null | Self::Bool(_) => 5,
            Self::Number(_) => 8,
            Self::String(text) => text.len() + 2,
            Self::Array(list) => 2 + list.iter().map(|value| value.length() + 1).sum::<usize>(),
            Self::Object(members) => {
                let each = members.iter();
                let each = each.map(|(name, value)| name.len() + 4 + value.length());
                2 + each.sum::<usize>()
            }
        }
    }
}
