//! What was refused because of where it came from.

use super::{Metrics, labels};

/// Which limit of an address was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressRefusal {
    /// Connections opened in a second.
    ConnectionRate,
    /// Connections at once.
    Connections,
    /// Calls of a minute whose caller nobody knew.
    Failures,
}

impl AddressRefusal {
    /// The label's value.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ConnectionRate => "connection_rate",
            Self::Connections => "connections",
            Self::Failures => "failures",
        }
    }
}

impl Metrics {
    /// Counts a connection or a call that was refused because of its address.
    pub fn address_refused(&self, why: AddressRefusal) {
        let limit = why.as_str();
        let labels = labels::AddressLimit { limit };
        self.address_refusals.get_or_create(&labels).inc();
    }
}
