//! The listener's certificate is replaced while calls come.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use rustls::pki_types::CertificateDer;
use tidegate_harness::{Rig, RigOptions, eventually};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::CHAT;
use crate::{prompts, tls};

/// Another certificate, in place of the one that is there: by renames, key and chain.
fn issue(dir: &Path) -> anyhow::Result<CertificateDer<'static>> {
    let issued = rcgen::generate_simple_self_signed(vec!["gateway.test".into()])?;
    for (name, pem) in [
        ("cert.pem", issued.cert.pem()),
        ("key.pem", issued.signing_key.serialize_pem()),
    ] {
        let next = dir.join(format!("{name}.next"));
        std::fs::write(&next, pem)?;
        std::fs::rename(next, dir.join(name))?;
    }
    Ok(issued.cert.der().clone())
}

/// One call on a connection of its own: whether it was answered, by a gateway with one of these certificates.
async fn call(
    address: std::net::SocketAddr,
    roots: &[CertificateDer<'static>],
    key: &str,
) -> anyhow::Result<usize> {
    let mut found = None;
    for (at, root) in roots.iter().enumerate() {
        if let Ok(tls) = tls::connect(address, "gateway.test", root, "http/1.1").await {
            found = Some((at, tls));
            break;
        }
    }
    let (at, mut tls) = found.ok_or_else(|| anyhow::anyhow!("neither certificate"))?;
    let body = prompts::chat("hi", false);
    let head = format!(
        "POST {CHAT} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {key}\r\ncontent-type: \
         application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    tls.write_all(head.as_bytes()).await?;
    let mut answer = Vec::new();
    tls.read_to_end(&mut answer).await?;
    anyhow::ensure!(
        answer.starts_with(b"HTTP/1.1 200"),
        "{}",
        String::from_utf8_lossy(&answer)
    );
    Ok(at)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_certificate_is_replaced_under_load_and_no_call_fails() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let old = issue(dir.path())?;
    let rig = Rig::with(RigOptions {
        listen: format!(
            "[listen.data_tls]\ncertificate = {:?}\nkey = {:?}\n",
            dir.path().join("cert.pem"),
            dir.path().join("key.pem")
        ),
        ..RigOptions::default()
    })
    .await?;
    let key = rig.key("rotation").await?;
    let before = call(rig.gateway.data, std::slice::from_ref(&old), &key.secret).await?;
    assert_eq!(before, 0);
    let new = issue(dir.path())?;
    let done = Arc::new(AtomicBool::new(false));
    let counts = Arc::new([AtomicU64::new(0), AtomicU64::new(0)]);
    let callers = (0..4).map(|_| {
        let (roots, secret) = ([old.clone(), new.clone()], key.secret.clone());
        let (done, counts) = (Arc::clone(&done), Arc::clone(&counts));
        let address = rig.gateway.data;
        tokio::spawn(async move {
            while !done.load(Ordering::Relaxed) {
                let at = call(address, &roots, &secret).await?;
                counts[at].fetch_add(1, Ordering::Relaxed);
            }
            anyhow::Ok(())
        })
    });
    let callers: Vec<_> = callers.collect();
    let served = |at: usize| counts[at].load(Ordering::Relaxed);
    rig.gateway.reload().await.map_err(anyhow::Error::msg)?;
    eventually("the new certificate is served", || served(1) > 20).await?;
    done.store(true, Ordering::Relaxed);
    for caller in callers {
        caller.await??;
    }
    // What is served now is the new one alone.
    let after = call(rig.gateway.data, &[old, new], &key.secret).await?;
    assert_eq!(after, 1);
    Ok(())
}
