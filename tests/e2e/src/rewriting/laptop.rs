//! A laptop in small: the agent's real proxy in this process, with a fake redirector that hands it
//! connections as the kernel would, and an app that believes it speaks to its provider.

use std::{net::SocketAddr, sync::Arc};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::{
    body::Incoming,
    client::conn::{http1, http2},
};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tidegate_harness::Rig;
use tidegate_mitm::{
    Decider, GatewayConfig, Judged, Leaf, LeafSlot, Parts, Roots, Server, Settings,
};
use tidegate_policy::{AppId, Document, FailMode, HostName, Subject};
use tidegate_redirect::{Loopback, Opener};
use tidegate_types::Secret;
use tokio::{net::TcpStream, task::JoinHandle};
use tokio_rustls::client::TlsStream;

use crate::tls;

/// Where the app believes it is.
pub(crate) const HOST: &str = "api.anthropic.com";

/// Decides as the gateway's first policy does.
struct Rules {
    document: Document,
    app: AppId,
}

impl Decider for Rules {
    fn decide(&self, _: Option<&Opener>, host: Option<&HostName>) -> Judged {
        let app = &self.app;
        Judged {
            verdict: self.document.decide(Subject { app, host }),
            app: app.clone(),
            version: None,
            user: "ada".into(),
            uid: None,
            process: "/usr/bin/claude".into(),
        }
    }

    fn fail(&self) -> FailMode {
        FailMode::Closed
    }

    fn revision(&self) -> u64 {
        self.document.revision
    }
}

/// The agent's proxy, and the authority that its leaf is from.
pub(crate) struct Laptop {
    address: SocketAddr,
    issuer: CertifiedIssuer<'static, KeyPair>,
    serving: JoinHandle<()>,
}

impl Laptop {
    /// Starts the proxy of the device with this key.
    pub(crate) async fn start(rig: &Rig, device_key: &str) -> anyhow::Result<Self> {
        let mut authority = CertificateParams::new(Vec::new())?;
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(authority, KeyPair::generate()?)?;
        let key = KeyPair::generate()?;
        let leaf = CertificateParams::new(vec![HOST.to_owned()])?.signed_by(&key, &issuer)?;
        let slot = Arc::new(LeafSlot::default());
        slot.set(Leaf::from_pem(&leaf.pem(), &key.serialize_pem())?);
        // Nothing must go there: what is not relayed would be refused.
        let nowhere = SocketAddr::from(([127, 0, 0, 1], 1));
        let redirector = Arc::new(Loopback::start(nowhere, None).await?);
        let address = redirector.address()?;
        let document = serde_json::json!({
            "revision": 1, "check_in_seconds": 60, "apps": [],
            "hosts": [{ "host": HOST, "treatment": "governed" }],
        });
        let server = Server::new(Parts {
            redirector,
            decider: Arc::new(Rules {
                document: serde_json::from_value(document)?,
                app: "claude-code".parse()?,
            }),
            observer: Arc::new(()),
            leaf: slot,
            gateway: GatewayConfig {
                url: format!("http://{}", rig.gateway.data).parse()?,
                device_key: Secret::new(device_key.to_owned()),
                roots: Roots::default(),
            },
            roots: Roots::default(),
            settings: Settings::default(),
        })?;
        let serving = tokio::spawn(async move {
            let ended = server.run(std::future::pending()).await;
            assert!(ended.is_ok(), "{ended:?}");
        });
        Ok(Self {
            address,
            issuer,
            serving,
        })
    }

    /// An app's connection to its provider, for this version of HTTP.
    pub(crate) async fn connect(&self, alpn: &str) -> anyhow::Result<TlsStream<TcpStream>> {
        let tls = tls::connect(self.address, HOST, self.issuer.der(), alpn).await?;
        let agreed = tls.get_ref().1.alpn_protocol() == Some(alpn.as_bytes());
        anyhow::ensure!(agreed, "not {alpn}");
        Ok(tls)
    }

    /// The same with HTTP on it.
    pub(super) async fn app(&self, alpn: &str) -> anyhow::Result<App> {
        let io = TokioIo::new(self.connect(alpn).await?);
        Ok(if alpn == "h2" {
            let (sender, driver) = http2::handshake(TokioExecutor::new(), io).await?;
            tokio::spawn(driver);
            App::Two(sender)
        } else {
            let (sender, driver) = http1::handshake(io).await?;
            tokio::spawn(driver);
            App::One(sender)
        })
    }
}

impl Drop for Laptop {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// An app's connection.
pub(super) enum App {
    One(http1::SendRequest<Full<Bytes>>),
    Two(http2::SendRequest<Full<Bytes>>),
}

impl App {
    /// Calls the provider, with the app's own credential.
    pub(super) async fn call(&mut self, body: String) -> anyhow::Result<Response<Incoming>> {
        let path = "/v1/messages";
        let request = Request::post(match self {
            Self::One(_) => path.to_owned(),
            Self::Two(_) => format!("https://{HOST}{path}"),
        });
        let request = request
            .header("x-api-key", "sk-ant-of-the-app")
            .header("anthropic-version", "2023-06-01")
            .header("content-type", "application/json");
        let body = Full::new(body.into());
        Ok(match self {
            Self::One(sender) => {
                sender.ready().await?;
                sender
                    .send_request(request.header("host", HOST).body(body)?)
                    .await?
            }
            Self::Two(sender) => sender.send_request(request.body(body)?).await?,
        })
    }
}
