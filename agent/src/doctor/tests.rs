//! Real clients against a CA of the test's, trusted by a private bundle and not.

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use tidegate_types::Secret;

use super::*;

const HOST: &str = "api.example.com";

struct Rig {
    examiner: Examiner,
    listener: Listener,
    files: scripts::Files,
    folder: tempfile::TempDir,
    bundle: PathBuf,
    other: PathBuf,
}

impl Rig {
    async fn new() -> anyhow::Result<Self> {
        let (pem, leaf) = certificates()?;
        let folder = tempfile::tempdir()?;
        let bundle = folder.path().join("bundle.pem");
        std::fs::write(&bundle, &pem)?;
        let other = folder.path().join("other.pem");
        std::fs::write(&other, certificates()?.0)?;
        Ok(Self {
            examiner: Examiner {
                host: HOST.into(),
                ca: Ca::from_pem(&pem)?,
                has_variables: true,
            },
            listener: Listener::bind(&leaf).await?,
            files: scripts::Files::for_host(HOST)?,
            folder,
            bundle,
            other,
        })
    }

    async fn ask(&self, client: &str, variables: &[(&str, &Path)]) -> Tested {
        let found = clients::PROBES.iter().find(|probe| probe.client == client);
        let probe = found.unwrap_or_else(|| panic!("no probe of {client}"));
        let trust = variables
            .iter()
            .map(|(name, path)| ((*name).to_owned(), path.to_string_lossy().into_owned()));
        let surroundings = Surroundings {
            path: std::env::var_os("PATH").unwrap_or_else(|| PATH.into()),
            home: self.folder.path().into(),
            person: "root".into(),
            trust: trust.collect(),
        };
        let (listener, folder) = (&self.listener, &self.files.0);
        self.examiner
            .client(probe, listener, folder, &surroundings)
            .await
    }
}

/// A CA's PEM, and a leaf that it issued.
fn certificates() -> anyhow::Result<(String, LeafFiles)> {
    let mut parameters = CertificateParams::new(Vec::new())?;
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    parameters
        .distinguished_name
        .push(DnType::CommonName, "Doctor's CA");
    let key = KeyPair::generate()?;
    let pem = parameters.self_signed(&key)?.pem();
    let issuer = Issuer::new(parameters, key);
    let key = KeyPair::generate()?;
    let leaf = CertificateParams::new(vec![HOST.to_owned()])?.signed_by(&key, &issuer)?;
    Ok((
        pem,
        LeafFiles {
            certificate: leaf.pem(),
            key: Secret::new(key.serialize_pem()),
            ca: None,
        },
    ))
}

#[tokio::test]
async fn curl_and_openssl_trust_by_a_bundle_and_not_without() -> anyhow::Result<()> {
    let rig = Rig::new().await?;
    for client in ["curl", "openssl s_client"] {
        let with = rig.ask(client, &[("SSL_CERT_FILE", &rig.bundle)]).await;
        assert_eq!(with.verdict, Verdict::Trusts, "{with:?}");
        assert_eq!(with.todo, None);
        let without = rig.ask(client, &[]).await;
        assert_eq!(without.verdict, Verdict::DoesNotTrust, "{without:?}");
        let todo = without.todo.unwrap_or_default();
        assert!(todo.contains("trust install"), "{todo}");
        let other = rig.ask(client, &[("SSL_CERT_FILE", &rig.other)]).await;
        assert_eq!(other.verdict, Verdict::DoesNotTrust, "{other:?}");
        let todo = other.todo.unwrap_or_default();
        assert!(todo.contains("does not hold our CA"), "{todo}");
    }
    Ok(())
}

#[tokio::test]
async fn every_other_client_that_is_here_tells_the_two_apart() -> anyhow::Result<()> {
    let rig = Rig::new().await?;
    for (client, variable) in [
        ("git", "GIT_SSL_CAINFO"),
        ("python3 (ssl)", "SSL_CERT_FILE"),
        ("python3 (requests)", "REQUESTS_CA_BUNDLE"),
        ("python3 (httpx)", "SSL_CERT_FILE"),
        ("node", "NODE_EXTRA_CA_CERTS"),
    ] {
        let with = rig.ask(client, &[(variable, &rig.bundle)]).await;
        if matches!(with.verdict, Verdict::NotInstalled | Verdict::CannotTell) {
            eprintln!("SKIPPED: {client}: {with:?}");
            continue;
        }
        assert_eq!(with.verdict, Verdict::Trusts, "{with:?}");
        let without = rig.ask(client, &[]).await;
        assert_eq!(without.verdict, Verdict::DoesNotTrust, "{without:?}");
    }
    Ok(())
}

#[tokio::test]
async fn clients_without_a_variable_refuse_a_ca_that_no_store_holds() -> anyhow::Result<()> {
    let rig = Rig::new().await?;
    for client in ["wget", "java"] {
        let tested = rig.ask(client, &[]).await;
        if matches!(tested.verdict, Verdict::NotInstalled | Verdict::CannotTell) {
            eprintln!("SKIPPED: {client}: {tested:?}");
            continue;
        }
        assert_eq!(tested.verdict, Verdict::DoesNotTrust, "{tested:?}");
    }
    Ok(())
}

#[test]
fn a_ca_that_nobody_signed_is_said_once_there_is_one() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let state = State::open(dir.path())?;
    assert!(!is_unsigned(&state), "not enrolled yet");
    state.keep_ca("ca")?;
    assert!(is_unsigned(&state));
    state.keep_ca_signature(Some("c2lnbmVk"))?;
    assert!(!is_unsigned(&state));
    Ok(())
}
