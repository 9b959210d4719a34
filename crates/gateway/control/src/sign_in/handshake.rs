//! What the second half of a sign-in needs of the first, as one text to be sealed.

use tidegate_authority::Purpose;
use tidegate_identity::Handshake;
use tidegate_types::Secret;

use crate::{app::App, problem::Problem};

/// Both parts are base64url, so a space is in neither.
pub(super) fn join(handshake: &Handshake) -> Secret<String> {
    let (nonce, verifier) = (handshake.nonce.expose(), handshake.verifier.expose());
    Secret::new(format!("{nonce} {verifier}"))
}

/// Opens what was sealed.
pub(super) fn open(app: &App, sealed: &[u8]) -> Result<Handshake, Problem> {
    let plain = app.seal.open(Purpose::SignIn, sealed);
    let plain = plain.map_err(Problem::internal)?;
    let text = str::from_utf8(&plain).map_err(Problem::internal)?;
    let (nonce, verifier) = text
        .split_once(' ')
        .ok_or_else(|| Problem::internal("a sealed sign-in has one part"))?;
    Ok(Handshake {
        nonce: Secret::new(nonce.to_owned()),
        verifier: Secret::new(verifier.to_owned()),
    })
}
