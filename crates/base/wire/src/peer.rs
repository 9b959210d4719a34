//! Who is at the other end, where proxies stand between: what the PROXY protocol says in front of a connection, and
//! what `x-forwarded-for` and `forwarded` say in each request. Whether a proxy is believed is not decided by what it
//! says: only hops in networks that the operator names are.

mod forwarded;
mod network;
mod preamble;

pub use forwarded::{Header, client};
pub use network::{Network, NetworkError, Networks};
pub use preamble::{LONGEST, Preamble, preamble};
