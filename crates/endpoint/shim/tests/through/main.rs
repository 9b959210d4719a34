//! Real servers behind the shim, as processes.
#![cfg(unix)]

#[cfg(test)]
mod behind;
#[cfg(test)]
mod bytes;
mod decided;
#[cfg(test)]
mod everything;
mod life;
