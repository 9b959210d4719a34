//! What a gateway answers to a device that it does not serve: a problem (RFC 9457) whose member `code` is
//! one of these. A device obeys the code and not the status alone, which something between the two may
//! have set.

/// With 401: the key is unknown. The device keeps its policy and asks again.
pub const UNAUTHENTICATED: &str = "unauthenticated";
/// With 403: the device, its team or its user is disabled. It keeps its policy and asks again.
pub const DISABLED: &str = "device_disabled";
/// With 409: another machine uses this device's key. The device keeps its policy, says so to people, and
/// asks again after an hour; it never enrols by itself.
pub const DUPLICATE: &str = "device_duplicate";
/// With 410: the device was removed. It governs nothing from then on, undoes what it did, and says how to
/// enrol again.
pub const REMOVED: &str = "device_removed";

/// With 400, to a poll: the person has not confirmed yet (RFC 8628 §3.5).
pub const AUTHORIZATION_PENDING: &str = "authorization_pending";
/// With 400, to a poll: the same, and it came too early; five seconds more between polls from now on.
pub const SLOW_DOWN: &str = "slow_down";
/// With 400, to a poll: the person took too long. A new sign-in is needed.
pub const EXPIRED_TOKEN: &str = "expired_token";
/// With 400, to a poll: the person said no, or may not sign in. Also what a browser brings in `error`.
pub const ACCESS_DENIED: &str = "access_denied";
/// With 400, to a code that is redeemed: it is unknown, used, too old, or not this device's.
pub const INVALID_GRANT: &str = "invalid_grant";
/// With 409, to a code that links: the device is somebody else's.
pub const DEVICE_TAKEN: &str = "device_taken";
/// What a browser brings in `error`: no identity provider is set up.
pub const NO_PROVIDER: &str = "no_provider";
/// What a browser brings in `error`: the person's user is switched off.
pub const USER_DISABLED: &str = "user_disabled";
/// What a browser brings in `error`: the identity provider did not vouch for anybody.
pub const SIGN_IN_FAILED: &str = "sign_in_failed";
