//! What every request passes before a handler sees it: host, request id, time limit, credential.

pub(crate) mod frame;
pub(crate) mod host;
pub(crate) mod identity;
