//! What the kernel programs count, and the names people see.

/// An index into the counters' map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub enum Counter {
    /// Connections sent to the agent.
    Redirected = 0,
    /// Connections whose original destination was published for the agent.
    Published = 1,
    /// Governed connections of the agent's own, let through.
    Bypassed = 2,
    /// Connections refused because their process is denied.
    Denied = 3,
    /// UDP to the governed port, refused.
    QuicRefused = 4,
    /// Governed connections let through because the agent does not serve.
    FailedOpen = 5,
    /// Governed connections refused because the agent does not serve.
    FailedClosed = 6,
    /// Connections that could not be redirected for want of kernel memory.
    NoMemory = 7,
    /// Sockets taken off the device they were bound to, so that they reach loopback.
    Unbound = 8,
    /// DNS answers about governed names.
    Answers = 9,
    /// Addresses learned from them.
    Learned = 10,
    /// Addresses in them that are never learned: loopback, private, link-local.
    NotLearned = 11,
    /// Events that did not fit the ring buffer.
    EventsLost = 12,
    /// Governed destinations that came from a DNS answer.
    LearnedHits = 13,
    /// Original destinations that the port map had no room for.
    PublishFailed = 14,
    /// Questions put to the agent whether it is there.
    Asked = 15,
    /// Processes that are denied because the one that started them is.
    Inherited = 16,
    /// Processes that should be and are not, for want of room.
    InheritFailed = 17,
    /// Packets dropped on their way past the agent to a governed destination.
    Backstopped = 18,
}

/// All counters, in the order of their index.
pub const COUNTERS: [(Counter, &str); 19] = [
    (Counter::Redirected, "redirected"),
    (Counter::Published, "published"),
    (Counter::Bypassed, "bypassed"),
    (Counter::Denied, "denied"),
    (Counter::QuicRefused, "quic_refused"),
    (Counter::FailedOpen, "failed_open"),
    (Counter::FailedClosed, "failed_closed"),
    (Counter::NoMemory, "no_memory"),
    (Counter::Unbound, "unbound_from_device"),
    (Counter::Answers, "dns_answers"),
    (Counter::Learned, "dns_addresses_learned"),
    (Counter::NotLearned, "dns_addresses_not_learned"),
    (Counter::EventsLost, "events_lost"),
    (Counter::LearnedHits, "learned_hits"),
    (Counter::PublishFailed, "publish_failed"),
    (Counter::Asked, "asked"),
    (Counter::Inherited, "denied_by_inheritance"),
    (Counter::InheritFailed, "inheritance_failed"),
    (Counter::Backstopped, "backstopped"),
];
