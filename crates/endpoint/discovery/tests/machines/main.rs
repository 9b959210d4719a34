//! Whole machines in folders, and what is found on them.

mod awaited;
mod golden;
mod hostile;
mod machine;
mod notes;
mod processes;
mod secrets;
