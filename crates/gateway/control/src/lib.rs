//! The control plane's admin API: what an operator sees and changes while the gateway runs.
//!
//! [`router`] builds an `axum` router from a [`Control`]. Each resource has a file, or a folder
//! with a file per verb, and each handler carries its part of the OpenAPI document, which is
//! committed as `docs/openapi/admin.json` and served at `/api/v1/openapi.json`. Every route under
//! `/api/v1` but sign-in and that document needs a token: `guard` stands in front of the
//! handlers, not in them. What the API needs from the process around it is the [`DataPlane`] port.
//!
//! Not here: the listener, TLS, the snapshot, and everything on the way of a governed call.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod account;
mod accounts;
mod app;
mod audit;
mod authority;
mod budgets;
mod cache;
mod catalogue;
mod csv;
mod device;
mod device_groups;
mod device_sign_in;
mod devices;
mod edge;
mod edge_apps;
mod edge_decisions;
mod edge_hosts;
mod edge_mcp;
mod edge_requests;
mod edge_settings;
mod enrolment_tokens;
mod events;
mod extract;
mod groups;
mod guard;
mod guardrails;
mod health;
mod identity_links;
mod identity_providers;
mod info;
mod keys;
mod limits;
mod names;
mod openapi;
mod overview;
mod page;
mod page_or_problem;
mod policy_words;
mod port;
mod prices;
mod problem;
mod protected;
mod providers;
mod read;
mod requests;
mod roles;
mod router;
mod scim;
mod scim_tokens;
mod scope;
mod second_factor;
mod sessions;
mod sign_in;
mod teams;
mod throttle;
mod tokens;
mod usage;
mod users;
mod views;

pub use app::Control;
pub use edge::{Edge, EdgeConfig, EdgeError, Policies, PublishedPolicy};
pub use port::{
    Configuration, ControlSettings, DataPlane, LogQueue, ProviderHealth, RefusedConfiguration,
};
pub use problem::{Code, FieldError, Problem};
pub use router::{openapi_json, router};
