//! Signing in through an identity provider: the way it should go, and every way around it that is known.

mod account;
mod attacks;
mod browser;
mod keys;
mod person;
mod providers;
mod redirect;
pub(crate) mod walk;
mod wrong;
