//! End-to-end tests: a whole gateway in this process, a scripted provider, real sockets. One binary,
//! port 0, no sleeps.
#![cfg(test)]
#![forbid(unsafe_code)]

mod addresses;
mod agent;
mod bedrock;
mod bodies;
mod budgets;
mod cache;
mod calls;
mod device_groups;
mod devices;
mod endings;
mod engines;
mod forwarded;
mod guardrails;
mod keys;
mod limits;
mod live;
mod mcp;
mod person;
mod profiles;
mod prompts;
mod realtime;
mod relayed;
mod reloading;
mod responses_socket;
mod retention;
mod rewriting;
mod routes;
mod routing;
mod signature;
mod tls;
mod traces;
mod translated;
mod transport;
mod websocket;
mod whole;
