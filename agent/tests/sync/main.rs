//! The agent as one process on the redirector that needs no OS, between homes and a gateway that do what the
//! test says: what is said, in which order, and what is left for the next start.

#[cfg(test)]
mod enrolled;
#[cfg(test)]
mod gateway;
#[cfg(test)]
mod machine;
#[cfg(test)]
mod story;

/// Nothing takes that long.
#[cfg(test)]
const HANGS: std::time::Duration = std::time::Duration::from_secs(60);
