//! The policy as the tables that redirectors look up.

use std::net::IpAddr;

use tidegate_policy::{Document, FailMode};
use tidegate_redirect::{FailMode as Fail, Tables};

/// The tables of a policy, with what its names resolve to now, and the processes that are to be refused
/// at once.
#[must_use]
pub fn tables(policy: &Document, addresses: Vec<IpAddr>, denied: Vec<u32>) -> Tables {
    Tables {
        names: policy
            .governed_names()
            .map(|name| name.as_str().to_owned())
            .collect(),
        addresses,
        denied,
        decision: policy.revision,
        fail: match policy.fail {
            FailMode::Closed => Fail::Closed,
            FailMode::Open => Fail::Open,
        },
        refuse_quic: true,
        backstop: policy.fail == FailMode::Closed,
    }
}
