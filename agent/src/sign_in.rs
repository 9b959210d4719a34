//! Sign-in of a person on this device. The person's own process makes the verifier and has the browser
//! ([`loopback`], [`browser`]); the agent, which has the network and the state, redeems what comes back
//! ([`Desk`]). The agent never opens a browser, and the person's process never sees a key of the device.

pub mod browser;
mod desk;
pub mod loopback;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::rand::{SecureRandom, SystemRandom};
use serde::{Deserialize, Serialize};
use tidegate_device_api::{DeviceCodeResponse, SignedIn};

pub use desk::{Desk, Waiter};

/// What a person's process asks of the agent, step by step.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// A code to be typed in a browser elsewhere, for this challenge.
    Code {
        /// Of the process's verifier.
        challenge: String,
    },
    /// Whether that was done.
    Poll {
        /// As it was given.
        device_code: String,
    },
    /// To redeem a code: to enrol, or to link the device that is enrolled.
    Redeem {
        /// What the browser or the poll brought.
        code: String,
        /// Only the process knows it until now.
        verifier: String,
    },
    /// To enrol with an administrator's token: for root.
    Enrol {
        /// It.
        token: String,
    },
    /// To sign out.
    Out {},
}

/// What the agent answers.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stepped {
    /// What to show, and to poll with.
    Code(DeviceCodeResponse),
    /// Not done yet; seconds between polls where they changed.
    Pending {
        /// Seconds to add.
        slower: u32,
    },
    /// Done: a code to redeem.
    Done {
        /// It.
        code: String,
    },
    /// Signed in, or enrolled.
    In {
        /// The device's id.
        device: String,
        /// Who; none by a token.
        user: Option<SignedIn>,
    },
    /// Signed out.
    Out,
    /// Not done, and why.
    Refused {
        /// For programs: of `tidegate_device_api::refusal`, or empty.
        code: String,
        /// For people.
        reason: String,
    },
}

impl Stepped {
    pub(crate) fn refused(reason: impl Into<String>) -> Self {
        Self::Refused {
            code: String::new(),
            reason: reason.into(),
        }
    }
}

/// They hold secrets, so only their kind is shown.
macro_rules! hidden {
    ($($name:ident),*) => {$(
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }
    )*};
}
hidden!(Step, Stepped);

/// 256 random bits, base64url: a verifier or a state.
///
/// # Errors
/// The system gave no randomness.
pub fn random() -> anyhow::Result<String> {
    let mut bytes = [0; 32];
    let filled = SystemRandom::new().fill(&mut bytes);
    filled.map_err(|_| anyhow::anyhow!("the system gave no randomness"))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}
