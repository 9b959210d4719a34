//! Sign-in of a person on a device, the gateway being what speaks with identity providers: no token of
//! theirs reaches the device.
//!
//! ```text
//! person's process                 browser                       gateway
//! challenge, port, state ────────▶ GET /device/v1/sign-in ─────▶ provider … confirmed by the person
//!            ◀── GET 127.0.0.1:port/tidegate/sign-in?code&state ──┘
//! agent: POST redeem {code, verifier} → a token to enrol with
//!    or: POST link   {code, verifier} with the device's key, where it is enrolled already
//! ```
//!
//! Without a browser on the machine (RFC 8628): `POST code` → a code for people, typed in at
//! [`DEVICE_PAGE`] on any machine, while the agent asks `POST poll` for the code to redeem.

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Where the browser begins (GET), with the query of [`SignInQuery`].
pub const SIGN_IN: &str = "/device/v1/sign-in";
/// A code and its verifier become a token to enrol with.
pub const SIGN_IN_REDEEM: &str = "/device/v1/sign-in/redeem";
/// A code and its verifier link an enrolled device and a person.
pub const SIGN_IN_LINK: &str = "/device/v1/sign-in/link";
/// Ends what a link began: the device is nobody's again.
pub const SIGN_IN_UNLINK: &str = "/device/v1/sign-in/unlink";
/// A sign-in by a browser on another machine begins.
pub const SIGN_IN_CODE: &str = "/device/v1/sign-in/code";
/// Whether that sign-in is done.
pub const SIGN_IN_POLL: &str = "/device/v1/sign-in/poll";
/// The page on which a person types the code that their device shows.
pub const DEVICE_PAGE: &str = "/device";
/// The path on the loopback address to which the browser is sent back, with `code` and `state`, or with
/// `error` and `state`.
pub const LOOPBACK_PATH: &str = "/tidegate/sign-in";
/// How long a browser may take, in seconds.
pub const SIGN_IN_SECONDS: u32 = 300;
/// How long a code that a person types is good, in seconds.
pub const USER_CODE_SECONDS: u32 = 600;
/// Seconds between two polls; a poll that comes earlier adds as many (RFC 8628 §3.5).
pub const POLL_SECONDS: u32 = 5;
/// The longest name of a machine, in bytes.
pub const LONGEST_HOSTNAME: usize = 255;
/// The letters of codes that people type (RFC 8628 §6.1): no vowels, so no words; 20 of them.
pub const USER_CODE_LETTERS: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";
/// How many of them a code has.
pub const USER_CODE_LENGTH: usize = 8;

/// The challenge of a verifier (RFC 7636 §4.2, S256): 43 characters.
#[must_use]
pub fn challenge(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier))
}

/// Whether a text can be a challenge or a state: 43 characters of base64url, which is 256 bits.
#[must_use]
pub fn is_token(text: &str) -> bool {
    text.len() == 43
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// A code as a person may have typed it, in the form in which it was made; none where it is no code.
#[must_use]
pub fn user_code(typed: &str) -> Option<String> {
    let letters: String = typed
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '-')
        .take(USER_CODE_LENGTH + 1)
        .map(|c| c.to_ascii_uppercase())
        .collect();
    let known = letters.bytes().all(|c| USER_CODE_LETTERS.contains(&c));
    (known && letters.len() == USER_CODE_LENGTH).then_some(letters)
}

/// What the browser takes along to [`SIGN_IN`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignInQuery {
    /// [`challenge`] of a verifier that only the person's process knows.
    pub challenge: String,
    /// The loopback port that waits for the browser.
    pub port: u16,
    /// Comes back unchanged: 256 random bits, base64url.
    pub state: String,
    /// The machine's name, shown to the person.
    pub hostname: String,
}

impl SignInQuery {
    /// Path and query, to be put behind the control plane's URL.
    #[must_use]
    pub fn path(&self) -> String {
        format!(
            "{SIGN_IN}?challenge={}&port={}&state={}&hostname={}",
            percent(&self.challenge),
            self.port,
            percent(&self.state),
            percent(&self.hostname)
        )
    }
}

/// As a part of a query (RFC 3986 §2.3: what is not unreserved is encoded).
fn percent(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// Who signed in on a device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedIn {
    /// Their name.
    pub name: String,
    /// Their e-mail address.
    pub email: String,
    /// The name of their team.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<String>,
}

/// `POST /device/v1/sign-in/redeem` and `…/link`. A code is good once, whatever comes of it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RedeemRequest {
    /// What the browser or the poll brought.
    pub code: String,
    /// What the challenge was made of.
    pub verifier: String,
}

/// The answer to a redeemed code.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RedeemResponse {
    /// A one-time token, as [`EnrolRequest`](crate::EnrolRequest) takes it.
    pub token: String,
    /// How long it is good, in seconds.
    pub expires_in: u32,
    /// Who signed in.
    pub user: SignedIn,
}

/// The answer to a code that links.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkResponse {
    /// Who signed in.
    pub user: SignedIn,
}

/// `POST /device/v1/sign-in/code` (RFC 8628 §3.1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceCodeRequest {
    /// [`challenge`] of a verifier that only the person's process knows.
    pub challenge: String,
    /// The machine's name, shown to the person.
    pub hostname: String,
}

/// Its answer (RFC 8628 §3.2).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceCodeResponse {
    /// What the poll says.
    pub device_code: String,
    /// What the person types, such as `BCDF-GHJK`.
    pub user_code: String,
    /// Where.
    pub verification_uri: String,
    /// The same with the code in it.
    pub verification_uri_complete: String,
    /// Seconds between two polls.
    pub interval: u32,
    /// How long all this is good, in seconds.
    pub expires_in: u32,
}

/// `POST /device/v1/sign-in/poll`. Refused with one of the codes of RFC 8628 §3.5
/// ([`refusal`](crate::refusal)) until the person has confirmed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PollRequest {
    /// As it was given.
    pub device_code: String,
}

/// The answer to a poll when the person has confirmed: once.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PollResponse {
    /// To be redeemed.
    pub code: String,
}

/// `POST /device/v1/sign-in/unlink`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnlinkRequest {}

/// Its answer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnlinkResponse {}

macro_rules! secret {
    ($($name:ident),*) => {$(
        /// It holds a secret, so nothing of it is shown.
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }
    )*};
}
secret!(
    RedeemRequest,
    RedeemResponse,
    DeviceCodeResponse,
    PollRequest,
    PollResponse
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_challenge_is_that_of_the_rfc() {
        // RFC 7636, appendix B.
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        let made = challenge(verifier);
        assert_eq!(made, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
        assert!(is_token(&made) && !is_token("short") && !is_token(&"ä".repeat(43)));
    }

    #[test]
    fn a_code_is_read_as_people_type() {
        for typed in ["BCDF-GHJK", "bcdfghjk", " bcdf ghjk ", "BC-DF-GH-JK"] {
            assert_eq!(user_code(typed).as_deref(), Some("BCDFGHJK"), "{typed}");
        }
        for wrong in ["", "BCDF-GHJ", "BCDF-GHJKL", "ABCD-EFGH", "BCDF-GH1K"] {
            assert_eq!(user_code(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_query_is_encoded() {
        let query = SignInQuery {
            challenge: "c".into(),
            port: 4000,
            state: "s".into(),
            hostname: "ann's laptop&port=1".into(),
        };
        let expected =
            "/device/v1/sign-in?challenge=c&port=4000&state=s&hostname=ann%27s%20laptop%26port%3D1";
        assert_eq!(query.path(), expected);
    }
}
