//! Sends alerts: by webhook, to a chat, by syslog.

use std::{fmt, time::Duration};

use bytes::Bytes;
use http::{HeaderName, HeaderValue, header};
use tidegate_engines::{Request, sign};
use tidegate_types::Secret;
use tokio::{
    io::AsyncWriteExt,
    net::{TcpStream, UdpSocket},
    time::{sleep, timeout},
};

use super::{Alert, say};
use crate::{
    config::{AlertConfig, AlertTo},
    services::Client,
};

/// How long one try may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long to wait before each further try.
const AGAIN: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(4)];

/// All who are told.
#[derive(Debug)]
pub(crate) struct Senders {
    all: Vec<(AlertTo, Client)>,
    host: String,
}

impl Senders {
    /// # Errors
    /// A CA bundle cannot be used.
    pub(super) fn new(configs: &[AlertConfig]) -> anyhow::Result<Self> {
        let all = configs.iter().map(|config| {
            let client = Client::trusting(config.ca.as_deref())?;
            anyhow::Ok((config.to.clone(), client))
        });
        let host = std::fs::read_to_string("/etc/hostname").unwrap_or_default();
        Ok(Self {
            all: all.collect::<anyhow::Result<_>>()?,
            host: host.trim().to_owned(),
        })
    }

    /// Tells all of them, at the same time, and tries again where it fails.
    pub(super) async fn send(&self, alert: &Alert) {
        let all = self.all.iter().map(|(to, client)| async move {
            for wait in AGAIN.into_iter().map(Some).chain([None]) {
                let sent = timeout(PATIENCE, one(to, client, alert, &self.host)).await;
                let error = match sent {
                    Ok(Ok(())) => return,
                    Ok(Err(error)) => error.to_string(),
                    Err(_) => "no answer in time".to_owned(),
                };
                match wait {
                    Some(wait) => sleep(wait).await,
                    None => tracing::error!(error, to = %Shown(to), "an alert could not be sent"),
                }
            }
        });
        futures::future::join_all(all).await;
    }
}

/// Names who is told, without the secret that a URL may be.
struct Shown<'a>(&'a AlertTo);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            AlertTo::Webhook { .. } => "webhook",
            AlertTo::Slack { .. } => "slack",
            AlertTo::Syslog { .. } => "syslog",
        })
    }
}

async fn one(to: &AlertTo, client: &Client, alert: &Alert, host: &str) -> anyhow::Result<()> {
    match to {
        AlertTo::Webhook { url, secret } => {
            let body = Bytes::from(say::json(alert).to_string());
            post(client, url, body, secret.as_ref()).await
        }
        AlertTo::Slack { url } => {
            let body = Bytes::from(say::slack(alert).to_string());
            post(client, url, body, None).await
        }
        AlertTo::Syslog { address, tcp } => syslog(address, *tcp, &say::syslog(alert, host)).await,
    }
}

async fn post(
    client: &Client,
    url: &Secret<String>,
    body: Bytes,
    secret: Option<&Secret<String>>,
) -> anyhow::Result<()> {
    let json = HeaderValue::from_static("application/json");
    let mut headers = vec![(header::CONTENT_TYPE, json)];
    if let Some(secret) = secret {
        let signature = format!("sha256={}", sign(secret, &body));
        let name = HeaderName::from_static("x-tidegate-signature");
        headers.push((name, HeaderValue::from_str(&signature)?));
    }
    let url = url.expose().clone();
    let (status, _) = client.post(Request { url, headers, body }).await?;
    anyhow::ensure!(status.is_success(), "status {}", status.as_u16());
    Ok(())
}

async fn syslog(address: &str, tcp: bool, line: &str) -> anyhow::Result<()> {
    if tcp {
        let mut stream = TcpStream::connect(address).await?;
        let framed = format!("{} {line}", line.len());
        stream.write_all(framed.as_bytes()).await?;
        stream.shutdown().await?;
        return Ok(());
    }
    let mut last = anyhow::anyhow!("{address} does not resolve");
    for peer in tokio::net::lookup_host(address).await? {
        let own = if peer.is_ipv4() {
            "0.0.0.0:0"
        } else {
            "[::]:0"
        };
        let socket = UdpSocket::bind(own).await?;
        match socket.send_to(line.as_bytes(), peer).await {
            Ok(_) => return Ok(()),
            Err(error) => last = error.into(),
        }
    }
    Err(last)
}
