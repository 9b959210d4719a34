//! Puts decisions about MCP servers in force in the clients of a machine, by the strongest means that
//! each client has, looks whether they hold, and undoes them byte for byte.
//!
//! Two passes. [`home`] runs as a home's user and edits the configurations in that home; [`machine`] runs
//! as root and writes the clients' own policies below `/etc`. Both always lead from whatever is there to
//! what the policy says: a second pass changes nothing, and a pass that was killed is finished by the next.
//! [`undo_home`] and [`undo_machine`] leave every file as it would be without us.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod canary;
mod disk;
mod home;
mod lever;
mod machine;
mod op;
mod outcome;
mod overlay;
mod record;
mod remote;
mod settings;
mod shape;
mod spelling;
mod text;
mod verdict;

pub use canary::{Canary, CanaryError, Client, Runner, is_roots};
pub use home::{home, undo_home};
pub use machine::{Judged, judge, leave_out_ours, machine, on_trial, try_out, undo_machine};
pub use outcome::{Outcome, merge};
pub use remote::Remote;
pub use settings::{RunningClient, Settings, Shadow};
