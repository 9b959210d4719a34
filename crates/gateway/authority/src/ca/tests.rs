//! Making a CA, taking one over, sealing it; and every reason to refuse one.

use super::*;
use crate::AuthorityError as Error;

const NOW: Timestamp = Timestamp::from_micros(1_800_000_000_000_000);

macro_rules! data {
    ($name:literal) => {
        include_str!(concat!("../../tests/data/", $name))
    };
}

fn parsed(ca: &CertificateAuthority) -> Vec<u8> {
    certificate_block(ca.certificate_pem()).unwrap().contents
}

#[test]
fn a_new_ca_is_what_it_says() {
    let ca = CertificateAuthority::generate("Acme", NOW).unwrap();
    assert_eq!(ca.name(), "CN=Tidegate Acme CA");
    let der = parsed(&ca);
    let certificate = parse(&der).unwrap();
    let constraints = certificate.basic_constraints().unwrap().unwrap();
    assert!(constraints.critical && constraints.value.ca);
    assert_eq!(constraints.value.path_len_constraint, Some(0));
    let usage = certificate.key_usage().unwrap().unwrap();
    assert!(usage.critical && usage.value.key_cert_sign() && usage.value.crl_sign());
    assert!(!usage.value.digital_signature());
    certificate.verify_signature(None).unwrap();
    let (from, to) = (
        certificate.validity().not_before,
        certificate.validity().not_after,
    );
    assert_eq!(from.timestamp(), 1_800_000_000 - DAY);
    assert_eq!(to.timestamp(), 1_800_000_000 + LIFETIME);
    assert_eq!(ca.not_after().micros(), to.timestamp() * 1_000_000);
    assert_eq!(certificate.raw_serial().len(), 16);
    let other = CertificateAuthority::generate("Acme", NOW).unwrap();
    assert_ne!(ca.fingerprint(), other.fingerprint());
}

#[test]
fn names_of_organisations_fit_a_certificate() {
    let long = "ä".repeat(52);
    let ca = CertificateAuthority::generate(&format!(" {long} "), NOW).unwrap();
    assert_eq!(ca.name(), format!("CN=Tidegate {long} CA"));
    for bad in ["", "  ", "a\nb", &"x".repeat(53)] {
        let refused = CertificateAuthority::generate(bad, NOW);
        assert_eq!(refused.unwrap_err(), Error::Organisation, "{bad:?}");
    }
}

#[test]
fn a_sealed_ca_comes_back_and_its_key_is_never_shown() {
    let (seal, ca) = (
        SealKey::generate().unwrap(),
        CertificateAuthority::generate("Acme", NOW).unwrap(),
    );
    let sealed = ca.seal(&seal).unwrap();
    let again = CertificateAuthority::unseal(&seal, ca.certificate_pem(), &sealed).unwrap();
    assert_eq!(again.fingerprint(), ca.fingerprint());
    let key = ca.issuer.key().0.serialize_der();
    assert!(
        !sealed
            .windows(16)
            .any(|part| key.windows(16).any(|k| k == part))
    );
    let mut tampered = sealed.clone();
    *tampered.last_mut().unwrap() ^= 1;
    let opened = CertificateAuthority::unseal(&seal, ca.certificate_pem(), &tampered);
    assert_eq!(opened.unwrap_err(), Error::Seal);
    let elsewhere = SealKey::generate().unwrap();
    let opened = CertificateAuthority::unseal(&elsewhere, ca.certificate_pem(), &sealed);
    assert_eq!(opened.unwrap_err(), Error::Seal);
    let other = CertificateAuthority::generate("Acme", NOW).unwrap();
    let mixed = CertificateAuthority::unseal(&seal, other.certificate_pem(), &sealed);
    assert!(matches!(mixed, Err(Error::Key(_))), "{mixed:?}");
    let printed = format!("{ca:?}");
    assert_eq!(printed.matches("Tidegate Acme CA").count(), 1);
    assert!(
        !printed.contains("KeyPair") && printed.len() < 200,
        "{printed}"
    );
}

#[test]
fn organisations_bring_their_own() {
    for (certificate, key, name) in [
        (
            data!("rsa-2048.pem"),
            data!("rsa-2048.key.pem"),
            "O=Example, CN=Example RSA CA",
        ),
        (
            data!("p384.pem"),
            data!("p384.key.pem"),
            "CN=Example P-384 CA",
        ),
    ] {
        let ca = CertificateAuthority::from_pem(certificate, key, NOW).unwrap();
        assert_eq!(ca.name(), name);
        let text: String = certificate.split_whitespace().collect();
        let kept: String = ca.certificate_pem().split_whitespace().collect();
        assert_eq!(text, kept);
    }
}

/// Why a pair is refused.
fn refusal(certificate: &str, key: &str) -> String {
    refusal_at(certificate, key, NOW)
}

fn refusal_at(certificate: &str, key: &str, now: Timestamp) -> String {
    CertificateAuthority::from_pem(certificate, key, now)
        .unwrap_err()
        .to_string()
}

#[test]
fn what_cannot_sign_is_refused_with_a_reason() {
    let (good, key) = (data!("p384.pem"), data!("p384.key.pem"));
    for (why, certificate, key) in [
        ("CA:TRUE", data!("no-ca.pem"), key),
        ("key usage", data!("no-sign.pem"), key),
        ("not the certificate's key", good, data!("rsa-2048.key.pem")),
        ("2,048", data!("rsa-1024.pem"), data!("rsa-1024.key.pem")),
        (
            "P-256 or P-384",
            data!("ed25519.pem"),
            data!("ed25519.key.pem"),
        ),
        ("openssl pkcs8", good, data!("p384.sec1.pem")),
        ("encrypted", good, data!("p384.encrypted.pem")),
        ("BEGIN CERTIFICATE", key, key),
        ("BEGIN CERTIFICATE", "", key),
        ("BEGIN PRIVATE KEY", good, "nonsense"),
        ("openssl pkcs8", good, good),
    ] {
        let told = refusal(certificate, key);
        assert!(told.contains(why), "{why}: {told}");
    }
    let chain = format!("{good}{}", data!("rsa-2048.pem"));
    assert!(refusal(&chain, key).contains("without the chain"));
    let cut = format!(
        "{}AAAA\n-----END CERTIFICATE-----\n",
        "-----BEGIN CERTIFICATE-----\n"
    );
    assert!(refusal(&cut, key).contains("X.509"));
}

#[test]
fn what_is_not_valid_now_is_refused() {
    let (good, key) = (data!("p384.pem"), data!("p384.key.pem"));
    let early = Timestamp::from_micros(1_000_000);
    assert!(refusal_at(good, key, early).contains("not valid yet"));
    let late = Timestamp::from_micros(7_000_000_000_000_000);
    assert!(refusal_at(good, key, late).contains("expired"));
}
