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
