//! The two halves of a sign-in, and what is remembered of providers between sign-ins.

mod memory;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::digest::{SHA256, digest};
use serde_json::{Map, Value};
use tidegate_types::{Mono, Secret, Timestamp};

use crate::{
    Algorithm, Answer, Client, ClientAuth, Identity, IdentityError, Provider, TokenFault,
    discovery::Metadata,
    exchange::{self, Tokens},
    id_token::{self, Expected},
    jws::Signed,
    person::{self, Said},
};
use memory::Memory;

/// The time, on both clocks.
#[derive(Debug, Clone, Copy)]
pub struct Now {
    /// For what tokens say.
    pub wall: Timestamp,
    /// For how long something is remembered.
    pub mono: Mono,
}

/// What must be kept between the halves, and from everybody.
#[derive(Debug, Clone)]
pub struct Handshake {
    /// What the ID token must repeat: 43 characters.
    pub nonce: Secret<String>,
    /// The secret half of the PKCE challenge: 43 characters (RFC 7636 §4.1).
    pub verifier: Secret<String>,
}

/// A sign-in that was begun.
#[derive(Debug)]
pub struct Begun {
    /// Where to send the browser.
    pub url: String,
    /// What to keep until it comes back.
    pub handshake: Handshake,
}

/// What a look at a provider found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Findings {
    /// Where browsers are sent.
    pub authorization_endpoint: String,
    /// Where codes are redeemed.
    pub token_endpoint: String,
    /// Where more is told about people, if anywhere.
    pub userinfo_endpoint: Option<String>,
    /// How many keys it has that ID tokens could be signed with.
    pub keys: usize,
    /// By which of the accepted algorithms it signs.
    pub algorithms: Vec<Algorithm>,
    /// Whether it says that it checks PKCE.
    pub pkce: bool,
    /// Whether its answers name it (RFC 9207).
    pub names_itself: bool,
    /// Whether it says that clients may prove themselves the way this one does.
    pub accepts_auth: bool,
}

/// Signs people in. One for each process: it remembers what providers say about themselves.
#[derive(Debug)]
pub struct RelyingParty {
    client: Client,
    memory: Memory,
}

impl RelyingParty {
    /// With this client.
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self {
            client,
            memory: Memory::default(),
        }
    }

    /// Begins a sign-in: `state` tells it from others and comes back with the browser, at
    /// `redirect_uri`.
    ///
    /// # Errors
    /// The provider does not describe itself as it must.
    pub async fn begin(
        &self,
        provider: &Provider,
        redirect_uri: &str,
        state: &str,
        now: Now,
    ) -> Result<Begun, IdentityError> {
        let metadata = self
            .memory
            .metadata(&self.client, &provider.issuer, now.mono)
            .await?;
        let handshake = Handshake {
            nonce: random()?,
            verifier: random()?,
        };
        let challenge = digest(&SHA256, handshake.verifier.expose().as_bytes());
        let mut url = metadata.authorization.url();
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &provider.client_id)
            .append_pair("redirect_uri", redirect_uri)
            .append_pair("scope", &provider.scope())
            .append_pair("state", state)
            .append_pair("nonce", handshake.nonce.expose())
            .append_pair("code_challenge", &URL_SAFE_NO_PAD.encode(challenge))
            .append_pair("code_challenge_method", "S256");
        Ok(Begun {
            url: url.into(),
            handshake,
        })
    }

    /// Ends a sign-in: who it is. The caller found this handshake by the answer's `state`, and will
    /// never find it again.
    ///
    /// # Errors
    /// The provider cannot be reached or refuses, or something is not as it must be.
    pub async fn finish(
        &self,
        provider: &Provider,
        redirect_uri: &str,
        answer: &Answer,
        handshake: &Handshake,
        now: Now,
    ) -> Result<Identity, IdentityError> {
        let metadata = self
            .memory
            .metadata(&self.client, &provider.issuer, now.mono)
            .await?;
        answered_by(answer, provider, &metadata)?;
        let code = answer.code()?;
        let verifier = &handshake.verifier;
        let tokens = exchange::redeem(
            &self.client,
            provider,
            &metadata,
            redirect_uri,
            code,
            verifier,
        )
        .await?;
        let claims = self
            .open(provider, &metadata, tokens.id_token.expose(), now.mono)
            .await?;
        let expected = Expected {
            issuer: provider.issuer.as_str(),
            client_id: &provider.client_id,
            nonce: handshake.nonce.expose(),
        };
        let subject = id_token::check(&claims, expected, now.wall)?;
        let userinfo = if person::incomplete(&claims, &provider.groups) {
            self.userinfo(&metadata, &tokens, &subject).await?
        } else {
            None
        };
        let said = Said {
            token: &claims,
            userinfo: userinfo.as_ref(),
        };
        Ok(said.person(subject, &provider.groups, provider.email)?)
    }

    /// Looks at a provider anew, as a sign-in would.
    ///
    /// # Errors
    /// As a sign-in.
    pub async fn test(&self, provider: &Provider, now: Now) -> Result<Findings, IdentityError> {
        self.memory.forget(&provider.issuer);
        let metadata = self
            .memory
            .metadata(&self.client, &provider.issuer, now.mono)
            .await?;
        let keys = self
            .memory
            .keys(&self.client, &provider.issuer, &metadata, now.mono)
            .await?;
        let method = match provider.auth {
            ClientAuth::Basic(_) => "client_secret_basic",
            ClientAuth::Post(_) => "client_secret_post",
            ClientAuth::Public => "none",
        };
        Ok(Findings {
            authorization_endpoint: metadata.authorization.url().into(),
            token_endpoint: metadata.token.url().into(),
            userinfo_endpoint: metadata.userinfo.as_ref().map(|at| at.url().into()),
            keys: keys.len(),
            algorithms: metadata.algorithms.clone(),
            pkce: metadata.pkce,
            names_itself: metadata.names_itself,
            accepts_auth: metadata.auth_methods.iter().any(|known| known == method),
        })
    }

    /// The claims of a token whose signature is right. A key that is not known may be a new one, so the
    /// keys are asked for once more.
    async fn open(
        &self,
        provider: &Provider,
        metadata: &Metadata,
        token: &str,
        now: Mono,
    ) -> Result<Map<String, Value>, IdentityError> {
        let signed = Signed::parse(token)?;
        let (client, issuer) = (&self.client, &provider.issuer);
        let keys = self.memory.keys(client, issuer, metadata, now).await?;
        match signed.open(&keys, &metadata.algorithms) {
            Err(TokenFault::UnknownKey | TokenFault::Signature) => {}
            opened => return Ok(opened?),
        }
        let keys = self
            .memory
            .newer_keys(client, issuer, metadata, now)
            .await?;
        Ok(signed.open(&keys, &metadata.algorithms)?)
    }

    /// What the provider tells besides; about the same person, or not at all (§5.3.2).
    async fn userinfo(
        &self,
        metadata: &Metadata,
        tokens: &Tokens,
        subject: &str,
    ) -> Result<Option<Map<String, Value>>, IdentityError> {
        const WHAT: &str = "userinfo endpoint";
        let (Some(endpoint), Some(token)) = (&metadata.userinfo, &tokens.access_token) else {
            return Ok(None);
        };
        let answer = self
            .client
            .get(WHAT, endpoint, Some(token.expose()))
            .await?;
        let unusable = |reason: String| IdentityError::Unusable { what: WHAT, reason };
        if answer.status != http::StatusCode::OK {
            return Err(unusable(format!("it answers {}", answer.status.as_u16())));
        }
        let claims: Map<String, Value> = serde_json::from_slice(&answer.body)
            .map_err(|_| unusable("its answer is no JSON object".into()))?;
        if claims.get("sub").and_then(Value::as_str) != Some(subject) {
            return Err(unusable("it tells about somebody else".into()));
        }
        Ok(Some(claims))
    }
}

/// Whether the provider that was asked is the one that answers (RFC 9207 §2.4): else a code of one could
/// be sent to another (mix-up).
fn answered_by(
    answer: &Answer,
    provider: &Provider,
    metadata: &Metadata,
) -> Result<(), IdentityError> {
    match &answer.issuer {
        Some(issuer) if issuer == provider.issuer.as_str() => Ok(()),
        None if !metadata.names_itself => Ok(()),
        _ => Err(IdentityError::WrongIssuer("answer")),
    }
}

/// 256 random bits, as text.
fn random() -> Result<Secret<String>, IdentityError> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes).map_err(|_| IdentityError::Randomness)?;
    Ok(Secret::new(URL_SAFE_NO_PAD.encode(bytes)))
}
