//! What every request passes before a handler sees it: host, request id, time limit, credential.

pub(crate) mod client;
pub(crate) mod cookie;
pub(crate) mod frame;
pub(crate) mod host;
pub(crate) mod identity;
pub(crate) mod noise;
pub(crate) mod origin;
pub(crate) mod permissions;
pub(crate) mod team;
