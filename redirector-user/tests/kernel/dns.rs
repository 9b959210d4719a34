//! Learning from DNS answers: on real sockets, and against a parser of another make.

mod fuzz;
mod live;
mod message;
mod reference;
