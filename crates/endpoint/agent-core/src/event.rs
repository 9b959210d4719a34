//! What the shell tells the core, and what the core tells the shell.

use std::{sync::Arc, time::Duration};

use serde::{Deserialize, Serialize};
use tidegate_device_api::{CheckInRequest, CheckInResponse, Effect, SignedPolicy};
use tidegate_policy::{AppId, Document};
use tidegate_types::Timestamp;

use crate::{Asked, Notice, Told};

/// One try of something. Answers carry it, so that one to a try that was given up is told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Attempt(pub(crate) u64);

/// Why a try failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FailureKind {
    /// No answer: name resolution, connection, TLS, a time-out.
    Unreachable,
    /// The gateway does not know this device's key (401).
    Unauthorized,
    /// The device, its team or its user is disabled (403).
    Disabled,
    /// Another machine uses this device's key (409).
    Duplicate,
    /// The device was removed (410).
    Removed,
    /// The gateway answered with another error, or with something that cannot be read.
    Refused,
}

/// A failed try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Why.
    pub kind: FailureKind,
    /// What a person is shown.
    pub reason: String,
    /// What `retry-after` says (RFC 9110 §10.2.3).
    pub retry_after: Option<Duration>,
}

/// From when to when a certificate is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    /// From.
    pub from: Timestamp,
    /// Up to.
    pub to: Timestamp,
}

/// What became of a connection to a governed host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It went through the gateway.
    Relayed,
    /// It was refused by policy.
    Denied,
    /// The app broke off the handshake because of our certificate.
    Pinned,
}

/// A connection that an app made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observation {
    /// The app.
    pub app: AppId,
    /// Its version, where known.
    pub version: Option<String>,
    /// Its executable or script.
    pub path: String,
    /// The number of the OS user it ran as, where known.
    pub uid: Option<u32>,
    /// What became of it.
    pub outcome: Outcome,
}

/// Something that this system cannot do; the rest works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limitation {
    /// A stable name, such as `no_set_retval`.
    pub name: String,
    /// What follows from it, for people.
    pub effect: String,
}

/// How the redirection is doing, as measured.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Redirection {
    /// Everything that should be in force is.
    pub effective: bool,
    /// If not, why.
    pub problem: Option<String>,
    /// What this system cannot do.
    pub limitations: Vec<Limitation>,
}

/// An inventory that the shell keeps, to be uploaded when the gateway asks for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// SHA-256 over its bytes, in lower-case hexadecimal.
    pub hash: String,
    /// How many bytes that is.
    pub bytes: u64,
    /// How many AI apps are in it.
    pub apps: usize,
    /// How many MCP servers are in it.
    pub servers: usize,
    /// When it was found.
    pub at: Timestamp,
}

/// What came of a pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passed {
    /// What is on this device.
    pub found: Found,
    /// What came of the decisions, as was found by looking again.
    pub effects: Vec<Effect>,
    /// What went wrong, for people; the rest was done.
    pub problems: Vec<String>,
}

/// Why a pass is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PassReason {
    /// The last one was an hour ago.
    Hourly,
    /// Files that it looked at have changed.
    Changed,
    /// The agent has just started.
    First,
    /// An admin asked for it.
    Asked,
    /// There is a new policy.
    NewPolicy,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Nothing but time.
    Tick,
    /// The machine woke up, or its network is another one: waiting out a backoff makes no sense.
    NetworkChanged,
    /// A check-in was answered.
    CheckedIn(Attempt, CheckInResponse),
    /// A check-in failed.
    CheckInFailed(Attempt, Failure),
    /// The leaf was renewed.
    CertificateIssued(Attempt, Validity),
    /// It was not.
    CertificateFailed(Attempt, Failure),
    /// A policy was put in force, or why not.
    Applied {
        /// Its revision.
        revision: u64,
        /// Why not.
        problem: Option<String>,
    },
    /// A relayed call reached the gateway, or why not.
    Relay(Result<(), String>),
    /// The redirection was measured.
    Redirection(Redirection),
    /// An app made a connection.
    Seen(Observation),
    /// Files that a pass looked at have changed.
    FilesChanged,
    /// A person wants the gateway to be asked now, or something changed there by what they did.
    Sync,
    /// A pass is done.
    Passed(Attempt, Passed),
    /// It could not be run, and why.
    PassFailed(Attempt, String),
    /// The inventory was uploaded.
    Uploaded(Attempt),
    /// It was not.
    UploadFailed(Attempt, Failure),
    /// Everything that the agent did is undone.
    Retired(Attempt),
    /// It is not, and why.
    RetireFailed(Attempt, String),
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Send a check-in; answer with [`Event::CheckedIn`] or [`Event::CheckInFailed`].
    CheckIn {
        /// The try.
        attempt: Attempt,
        /// What to send.
        request: CheckInRequest,
        /// How long to wait for the answer.
        timeout: Duration,
    },
    /// Make a request for a new leaf; answer with [`Event::CertificateIssued`] or
    /// [`Event::CertificateFailed`].
    RenewCertificate {
        /// The try.
        attempt: Attempt,
        /// How long to wait for the answer.
        timeout: Duration,
    },
    /// Write this policy down: the next start begins with it.
    Keep(SignedPolicy),
    /// Put this policy in force; answer with [`Event::Applied`].
    Apply(Arc<Document>),
    /// Tell the person.
    Notify(Notice),
    /// Write down that check-ins are numbered up to this, before any other action is done: the next start
    /// counts on from it.
    KeepSeq(u64),
    /// Run a pass: look at all homes, and put this policy in force there; answer with [`Event::Passed`] or
    /// [`Event::PassFailed`]. No other begins before that.
    FleetPass {
        /// The try.
        attempt: Attempt,
        /// The policy, as the gateway signed it.
        policy: Arc<SignedPolicy>,
        /// Its revision.
        revision: u64,
        /// Why it is run.
        reason: PassReason,
        /// How long to wait for it.
        timeout: Duration,
    },
    /// Upload the inventory; answer with [`Event::Uploaded`] or [`Event::UploadFailed`].
    UploadInventory {
        /// The try.
        attempt: Attempt,
        /// Which one.
        hash: String,
        /// How long to wait for the answer.
        timeout: Duration,
    },
    /// Write down what people asked for, and what became of it.
    KeepRequests(Vec<Asked>),
    /// Tell the person who asked that there is an answer.
    Answered(Asked),
    /// Write down of which denied servers people were told.
    KeepTold(Vec<Told>),
    /// The device was removed, and governs nothing any more: undo what passes did, forget who it is; answer
    /// with [`Event::Retired`] or [`Event::RetireFailed`].
    Retire {
        /// The try.
        attempt: Attempt,
        /// How long to wait for it.
        timeout: Duration,
    },
}
