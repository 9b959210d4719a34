//! The organisation's authority over its devices, put together: the key that seals its private keys,
//! and the work behind it.

use std::{
    io::Write,
    net::SocketAddr,
    os::unix::fs::OpenOptionsExt,
    path::Path,
    sync::{Arc, Weak},
    time::Duration,
};

use anyhow::{Context, ensure};
use tidegate_authority::SealKey;
use tidegate_control::{Edge, EdgeConfig};
use tidegate_store::Store;
use tidegate_types::Clock;
use tokio::sync::watch;

use crate::config::Config;

/// How often what check-ins gathered is written.
const FLUSH: Duration = Duration::from_secs(60);

/// Opens the authority; makes it at the first start.
pub(super) async fn open(
    config: &Config,
    data: SocketAddr,
    store: &Store,
    clock: &Arc<dyn Clock>,
) -> anyhow::Result<Arc<Edge>> {
    let path = &config.edge.seal_key;
    let seal = seal_key(path).with_context(|| format!("edge.seal_key {}", path.display()))?;
    let scheme = if config.listen.data_tls.is_some() {
        "https"
    } else {
        "http"
    };
    let own = format!("{scheme}://{data}");
    let relay_url = config.edge.relay_url.clone().unwrap_or(own);
    let edge = EdgeConfig::new(config.edge.organisation.clone(), relay_url, seal);
    Edge::open(store.clone(), Arc::clone(clock), edge)
        .await
        .context("the organisation's authority cannot be opened")
}

/// Reads the key (64 hexadecimal digits), or makes the file where there is none. The file and the
/// database are kept apart: either alone says nothing.
fn seal_key(path: &Path) -> anyhow::Result<SealKey> {
    match std::fs::read_to_string(path) {
        Ok(text) => {
            let text = text.trim().as_bytes();
            ensure!(text.len() == 64, "must hold 64 hexadecimal digits");
            let mut bytes = [0; 32];
            for (byte, pair) in bytes.iter_mut().zip(text.chunks_exact(2)) {
                let pair = std::str::from_utf8(pair)?;
                *byte = u8::from_str_radix(pair, 16)
                    .map_err(|_| anyhow::anyhow!("must hold 64 hexadecimal digits"))?;
            }
            Ok(SealKey::from_bytes(bytes))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let key = SealKey::generate()?;
            let mut file = std::fs::OpenOptions::new()
                .write(true)
                .create_new(true)
                .mode(0o600)
                .open(path)?;
            let text: String = key
                .expose()
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect();
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            tracing::info!(path = %path.display(), "made the key that seals the organisation's keys");
            Ok(key)
        }
        Err(error) => Err(error.into()),
    }
}

/// Writes what check-ins gathered, and at shutdown lets those that wait go.
pub(super) async fn keep(edge: Weak<Edge>, mut shutdown: watch::Receiver<bool>) {
    loop {
        let down = tokio::select! {
            () = tokio::time::sleep(FLUSH) => false,
            _ = shutdown.wait_for(|&down| down) => true,
        };
        let Some(edge) = edge.upgrade() else {
            return;
        };
        if down {
            edge.close();
        }
        if let Err(error) = edge.flush().await {
            tracing::warn!(%error, "what devices reported waits to be written");
        }
        if down {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn the_seal_key_is_made_once_and_for_its_owner_only() -> anyhow::Result<()> {
        let dir = tempfile::tempdir()?;
        let path = dir.path().join("seal.key");
        let made = seal_key(&path)?;
        assert_eq!(std::fs::metadata(&path)?.permissions().mode() & 0o077, 0);
        assert_eq!(seal_key(&path)?.expose(), made.expose());
        std::fs::write(&path, "short")?;
        assert!(seal_key(&path).is_err());
        std::fs::write(&path, "x".repeat(64))?;
        assert!(seal_key(&path).is_err());
        Ok(())
    }
}
