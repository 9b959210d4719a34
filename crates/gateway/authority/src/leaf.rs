//! Leaves: a device's certificate for the governed hosts, short-lived, for a key that only the device
//! has.

use std::time::Duration;

use rcgen::{
    CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, KeyUsagePurpose,
    PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, PublicKeyData, SanType, SubjectPublicKeyInfo,
};
use tidegate_policy::HostName;
use tidegate_types::{DeviceId, Timestamp};
use time::OffsetDateTime;
use x509_parser::{certification_request::X509CertificationRequest, prelude::FromDer};

use crate::{AuthorityError, CertificateAuthority, ca::written, pem, seal::fill};

/// The most hosts that a leaf names. Clients refuse a certificate message of more than 64 KiB or so;
/// with names of usual length this stays at half of it.
pub const MAX_HOSTS: usize = 500;

/// Clocks of laptops are wrong by up to this, in seconds: leaves are valid since a day ago.
const SKEW: i64 = 24 * 3_600;

/// A certificate that was just issued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuedLeaf {
    /// The leaf and the CA's certificate after it (PEM).
    pub chain_pem: String,
    /// Its serial number, big-endian.
    pub serial: [u8; 16],
    /// Until when it is valid, to the second.
    pub not_after: Timestamp,
}

impl CertificateAuthority {
    /// Issues a leaf for the key of a certificate request (PKCS#10, PEM), which must prove that its
    /// sender has the key. What it asks for is ignored: the leaf names `hosts`, and what lies one
    /// level below each, for TLS servers only.
    ///
    /// # Errors
    /// The request cannot be read, its signature is wrong, its key is not ECDSA P-256 or P-384;
    /// there are no hosts or too many; the CA's certificate has expired.
    pub fn sign_leaf(
        &self,
        csr_pem: &str,
        device: DeviceId,
        hosts: &[HostName],
        now: Timestamp,
        lifetime: Duration,
    ) -> Result<IssuedLeaf, AuthorityError> {
        let key = requested_key(csr_pem)?;
        if hosts.is_empty() || hosts.len() > MAX_HOSTS {
            let given = hosts.len();
            return Err(AuthorityError::Hosts { given });
        }
        if self.not_after() <= now {
            return Err(AuthorityError::Certificate("it has expired"));
        }
        let seconds = now.micros().div_euclid(1_000_000);
        let end = now.plus(lifetime).min(self.not_after());
        let end = end.micros().div_euclid(1_000_000);
        let serial = serial()?;
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        params
            .distinguished_name
            .push(DnType::CommonName, device.to_string());
        params.not_before = date(seconds - SKEW)?;
        params.not_after = date(end)?;
        params.serial_number = Some(serial.to_vec().into());
        params.subject_alt_names = names(hosts)?;
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        let leaf = params
            .signed_by(&key, &self.issuer)
            .map_err(|_| AuthorityError::Crypto("signing a leaf"))?;
        Ok(IssuedLeaf {
            chain_pem: written("CERTIFICATE", leaf.der()) + self.certificate_pem(),
            serial,
            not_after: Timestamp::from_micros(end.saturating_mul(1_000_000)),
        })
    }
}

/// The key of a request whose signature it made.
fn requested_key(csr_pem: &str) -> Result<SubjectPublicKeyInfo, AuthorityError> {
    let unread = AuthorityError::Request("it is one PEM block, `BEGIN CERTIFICATE REQUEST`");
    let block = pem::one(csr_pem).map_err(|_| unread.clone())?;
    if !block.label.ends_with("CERTIFICATE REQUEST") {
        return Err(unread);
    }
    let Ok(([], request)) = X509CertificationRequest::from_der(&block.contents) else {
        return Err(AuthorityError::Request("it is no PKCS#10 request"));
    };
    request
        .verify_signature()
        .map_err(|_| AuthorityError::Request("its signature is not by its key"))?;
    let kind = AuthorityError::Request("its key is ECDSA P-256 or P-384");
    let key = SubjectPublicKeyInfo::from_der(request.certification_request_info.subject_pki.raw)
        .map_err(|_| kind.clone())?;
    if [&PKCS_ECDSA_P256_SHA256, &PKCS_ECDSA_P384_SHA384].contains(&key.algorithm()) {
        Ok(key)
    } else {
        Err(kind)
    }
}

/// Each host and what lies one level below it (RFC 6125 §6.4.3), each name once.
fn names(hosts: &[HostName]) -> Result<Vec<SanType>, AuthorityError> {
    let mut names: Vec<String> = hosts
        .iter()
        .flat_map(|host| [host.to_string(), format!("*.{host}")])
        // A wildcard of the longest name is none any more.
        .filter(|name| name.len() <= 253)
        .collect();
    names.sort_unstable();
    names.dedup();
    names
        .into_iter()
        .map(|name| name.try_into().map(SanType::DnsName))
        .collect::<Result<_, _>>()
        .map_err(|_| AuthorityError::Crypto("a host name"))
}

/// 128 bits: positive, never zero, and never the same twice (RFC 5280 §4.1.2.2).
pub(crate) fn serial() -> Result<[u8; 16], AuthorityError> {
    let mut serial = [0; 16];
    fill(&mut serial)?;
    serial[0] = serial[0] & 0x7f | 0x40;
    Ok(serial)
}

pub(crate) fn date(seconds: i64) -> Result<OffsetDateTime, AuthorityError> {
    OffsetDateTime::from_unix_timestamp(seconds).map_err(|_| AuthorityError::Time)
}

#[cfg(test)]
mod tests;
