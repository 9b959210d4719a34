//! SQLite and PostgreSQL behind one facade: what admins create, the budget ledger, the request log.
//!
//! Each thing stored has a file of its own, and its SQL is written once, in the part of the
//! language that both engines share. Under them lie the two engines, which know how to run a
//! transaction: SQLite on a writer thread of its own and a few readers, PostgreSQL on a pool.
//! Finished calls take another way: the [recorder](RecorderConfig) writes them to a journal on
//! local disk, from which they reach the database in batches, so that a crash loses none.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod access_requests;
mod accounts;
mod actor;
mod allowances;
mod attempts;
mod audience;
mod audit;
mod authority;
mod budgets;
mod catalogue;
mod change;
mod codes;
mod config;
mod device_groups;
mod device_sign_ins;
mod devices;
mod edge;
mod engine;
mod enrolment_tokens;
mod error;
mod governed;
mod grant;
mod groups;
mod guardrails;
mod identity_providers;
mod input;
mod inventory;
mod keys;
mod ledger;
mod limits;
mod migrations;
mod names;
mod overview;
mod page;
mod postgres;
mod prices;
mod provisioned;
mod pulse;
mod recorder;
mod request_log;
mod scim_tokens;
mod scope;
mod sessions;
mod sql;
mod sqlite;
mod standing;
mod store;
mod teams;
mod tokens;
mod usage;
mod users;
mod views;
mod words;

pub use access_requests::{
    Answered, AskedFilter, NewRequest, RequestState, StoredRequest, WantedKind,
};
pub use accounts::{Account, AccountPatch, NewAccount, SecondFactor};
pub use actor::Actor;
pub use allowances::Allowance;
pub use audience::{Audience, AudienceError};
pub use audit::{AuditEntry, AuditFilter, AuditVerdict};
pub use authority::StoredAuthority;
pub use budgets::{BudgetStatus, NewBudget};
pub use catalogue::{
    AppVersion, InstalledAnywhere, Launches, ServerAnywhere, ServerFilter, ServerSummary,
};
pub use config::StoreConfig;
pub use device_groups::{DeviceGroup, Moved, NewDeviceGroup};
pub use device_sign_ins::{
    Confirmed, DeviceSignIn, Linked, NewDeviceSignIn, NewWay, Polled, Redeemed, SignInPerson, Way,
};
pub use devices::{
    AppSighting, Device, DeviceApp, DeviceFacet, DeviceFilter, DevicePatch, DeviceSort,
    EffectCount, Enrolled, InGroup, ItemEffect, Leaf, Machine, NewDevice, Owner, Quarantine,
    Reported, Scanned, Sighting, Standing,
};
pub use edge::{
    AppDecision, Decided, EdgeHost, EdgeOverrides, EdgePolicy, EdgeSettings, McpDecision,
    NewDecision, SeenApp, mcp_host,
};
pub use enrolment_tokens::{EnrolmentToken, NewEnrolmentToken};
pub use error::StoreError;
pub use groups::{Group, GroupInput, GroupKey, MemberStep};
pub use guardrails::{FindingFilter, GuardedRequest, GuardrailPatch, NewGuardrail};
pub use identity_providers::{
    AccountIdentities, AccountIdentity, ClientAuthKind, GroupRule, IdentityProvider,
    IdentityProviderPatch, NewIdentityProvider, NewSignIn, PendingSignIn, Refusal, SignedIn,
    Vouched,
};
pub use inventory::{NewInventory, StoredInventory};
pub use keys::{KeyFilter, KeyPatch, NewKey, NewSecret};
pub use limits::{LimitPatch, NewLimit};
pub use overview::Counts;
pub use page::{Cursor, CursorError, Page, SortedCursor};
pub use prices::PriceOverride;
pub use provisioned::{ProvisionedUser, UserInput, UserKey};
pub use pulse::{Beat, Pulse};
pub use recorder::{RecorderConfig, RecorderHandle};
pub use request_log::{LoggedRequest, RequestFilter, StatusClass, StoredContent};
pub use scim_tokens::{NewScimToken, ScimToken};
pub use sessions::{NewSession, Session};
pub use store::Store;
pub use teams::{NewTeam, TeamPatch};
pub use tokens::{ApiToken, NewToken};
pub use usage::{
    Bucket, Piece, Rank, Ranked, Traffic, TrafficRange, UsageFilter, UsageGroup, UsagePoint,
    UsageQuery, Used,
};
pub use users::{NewUser, UserPatch};
pub use views::{NewView, View};
