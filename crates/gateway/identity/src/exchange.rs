//! Redeeming a code (RFC 6749 §4.1.3, RFC 7636 §4.5).

use base64::{Engine, engine::general_purpose::STANDARD};
use http::StatusCode;
use serde::Deserialize;
use tidegate_types::Secret;
use url::form_urlencoded::{Serializer, byte_serialize};

use crate::{
    Client, ClientAuth, IdentityError, Provider, answer::error_code, discovery::Metadata,
    fetch::Fetched,
};

const WHAT: &str = "token endpoint";

/// What a code was redeemed for.
#[derive(Debug)]
pub(crate) struct Tokens {
    pub(crate) id_token: Secret<String>,
    pub(crate) access_token: Option<Secret<String>>,
}

#[derive(Deserialize)]
struct Granted {
    id_token: Option<String>,
    access_token: Option<String>,
}

#[derive(Deserialize)]
struct Refused {
    error: String,
}

/// Redeems a code with the secret half of its challenge.
pub(crate) async fn redeem(
    client: &Client,
    provider: &Provider,
    metadata: &Metadata,
    redirect_uri: &str,
    code: &str,
    verifier: &Secret<String>,
) -> Result<Tokens, IdentityError> {
    let (form, basic) = form(provider, redirect_uri, code, verifier);
    let basic = basic.as_ref().map(|basic| basic.expose().as_str());
    let answer = client.post(WHAT, &metadata.token, form, basic).await?;
    read(&answer)
}

/// The form, and what goes into the header.
fn form(
    provider: &Provider,
    redirect_uri: &str,
    code: &str,
    verifier: &Secret<String>,
) -> (String, Option<Secret<String>>) {
    let mut form = Serializer::new(String::new());
    form.append_pair("grant_type", "authorization_code")
        .append_pair("code", code)
        .append_pair("redirect_uri", redirect_uri)
        .append_pair("code_verifier", verifier.expose());
    let mut basic = None;
    match &provider.auth {
        ClientAuth::Basic(secret) => {
            // RFC 6749 §2.3.1: both are form-encoded first.
            let encode = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
            let pair = format!(
                "{}:{}",
                encode(&provider.client_id),
                encode(secret.expose())
            );
            basic = Some(Secret::new(STANDARD.encode(pair)));
        }
        ClientAuth::Post(secret) => {
            form.append_pair("client_id", &provider.client_id)
                .append_pair("client_secret", secret.expose());
        }
        ClientAuth::Public => {
            form.append_pair("client_id", &provider.client_id);
        }
    }
    (form.finish(), basic)
}

fn read(answer: &Fetched) -> Result<Tokens, IdentityError> {
    let unusable = |reason: String| IdentityError::Unusable { what: WHAT, reason };
    if answer.status != StatusCode::OK {
        return match serde_json::from_slice::<Refused>(&answer.body) {
            Ok(refused) => Err(IdentityError::Refused(error_code(&refused.error))),
            Err(_) => Err(unusable(format!("it answers {}", answer.status.as_u16()))),
        };
    }
    let granted: Granted = serde_json::from_slice(&answer.body)
        .map_err(|_| unusable("its answer is no token response".into()))?;
    let id_token = granted
        .id_token
        .ok_or_else(|| unusable("it gives no ID token".into()))?;
    Ok(Tokens {
        id_token: Secret::new(id_token),
        access_token: granted.access_token.map(Secret::new),
    })
}
