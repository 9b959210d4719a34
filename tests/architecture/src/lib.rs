//! Holds the house to its plan: what the tests beside this file need to know of the workspace,
//! its crates and its source files, read from `cargo metadata` and from the tree itself.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod tree;
pub mod workspace;

/// A list of breaches as one message: each says what is wrong, where, and what to do.
///
/// # Panics
/// When there is any.
#[track_caller]
pub fn expect_none(rule: &str, breaches: &[String]) {
    assert!(breaches.is_empty(), "{rule}\n  {}\n", breaches.join("\n  "));
}
