//! A relayed call: any method, any governed host, any path, to the gateway's data plane at
//! `/edge/{host}{path}`. The app's headers and body go along unchanged; who sends it stands in headers
//! of ours, which never leave the gateway. The device's key is in [`headers::DEVICE_KEY`].

/// What a relayed call's path begins with; the host and the original path with query follow.
pub const ROUTE_PREFIX: &str = "/edge/";

/// The headers of a relayed call.
pub mod headers {
    /// The device's key.
    pub const DEVICE_KEY: &str = "x-tidegate-device-key";
    /// The app's id.
    pub const APP: &str = "x-tidegate-app";
    /// `gateway` or `pass_through`, as the device understands it: the gateway's own policy decides.
    pub const MODE: &str = "x-tidegate-mode";
    /// The OS user, percent-encoded (RFC 3986).
    pub const USER: &str = "x-tidegate-os-user";
    /// The executable or script, percent-encoded (RFC 3986).
    pub const PROCESS: &str = "x-tidegate-process";
}
