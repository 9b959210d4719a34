//! The debug channel: one line for each decision, for whoever looks for a fault. Addresses, ports and
//! numbers only; nothing of what is sent.
//!
//! The level is a constant by the time the kernel verifies the programs (`AYA_LOG_LEVEL`, set before
//! loading): with 0 the verifier throws all of this away. Each line is a function of its own, since what
//! writes it would not fit the stack of a hook.

use aya_log_ebpf::macro_support::{Level, level_enabled};

use crate::{governed::bytes, sock_addr::Destination, tell::current_process};

/// A line about a destination: who, where, and what became of it. IPv4 is written as mapped, since every
/// line is code that has to be loaded.
macro_rules! about {
    ($level:ident, $to:ident, $text:literal $(, $more:expr)*) => {
        aya_log_ebpf::$level!(
            (), target: "kernel", $text, current_process(), bytes(&$to.key()), $to.port $(, $more)*
        )
    };
}

/// A way to say a line: checked where it is called, so that nothing is prepared for a line that is off,
/// and written elsewhere. What it refers to is copied first: a destination that something refers to could
/// not stay in registers, line or no line.
macro_rules! lines {
    (@pass $arg:ident: &$type:ty) => { &{ *$arg } };
    (@pass $arg:ident: $type:ty) => { $arg };
    ($(
        $(#[$doc:meta])*
        $name:ident($($arg:ident: $(& $ref:ident)? $($value:ident)?),*) = $level:ident => $write:expr;
    )*) => {$(
        $(#[$doc])*
        #[inline(always)]
        pub fn $name($($arg: $(&$ref)? $($value)?),*) {
            #[inline(never)]
            fn write($($arg: $(&$ref)? $($value)?),*) {
                $write
            }
            if level_enabled(Level::$level) {
                write($(lines!(@pass $arg: $(&$ref)? $($value)?)),*);
            }
        }
    )*};
}

/// An address in sixteen bytes.
type Address = [u32; 4];

lines! {
    /// A connection goes to the agent.
    redirected(to: &Destination, port: u16) = Debug =>
        about!(debug, to, "{} to {:i} port {}: redirected to port {}", port);
    /// A denied process asked.
    denied(to: &Destination) = Debug => about!(debug, to, "{} to {:i} port {}: denied");
    /// The agent itself.
    own(to: &Destination) = Debug => about!(debug, to, "{} to {:i} port {}: passed, the agent's own");
    /// Nothing of ours.
    not_governed(to: &Destination) = Trace =>
        about!(trace, to, "{} to {:i} port {}: passed, not governed");
    /// The agent does not answer.
    stale(to: &Destination) = Info => about!(info, to, "{} to {:i} port {}: the agent does not answer");
    /// The agent does not listen in this network namespace.
    absent(to: &Destination, netns: u64) = Info =>
        about!(info, to, "{} to {:i} port {}: no agent in namespace {}", netns);
    /// There was no room for where the socket was going.
    no_memory(to: &Destination) = Error => about!(error, to, "{} to {:i} port {}: no memory");
    /// Let through for want of an agent.
    failed_open(to: &Destination) = Debug => about!(debug, to, "{} to {:i} port {}: passed, fail open");
    /// Refused for want of an agent.
    failed_closed(to: &Destination) = Debug =>
        about!(debug, to, "{} to {:i} port {}: refused, fail closed");
    /// UDP is refused so that the app takes TCP.
    quic(to: &Destination) = Debug => about!(debug, to, "{} to {:i} port {}: UDP refused");
    /// Dropped on its way out; the process is whoever ran just then.
    dropped(to: &Destination) = Info =>
        about!(info, to, "a packet (seen in {}) to {:i} port {}: dropped, it went past the agent");
    /// The accepting end can look up where a connection was going.
    published(port: u32, netns: u64) = Debug => aya_log_ebpf::debug!(
        (), target: "kernel", "source port {} of namespace {}: published", port, netns
    );
    /// It cannot.
    publish_failed(port: u32, netns: u64) = Error => aya_log_ebpf::error!(
        (), target: "kernel", "source port {} of namespace {}: not published", port, netns
    );
    /// A governed name resolved to this address.
    learned(address: &Address, rule: u32, seconds: u64) = Debug => aya_log_ebpf::debug!(
        (), target: "kernel", "name {} resolves to {:i} for {} s: learned", rule, bytes(address), seconds
    );
    /// It did, but the address is private.
    not_learned(address: &Address, rule: u32) = Debug => aya_log_ebpf::debug!(
        (), target: "kernel", "name {} resolves to {:i}: private, not learned", rule, bytes(address)
    );
    /// A denied process started another.
    inherited(child: u32, root: u32) = Debug => aya_log_ebpf::debug!(
        (), target: "kernel", "{}: denied as a descendant of {}", child, root
    );
}
