//! What enrolment leaves on disk, without a gateway.

use base64::{Engine, engine::general_purpose::STANDARD};
use ring::signature::{Ed25519KeyPair, KeyPair};
use tidegate_device_api::SignedPolicy;
use tidegate_edge::state::{Identity, LeafFiles, State};
use tidegate_types::Secret;

/// Enrols at a gateway that has this key, with a policy.
pub(crate) fn enrol(
    state: &State,
    key: &Ed25519KeyPair,
    policy: &SignedPolicy,
) -> anyhow::Result<()> {
    let identity = Identity {
        device_id: "device".into(),
        relay_url: "http://127.0.0.1:9".into(),
        policy_key: STANDARD.encode(key.public_key()),
        knows_machine: true,
    };
    let made = rcgen::generate_simple_self_signed(vec!["api.openai.com".to_owned()])?;
    let leaf = LeafFiles {
        certificate: made.cert.pem(),
        key: Secret::new(made.signing_key.serialize_pem()),
        ca: None,
    };
    let device_key = Secret::new("tg-device-of-this-test".to_owned());
    state.enrolled(&identity, &device_key, &made.cert.pem(), &leaf, policy)
}
