//! AI apps and MCP servers on a machine, found by reading what they leave on disk: nothing is ever run
//! to ask it. Every file is foreign bytes: bounded, and one bad entry never hides the others.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod apps;
mod files;
mod formats;
mod found;
pub mod fuzzing;
mod homes;
mod inventory;
mod mcp;
mod places;
mod processes;
mod programs;
mod reading;
mod tree;
mod what_runs;

pub use apps::{apps_of_home, apps_of_machine};
pub use formats::yaml_value;
pub use found::{Entry, Format, Found, Located, Program, RawLaunch};
pub use homes::homes;
pub use inventory::{InventoryHash, Sealed, inventory, seal};
pub use mcp::{Executed, Running, Seems, clients_at_work, running, scan_home, scan_machine};
pub use places::{Home, Os, Places};
pub use processes::started;
pub use programs::programs;
pub use what_runs::what_runs;
