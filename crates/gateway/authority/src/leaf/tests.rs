//! Leaves, judged by the verifier that clients use: they chain to their CA for the governed hosts, for
//! their time, and for nothing else.

use rcgen::KeyPair;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject};
use webpki::{ALL_VERIFICATION_ALGS, EndEntityCert, KeyUsage, anchor_from_trusted_cert};

use super::*;
use crate::AuthorityError as Error;

const NOW: Timestamp = Timestamp::from_micros(1_800_000_000_000_000);
const SECONDS: u64 = 1_800_000_000;
const WEEK: Duration = Duration::from_secs(7 * 24 * 3_600);

fn hosts(names: &[&str]) -> Vec<HostName> {
    names.iter().map(|name| name.parse().unwrap()).collect()
}

/// A request that asks for far more than it gets.
fn request(key: &KeyPair) -> String {
    let mut params = CertificateParams::new(vec!["evil.example".to_owned()]).unwrap();
    params
        .distinguished_name
        .push(DnType::CommonName, "*.evil.example");
    params.is_ca = IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    params.serialize_request(key).unwrap().pem().unwrap()
}

fn device() -> DeviceId {
    DeviceId::from_parts(NOW, 5)
}

fn issue(ca: &CertificateAuthority, names: &[&str]) -> IssuedLeaf {
    let key = KeyPair::generate().unwrap();
    ca.sign_leaf(&request(&key), device(), &hosts(names), NOW, WEEK)
        .unwrap()
}

fn ca() -> CertificateAuthority {
    CertificateAuthority::generate("Acme", NOW).unwrap()
}

fn ders(pem: &str) -> Vec<CertificateDer<'static>> {
    CertificateDer::pem_slice_iter(pem.as_bytes())
        .map(Result::unwrap)
        .collect()
}

/// Whether a client that trusts `ca` accepts a leaf for a host at a time.
fn accepts(ca: &CertificateAuthority, leaf: &IssuedLeaf, host: &str, seconds: u64) -> bool {
    let trusted = ders(ca.certificate_pem());
    let anchors = [anchor_from_trusted_cert(&trusted[0]).unwrap()];
    let chain = ders(&leaf.chain_pem);
    let leaf = EndEntityCert::try_from(&chain[0]).unwrap();
    let time = UnixTime::since_unix_epoch(Duration::from_secs(seconds));
    let chains = leaf.verify_for_usage(
        ALL_VERIFICATION_ALGS,
        &anchors,
        &chain[1..],
        time,
        KeyUsage::server_auth(),
        None,
        None,
    );
    let name = ServerName::try_from(host.to_owned()).unwrap();
    chains.is_ok() && leaf.verify_is_valid_for_subject_name(&name).is_ok()
}

#[test]
fn a_leaf_is_good_for_governed_hosts_and_their_children_only() {
    let ca = ca();
    let leaf = issue(&ca, &["api.anthropic.com", "chatgpt.com"]);
    for good in [
        "api.anthropic.com",
        "chatgpt.com",
        "ab.chatgpt.com",
        "x.api.anthropic.com",
    ] {
        assert!(accepts(&ca, &leaf, good, SECONDS), "{good}");
    }
    for bad in [
        "anthropic.com",
        "evil.example",
        "x.evil.example",
        "a.b.chatgpt.com",
        "bank.example",
    ] {
        assert!(!accepts(&ca, &leaf, bad, SECONDS), "{bad}");
    }
}

#[test]
fn a_leaf_is_good_for_its_time_and_its_ca_only() {
    let ca = ca();
    let leaf = issue(&ca, &["chatgpt.com"]);
    assert_eq!(leaf.not_after, NOW.plus(WEEK));
    let (day, week) = (24 * 3_600, 7 * 24 * 3_600);
    for (at, good) in [
        (SECONDS - day, true),
        (SECONDS - day - 1, false),
        (SECONDS + week, true),
        (SECONDS + week + 1, false),
    ] {
        assert_eq!(accepts(&ca, &leaf, "chatgpt.com", at), good, "{at}");
    }
    let foreign = CertificateAuthority::generate("Acme", NOW).unwrap();
    assert!(!accepts(&foreign, &leaf, "chatgpt.com", SECONDS));
}

#[test]
fn a_ca_of_the_organisations_signs_as_well_and_never_beyond_its_end() {
    for (certificate, key) in [
        (
            include_str!("../../tests/data/rsa-2048.pem"),
            include_str!("../../tests/data/rsa-2048.key.pem"),
        ),
        (
            include_str!("../../tests/data/p384.pem"),
            include_str!("../../tests/data/p384.key.pem"),
        ),
    ] {
        let ca = CertificateAuthority::from_pem(certificate, key, NOW).unwrap();
        let leaf = issue(&ca, &["chatgpt.com"]);
        assert!(accepts(&ca, &leaf, "chatgpt.com", SECONDS));
    }
    let ca = ca();
    let key = KeyPair::generate().unwrap();
    let long = Duration::from_secs(20 * 365 * 24 * 3_600);
    let names = hosts(&["chatgpt.com"]);
    let leaf = ca
        .sign_leaf(&request(&key), device(), &names, NOW, long)
        .unwrap();
    assert_eq!(leaf.not_after, ca.not_after());
    let after = ca.not_after().plus(Duration::from_secs(1));
    let late = ca.sign_leaf(&request(&key), device(), &names, after, WEEK);
    assert!(matches!(late, Err(Error::Certificate(_))), "{late:?}");
}

#[test]
fn a_leaf_holds_the_requests_key_and_nothing_else_of_it() {
    let ca = ca();
    let key = KeyPair::generate().unwrap();
    let names = hosts(&["chatgpt.com"]);
    let issued = ca
        .sign_leaf(&request(&key), device(), &names, NOW, WEEK)
        .unwrap();
    let chain = ders(&issued.chain_pem);
    assert_eq!(chain.len(), 2);
    let (_, leaf) = x509_parser::parse_x509_certificate(&chain[0]).unwrap();
    assert_eq!(leaf.public_key().raw, key.subject_public_key_info());
    assert_eq!(leaf.subject().to_string(), format!("CN={}", device()));
    assert_eq!(leaf.raw_serial(), issued.serial);
    assert!(!leaf.basic_constraints().unwrap().unwrap().value.ca);
    let usage = leaf.key_usage().unwrap().unwrap().value;
    assert!(usage.digital_signature() && !usage.key_cert_sign());
    let extended = leaf.extended_key_usage().unwrap().unwrap().value;
    assert!(extended.server_auth && !extended.client_auth && !extended.any);
    let again = ca
        .sign_leaf(&request(&key), device(), &names, NOW, WEEK)
        .unwrap();
    assert_ne!(
        again.serial, issued.serial,
        "a renewal has a serial number of its own"
    );
}

#[test]
fn a_request_must_prove_its_key() {
    let ca = ca();
    let names = hosts(&["chatgpt.com"]);
    let sign = |csr: &str| ca.sign_leaf(csr, device(), &names, NOW, WEEK).unwrap_err();
    let good = request(&KeyPair::generate().unwrap());
    let block = crate::pem::one(&good).unwrap().contents;
    // The last byte is the signature's.
    let mut forged = block.clone();
    *forged.last_mut().unwrap() ^= 1;
    let told = sign(&written("CERTIFICATE REQUEST", &forged));
    assert!(told.to_string().contains("signature"), "{told}");
    let mut longer = block;
    longer.push(0);
    assert!(matches!(
        sign(&written("CERTIFICATE REQUEST", &longer)),
        Error::Request(_)
    ));
    let edwards = KeyPair::generate_for(&rcgen::PKCS_ED25519).unwrap();
    assert!(sign(&request(&edwards)).to_string().contains("P-256"));
    for nonsense in [
        "",
        "x",
        ca.certificate_pem(),
        &good.repeat(2),
        &"A".repeat(100_000),
    ] {
        assert!(matches!(sign(nonsense), Error::Request(_)));
    }
}

#[test]
fn a_leaf_names_some_hosts_and_not_too_many() {
    let ca = ca();
    let csr = request(&KeyPair::generate().unwrap());
    let sign = |names: &[HostName]| ca.sign_leaf(&csr, device(), names, NOW, WEEK);
    assert_eq!(sign(&[]).unwrap_err(), Error::Hosts { given: 0 });
    let many: Vec<HostName> = (0..=MAX_HOSTS)
        .map(|n| format!("h{n}.example.com").parse().unwrap())
        .collect();
    assert_eq!(sign(&many).unwrap_err(), Error::Hosts { given: 501 });
    let most = sign(&many[..MAX_HOSTS]).unwrap();
    assert!(accepts(&ca, &most, "x.h499.example.com", SECONDS));
    assert!(ders(&most.chain_pem)[0].len() < 40_000);
    let twice = hosts(&["a.example", "A.example", "b.a.example"]);
    assert!(sign(&twice).is_ok());
}
