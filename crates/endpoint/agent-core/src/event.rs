//! What the shell tells the core, and what the core tells the shell.

use std::{sync::Arc, time::Duration};

use tidegate_device_api::{CheckInRequest, CheckInResponse, SignedPolicy};
use tidegate_policy::{AppId, Document};
use tidegate_types::Timestamp;

use crate::Notice;

/// One try of something. Answers carry it, so that one to a try that was given up is told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Attempt(pub(crate) u64);

/// Why a try failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FailureKind {
    /// No answer: name resolution, connection, TLS, a time-out.
    Unreachable,
    /// The gateway answered that it does not accept this device (401 or 403).
    Unauthorized,
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
}
