//! A small JSON reader for bodies that are forwarded as they are (RFC 8259): it validates every
//! byte once, allocates nothing on the way, and knows where each value stands.

mod cursor;
#[cfg(test)]
mod tests;
mod text;

pub(crate) use cursor::{Cursor, Fault, MAX_DEPTH, Members, Watch};
pub(crate) use text::{Text, find_quote_or_escape, push_string};
