//! Puts decisions about MCP servers in force in the clients of a machine, by the strongest means that
//! each client has, looks whether they hold, and undoes them byte for byte.
#![forbid(unsafe_code)]
#![warn(missing_docs)]
