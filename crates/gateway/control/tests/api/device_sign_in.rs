//! Sign-in of people on devices: the way it should go, in a browser and with a code, and every way around it.

mod code;
mod link;
mod loopback;
mod told;
mod visit;
