//! What happened, as one closed list of events: counted here, and told to whoever wants to know.

use std::sync::atomic::{AtomicU64, Ordering};

use tidegate_policy::HostName;

use crate::judge::Judged;

/// Why bytes passed untouched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Untouched {
    /// The policy says so.
    Ignored,
    /// The app accepts no certificate but its own, and the policy lets such apps pass.
    Pinned,
    /// The gateway cannot be reached, or there is no leaf for the host, and the policy fails open.
    FailedOpen,
}

/// Why a connection was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Refused {
    /// The app accepts no certificate but its own, and the policy blocks such apps.
    Pinned,
    /// The connection cannot be governed, and the policy fails closed.
    FailedClosed,
    /// A TLS hello that is too long or never ends.
    Hello,
    /// Too many connections at once.
    Limit,
}

/// What happened.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Event<'a> {
    /// A connection was read and goes through the gateway.
    Relayed {
        /// Whose it is.
        judged: &'a Judged,
        /// Where it was going.
        host: &'a HostName,
    },
    /// A connection of a denied app was answered with the reason.
    Denied {
        /// Whose it is.
        judged: &'a Judged,
        /// Where it was going.
        host: &'a HostName,
    },
    /// An app did not accept the leaf. Once for each connection, and `Untouched::Pinned` or
    /// `Refused::Pinned` for those that follow.
    Pinned {
        /// Whose it is.
        judged: &'a Judged,
        /// Where it was going.
        host: &'a HostName,
    },
    /// Bytes passed untouched.
    Untouched {
        /// Why.
        why: Untouched,
        /// Whose it is.
        judged: &'a Judged,
        /// Where it was going, where it said so.
        host: Option<&'a HostName>,
        /// Whether the hello had an encrypted one inside: the true host may be another.
        ech: bool,
    },
    /// A connection was refused.
    Refused {
        /// Why.
        why: Refused,
        /// Whose it is, where it was looked at.
        judged: Option<&'a Judged>,
        /// Where it was going, where it said so.
        host: Option<&'a HostName>,
    },
    /// A request was answered by its true destination, since the gateway cannot be reached and the
    /// policy fails open.
    Direct {
        /// Whose it is.
        judged: &'a Judged,
        /// Where it went.
        host: &'a HostName,
    },
}

/// Is told what happens. Must not block.
pub trait Observer: Send + Sync + 'static {
    /// Something happened.
    fn observe(&self, event: &Event<'_>);
}

/// For those who do not want to know.
impl Observer for () {
    fn observe(&self, _: &Event<'_>) {}
}

macro_rules! counters {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// Totals since the start.
        #[derive(Debug, Default)]
        pub struct Counters {
            $($name: AtomicU64,)*
        }

        /// The totals at one moment.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
        pub struct Totals {
            $($(#[$doc])* pub $name: u64,)*
        }

        impl Counters {
            /// The totals now.
            #[must_use]
            pub fn totals(&self) -> Totals {
                Totals { $($name: self.$name.load(Ordering::Relaxed),)* }
            }
        }
    };
}

counters! {
    /// Connections accepted.
    accepted,
    /// Connections that go through the gateway.
    relayed,
    /// Connections of denied apps.
    denied,
    /// Handshakes that an app broke off because of the leaf.
    pinned,
    /// Connections that passed untouched because the policy says so.
    ignored,
    /// Connections that passed untouched because the app pins.
    bypassed,
    /// Connections that passed untouched because they could not be governed.
    failed_open,
    /// Connections and requests that were refused because they could not be governed.
    failed_closed,
    /// Connections that were refused for any other reason.
    refused,
    /// Untouched connections with an encrypted hello, or grease.
    ech,
    /// Requests answered.
    requests,
    /// WebSockets opened.
    sockets,
    /// Requests that their true destination answered.
    direct,
    /// Requests that the gateway left unanswered.
    broken,
}

impl Counters {
    pub(crate) fn accept(&self) {
        add(&self.accepted);
    }

    pub(crate) fn request(&self) {
        add(&self.requests);
    }

    pub(crate) fn socket(&self) {
        add(&self.sockets);
    }

    pub(crate) fn broke(&self) {
        add(&self.broken);
    }

    pub(crate) fn count(&self, event: &Event<'_>) {
        add(match event {
            Event::Relayed { .. } => &self.relayed,
            Event::Denied { .. } => &self.denied,
            Event::Pinned { .. } => &self.pinned,
            Event::Direct { .. } => &self.direct,
            Event::Untouched { why, ech, .. } => {
                if *ech {
                    add(&self.ech);
                }
                match why {
                    Untouched::Ignored => &self.ignored,
                    Untouched::Pinned => &self.bypassed,
                    Untouched::FailedOpen => &self.failed_open,
                }
            }
            Event::Refused { why, .. } => match why {
                Refused::FailedClosed => &self.failed_closed,
                Refused::Pinned | Refused::Hello | Refused::Limit => &self.refused,
            },
        });
    }
}

fn add(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}
