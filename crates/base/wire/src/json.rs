//! A small JSON reader for bodies that are forwarded as they are (RFC 8259): it validates every
//! byte once, allocates nothing on the way, and knows where each value stands.

mod cursor;
mod ends;
#[cfg(test)]
mod tests;
mod text;

pub(crate) use cursor::Watch;
pub use cursor::{Cursor, Fault, MAX_DEPTH, Members};
pub use ends::Ends;
pub(crate) use ends::{End, LONG};
pub(crate) use text::find_quote_or_escape;
pub use text::{Text, push_string};
