//! The certificate authority: made here, taken over from the organisation, or read from its seal.

use std::fmt;

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, PKCS_RSA_SHA256,
    PublicKeyData, SignatureAlgorithm, SigningKey,
};
use ring::digest::{SHA256, digest};
use tidegate_types::Timestamp;
use x509_parser::{prelude::X509Certificate, public_key::PublicKey};
use zeroize::{Zeroize, Zeroizing};

use crate::{
    AuthorityError, Purpose, SealKey,
    leaf::{date, serial},
    pem::{self, Fault},
};

/// A day, in seconds.
const DAY: i64 = 24 * 3_600;

/// How long a CA that is made here is valid: ten years.
const LIFETIME: i64 = 3_652 * DAY;

/// The longest name of an organisation: a common name has 64 characters (RFC 5280, appendix A.1).
const MAX_ORGANISATION: usize = 52;

/// The least bits of an RSA key.
const LEAST_RSA: usize = 2_048;

/// The private key; its bytes are wiped when it goes.
pub(crate) struct CaKey(KeyPair);

impl Drop for CaKey {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl PublicKeyData for CaKey {
    fn der_bytes(&self) -> &[u8] {
        self.0.der_bytes()
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        self.0.algorithm()
    }
}

impl SigningKey for CaKey {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        self.0.sign(message)
    }
}

/// The organisation's certificate authority.
pub struct CertificateAuthority {
    pub(crate) issuer: Issuer<'static, CaKey>,
    certificate_pem: String,
    fingerprint: [u8; 32],
    name: String,
    not_after: Timestamp,
}

impl fmt::Debug for CertificateAuthority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CertificateAuthority")
            .field("name", &self.name)
            .field("not_after", &self.not_after)
            .finish_non_exhaustive()
    }
}

impl CertificateAuthority {
    /// A new one, named `Tidegate <organisation> CA`: ECDSA P-256 with SHA-256, valid for ten years,
    /// allowed to sign leaves and nothing below them.
    ///
    /// # Errors
    /// The name is not 1 to 52 printable characters, the operating system gave no randomness, or the
    /// time cannot be written.
    pub fn generate(organisation: &str, now: Timestamp) -> Result<Self, AuthorityError> {
        let length = organisation.trim().chars().count();
        if !(1..=MAX_ORGANISATION).contains(&length) || organisation.contains(char::is_control) {
            return Err(AuthorityError::Organisation);
        }
        let failed = |_| AuthorityError::Crypto("making the CA");
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(failed)?;
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        let name = format!("Tidegate {} CA", organisation.trim());
        params.distinguished_name.push(DnType::CommonName, name);
        let seconds = now.micros().div_euclid(1_000_000);
        params.not_before = date(seconds - DAY)?;
        params.not_after = date(seconds + LIFETIME)?;
        params.serial_number = Some(serial()?.to_vec().into());
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let certificate = params.self_signed(&key).map_err(failed)?;
        Self::new(&certificate.pem(), CaKey(key))
    }

    /// The organisation's own: a certificate and its private key (PEM, PKCS#8, not encrypted).
    ///
    /// # Errors
    /// It is no CA certificate, not valid at `now`, or the key is not its key, or of a kind that is
    /// not signed with here: ECDSA P-256 or P-384, or RSA with 2,048 bits or more.
    pub fn from_pem(
        certificate: &str,
        private_key: &str,
        now: Timestamp,
    ) -> Result<Self, AuthorityError> {
        let authority = Self::new(certificate, CaKey(read_key(private_key)?))?;
        let block = certificate_block(certificate)?;
        let parsed = parse(&block.contents)?;
        let seconds = now.micros().div_euclid(1_000_000);
        if parsed.validity().not_before.timestamp() > seconds {
            return Err(AuthorityError::Certificate("it is not valid yet"));
        }
        if authority.not_after <= now {
            return Err(AuthorityError::Certificate("it has expired"));
        }
        Ok(authority)
    }

    /// The one that is stored: its certificate and its sealed key.
    ///
    /// # Errors
    /// The seal does not open, or what is in it does not fit the certificate.
    pub fn unseal(
        seal: &SealKey,
        certificate: &str,
        sealed: &[u8],
    ) -> Result<Self, AuthorityError> {
        let key = seal.open(Purpose::CertificateAuthority, sealed)?;
        let key = KeyPair::try_from(key.as_slice()).map_err(|_| AuthorityError::Seal)?;
        Self::new(certificate, CaKey(key))
    }

    /// The private key, sealed.
    ///
    /// # Errors
    /// The operating system gave no randomness.
    pub fn seal(&self, seal: &SealKey) -> Result<Vec<u8>, AuthorityError> {
        let key = Zeroizing::new(self.issuer.key().0.serialize_der());
        seal.seal(Purpose::CertificateAuthority, &key)
    }

    fn new(certificate: &str, key: CaKey) -> Result<Self, AuthorityError> {
        let block = certificate_block(certificate)?;
        let parsed = parse(&block.contents)?;
        check(&parsed, &key)?;
        let issuer = Issuer::from_ca_cert_der(&block.contents.as_slice().into(), key)
            .map_err(|_| AuthorityError::Certificate("its name or its extensions are not read"))?;
        let mut fingerprint = [0; 32];
        fingerprint.copy_from_slice(digest(&SHA256, &block.contents).as_ref());
        let not_after = parsed.validity().not_after.timestamp();
        Ok(Self {
            issuer,
            certificate_pem: written("CERTIFICATE", &block.contents),
            fingerprint,
            name: parsed.subject().to_string(),
            not_after: Timestamp::from_micros(not_after.saturating_mul(1_000_000)),
        })
    }

    /// Its certificate (PEM): what machines trust.
    #[must_use]
    pub fn certificate_pem(&self) -> &str {
        &self.certificate_pem
    }

    /// The SHA-256 of its certificate (DER).
    #[must_use]
    pub const fn fingerprint(&self) -> &[u8; 32] {
        &self.fingerprint
    }

    /// Its name, as in `CN=Tidegate Acme CA`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Until when its certificate is valid.
    #[must_use]
    pub const fn not_after(&self) -> Timestamp {
        self.not_after
    }
}

fn certificate_block(text: &str) -> Result<x509_parser::pem::Pem, AuthorityError> {
    match pem::one(text) {
        Ok(block) if block.label == "CERTIFICATE" => Ok(block),
        Ok(_) | Err(Fault::Missing) => Err(AuthorityError::Certificate(
            "send it as one PEM block, `BEGIN CERTIFICATE`",
        )),
        Err(Fault::More) => Err(AuthorityError::Certificate(
            "send the one certificate that signs, without the chain above it",
        )),
    }
}

fn parse(der: &[u8]) -> Result<X509Certificate<'_>, AuthorityError> {
    match x509_parser::parse_x509_certificate(der) {
        Ok(([], certificate)) => Ok(certificate),
        _ => Err(AuthorityError::Certificate("it is no X.509 certificate")),
    }
}

fn check(certificate: &X509Certificate<'_>, key: &CaKey) -> Result<(), AuthorityError> {
    let constraints = certificate.basic_constraints().ok().flatten();
    if !constraints.is_some_and(|constraints| constraints.value.ca) {
        return Err(AuthorityError::Certificate(
            "it is not a CA's: `CA:TRUE` is missing",
        ));
    }
    let usage = certificate
        .key_usage()
        .map_err(|_| AuthorityError::Certificate("its key usage cannot be read"))?;
    if usage.is_some_and(|usage| !usage.value.key_cert_sign()) {
        return Err(AuthorityError::Certificate(
            "its key usage does not allow signing certificates",
        ));
    }
    if let Ok(PublicKey::RSA(rsa)) = certificate.public_key().parsed()
        && rsa.key_size() < LEAST_RSA
    {
        return Err(AuthorityError::Key("an RSA key has 2,048 bits or more"));
    }
    let known = [
        &PKCS_ECDSA_P256_SHA256,
        &PKCS_ECDSA_P384_SHA384,
        &PKCS_RSA_SHA256,
    ];
    if !known.contains(&key.algorithm()) {
        return Err(AuthorityError::Key(
            "it is ECDSA P-256 or P-384, or RSA with 2,048 bits or more",
        ));
    }
    if certificate.public_key().subject_public_key.data.as_ref() != key.der_bytes() {
        return Err(AuthorityError::Key("it is not the certificate's key"));
    }
    Ok(())
}

fn read_key(text: &str) -> Result<KeyPair, AuthorityError> {
    let block = pem::one(text)
        .map_err(|_| AuthorityError::Key("send it as one PEM block, `BEGIN PRIVATE KEY`"))?;
    let contents = Zeroizing::new(block.contents);
    match block.label.as_str() {
        "PRIVATE KEY" => KeyPair::try_from(contents.as_slice()).map_err(|_| {
            AuthorityError::Key("it is ECDSA P-256 or P-384, or RSA with 2,048 to 4,096 bits")
        }),
        "ENCRYPTED PRIVATE KEY" => Err(AuthorityError::Key(
            "it is encrypted; send it as `openssl pkcs8 -topk8 -nocrypt` writes it",
        )),
        _ => Err(AuthorityError::Key(
            "it must be PKCS#8, as `openssl pkcs8 -topk8 -nocrypt` writes it",
        )),
    }
}

/// A block as PEM, 64 characters a line (RFC 7468 §2).
pub(crate) fn written(label: &str, der: &[u8]) -> String {
    use base64::{Engine, engine::general_purpose::STANDARD};
    let body = STANDARD.encode(der);
    let mut text = format!("-----BEGIN {label}-----\n");
    for line in body.as_bytes().chunks(64) {
        // Base64 is ASCII.
        text.push_str(str::from_utf8(line).unwrap_or_default());
        text.push('\n');
    }
    text + &format!("-----END {label}-----\n")
}

#[cfg(test)]
mod tests;
