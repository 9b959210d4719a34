//! The public keys of a provider (RFC 7517). A key is of one kind and fits the algorithms of that kind
//! only; kinds that are not known are left out, as providers publish keys for other uses too.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::signature::{
    self, RsaParameters, RsaPublicKeyComponents, UnparsedPublicKey, VerificationAlgorithm,
};
use serde::Deserialize;
use serde_json::Value;

use crate::{Algorithm, IdentityError};

/// More keys than this nobody rotates through.
const MOST: usize = 100;

/// Of keys that fit a token without a key's name, so many are tried.
const TRIED: usize = 8;

/// A provider's public keys.
#[derive(Debug, Clone, Default)]
pub(crate) struct Keys(Vec<Key>);

/// One that ID tokens may be signed with.
#[derive(Debug, Clone)]
pub(crate) struct Key {
    kid: Option<String>,
    only: Option<Algorithm>,
    material: Material,
}

#[derive(Debug, Clone)]
enum Material {
    Ed25519(Vec<u8>),
    P256(Vec<u8>),
    P384(Vec<u8>),
    Rsa { n: Vec<u8>, e: Vec<u8> },
}

#[derive(Deserialize)]
struct Document {
    keys: Vec<Value>,
}

#[derive(Deserialize)]
struct Parameters {
    kty: String,
    kid: Option<String>,
    #[serde(rename = "use")]
    purpose: Option<String>,
    alg: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

impl Keys {
    /// Reads a key set.
    pub(crate) fn parse(body: &[u8]) -> Result<Self, IdentityError> {
        let unusable = |reason: &str| IdentityError::Unusable {
            what: "key set",
            reason: reason.to_owned(),
        };
        let document: Document =
            serde_json::from_slice(body).map_err(|_| unusable("it is no JSON Web Key Set"))?;
        if document.keys.len() > MOST {
            return Err(unusable("it has more than 100 keys"));
        }
        let keys: Vec<Key> = document.keys.into_iter().filter_map(Key::read).collect();
        if keys.is_empty() {
            return Err(unusable(
                "it has no key that ID tokens could be signed with",
            ));
        }
        Ok(Self(keys))
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Those that a token of this algorithm and key name could be signed with. A name names exactly one
    /// key or none; without a name all of the kind are tried.
    pub(crate) fn fitting<'a>(
        &'a self,
        algorithm: Algorithm,
        kid: Option<&'a str>,
    ) -> impl Iterator<Item = &'a Key> {
        self.0
            .iter()
            .filter(move |key| kid.is_none() || key.kid.as_deref() == kid)
            .filter(move |key| key.only.is_none_or(|only| only == algorithm))
            .filter(move |key| key.fits(algorithm))
            .take(TRIED)
    }
}

impl Key {
    fn read(value: Value) -> Option<Self> {
        let given: Parameters = serde_json::from_value(value).ok()?;
        if given.purpose.is_some_and(|purpose| purpose != "sig") {
            return None;
        }
        let only = match given.alg.as_deref() {
            Some(name) => Some(Algorithm::named(name)?),
            None => None,
        };
        let curve = given.crv.as_deref().unwrap_or_default();
        let material = match (given.kty.as_str(), curve) {
            ("RSA", _) => Material::Rsa {
                n: number(given.n.as_deref()?)?,
                e: number(given.e.as_deref()?)?,
            },
            ("EC", "P-256") => Material::P256(point(given.x.as_deref()?, given.y.as_deref()?, 32)?),
            ("EC", "P-384") => Material::P384(point(given.x.as_deref()?, given.y.as_deref()?, 48)?),
            ("OKP", "Ed25519") => Material::Ed25519(exactly(given.x.as_deref()?, 32)?),
            _ => return None,
        };
        let kid = given.kid;
        Some(Self {
            kid,
            only,
            material,
        })
    }

    fn fits(&self, algorithm: Algorithm) -> bool {
        use Algorithm::{EdDsa, Es256, Es384, Ps256, Ps384, Ps512, Rs256, Rs384, Rs512};
        match self.material {
            Material::Ed25519(_) => algorithm == EdDsa,
            Material::P256(_) => algorithm == Es256,
            Material::P384(_) => algorithm == Es384,
            Material::Rsa { .. } => {
                matches!(algorithm, Rs256 | Rs384 | Rs512 | Ps256 | Ps384 | Ps512)
            }
        }
    }

    /// Whether it signed the message by this algorithm; never, by one that it does not fit. RSA keys
    /// have at least 2048 bits.
    pub(crate) fn verifies(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        match (&self.material, algorithm) {
            (Material::Rsa { n, e }, algorithm) => rsa(algorithm).is_some_and(|parameters| {
                RsaPublicKeyComponents { n, e }
                    .verify(parameters, message, signature)
                    .is_ok()
            }),
            (Material::P256(point), Algorithm::Es256) => plain(
                &signature::ECDSA_P256_SHA256_FIXED,
                point,
                message,
                signature,
            ),
            (Material::P384(point), Algorithm::Es384) => plain(
                &signature::ECDSA_P384_SHA384_FIXED,
                point,
                message,
                signature,
            ),
            (Material::Ed25519(key), Algorithm::EdDsa) => {
                plain(&signature::ED25519, key, message, signature)
            }
            _ => false,
        }
    }
}

fn rsa(algorithm: Algorithm) -> Option<&'static RsaParameters> {
    match algorithm {
        Algorithm::Rs256 => Some(&signature::RSA_PKCS1_2048_8192_SHA256),
        Algorithm::Rs384 => Some(&signature::RSA_PKCS1_2048_8192_SHA384),
        Algorithm::Rs512 => Some(&signature::RSA_PKCS1_2048_8192_SHA512),
        Algorithm::Ps256 => Some(&signature::RSA_PSS_2048_8192_SHA256),
        Algorithm::Ps384 => Some(&signature::RSA_PSS_2048_8192_SHA384),
        Algorithm::Ps512 => Some(&signature::RSA_PSS_2048_8192_SHA512),
        Algorithm::Es256 | Algorithm::Es384 | Algorithm::EdDsa => None,
    }
}

fn plain(
    algorithm: &'static dyn VerificationAlgorithm,
    key: &[u8],
    message: &[u8],
    signature: &[u8],
) -> bool {
    UnparsedPublicKey::new(algorithm, key)
        .verify(message, signature)
        .is_ok()
}

/// An unsigned number without the zero that some put in front.
fn number(text: &str) -> Option<Vec<u8>> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let start = bytes.iter().position(|byte| *byte != 0)?;
    bytes.get(start..).map(<[u8]>::to_vec)
}

fn exactly(text: &str, length: usize) -> Option<Vec<u8>> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    (bytes.len() == length).then_some(bytes)
}

/// A point of a curve, uncompressed (RFC 7518 §6.2.1.2: coordinates have the curve's full length).
fn point(x: &str, y: &str, length: usize) -> Option<Vec<u8>> {
    let mut point = vec![4];
    point.extend(exactly(x, length)?);
    point.extend(exactly(y, length)?);
    Some(point)
}
