//! The shared records, in a form that the map library takes.
#![allow(
    unsafe_code,
    reason = "the library's marker for plain data; the records are foreign types"
)]

use tidegate_redirect_abi::{Config, Learned, Original, PortKey, Served};

/// A record of `redirect-abi` as the bytes of a map.
#[derive(Debug, Clone, Copy)]
#[repr(transparent)]
pub(crate) struct Record<T>(pub(crate) T);

// SAFETY: all are `repr(C)` integers without padding, any bytes are a value, and the layout is tested
// where they are defined; `Record` is transparent.
unsafe impl aya::Pod for Record<Config> {}
// SAFETY: as above.
unsafe impl aya::Pod for Record<Served> {}
// SAFETY: as above.
unsafe impl aya::Pod for Record<Learned> {}
// SAFETY: as above.
unsafe impl aya::Pod for Record<PortKey> {}
// SAFETY: as above.
unsafe impl aya::Pod for Record<Original> {}
