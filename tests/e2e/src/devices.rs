//! Devices: a rig whose governed hosts are one stand-in, and a device that is enrolled with it.

use http::Method;
use tidegate_harness::{Key, Reply, Rig, RigOptions};
use tidegate_loadtest::{Options, StandIn, TlsFiles};
use tidegate_policy::{AppRule, Decision, Mode, Pinned};
use tidegate_store::{Actor, Leaf, Machine, NewDevice, NewEnrolmentToken, NewSecret};
use tidegate_types::{Clock, DeviceId, PlainKey, SystemClock};

/// A rig whose governed hosts are one stand-in with a certificate for their names.
pub(crate) struct Devices {
    pub(crate) rig: Rig,
    pub(crate) home: StandIn,
    pub(crate) id: DeviceId,
    pub(crate) key: Key,
    _files: tempfile::TempDir,
}

impl Devices {
    pub(crate) async fn start() -> anyhow::Result<Self> {
        Self::with(RigOptions::default()).await
    }

    /// With settings of the test's own.
    pub(crate) async fn with(mut options: RigOptions) -> anyhow::Result<Self> {
        let hosts = [
            "api.anthropic.com",
            "api.openai.com",
            "claude.ai",
            "mcp.example.com",
        ];
        let issued = rcgen::generate_simple_self_signed(hosts.map(str::to_owned).to_vec())?;
        let files = tempfile::tempdir()?;
        let (cert, key) = (files.path().join("cert.pem"), files.path().join("key.pem"));
        std::fs::write(&cert, issued.cert.pem())?;
        std::fs::write(&key, issued.signing_key.serialize_pem())?;
        let secure = Options {
            tls: Some(TlsFiles {
                cert: cert.clone(),
                key,
            }),
            ..Options::default()
        };
        let home = StandIn::start("127.0.0.1:0", secure).await?;
        let at = hosts.map(|host| format!("\"{host}={}\"", home.addr));
        let edge = format!("[edge]\nca = {cert:?}\naddresses = [{}]\n", at.join(", "));
        options.config.push_str(&edge);
        let rig = Rig::with(options).await?;
        let (id, key) = enrol(&rig).await?;
        Ok(Self {
            rig,
            home,
            id,
            key,
            _files: files,
        })
    }

    pub(crate) async fn send(
        &self,
        path: &str,
        mode: &str,
        more: &[(&str, &str)],
        body: &str,
    ) -> anyhow::Result<Reply> {
        self.send_as(&self.key, path, mode, more, body).await
    }

    /// As another device, by its key.
    pub(crate) async fn send_as(
        &self,
        key: &Key,
        path: &str,
        mode: &str,
        more: &[(&str, &str)],
        body: &str,
    ) -> anyhow::Result<Reply> {
        let mut headers = vec![
            ("x-tidegate-device-key", key.secret.as_str()),
            ("x-tidegate-app", "claude-code"),
            ("x-tidegate-mode", mode),
            ("x-tidegate-os-user", "ada"),
            ("x-tidegate-process", "/usr/bin/claude%20code"),
            ("x-api-key", "sk-ant-of-the-app"),
            ("content-type", "application/json"),
        ];
        headers.extend_from_slice(more);
        let client = self.rig.client();
        client
            .send(Method::POST, path, &headers, body.to_owned())
            .await
    }

    /// The organisation decides about the app.
    pub(crate) async fn decide(&self, decision: Decision, mode: Mode) -> anyhow::Result<()> {
        let rule = AppRule {
            app: "claude-code".parse()?,
            decision,
            mode,
            pinned: Pinned::Bypass,
            note: Some("not reviewed yet".into()),
        };
        self.rig.store.decide_app(Actor::Cli, rule).await?;
        self.rig.settled().await
    }
}

/// Enrols a device, as the device API would.
pub(crate) async fn enrol(rig: &Rig) -> anyhow::Result<(DeviceId, Key)> {
    let now = SystemClock::default().now();
    let later = now.plus(std::time::Duration::from_secs(3_600));
    let token = PlainKey::generate(PlainKey::ENROLMENT)?;
    let new = NewEnrolmentToken {
        name: "laptops".into(),
        secret: NewSecret::from(&token),
        team: None,
        user: None,
        group: None,
        expires_at: later,
        max_uses: 1,
    };
    rig.store.create_enrolment_token(Actor::Cli, new).await?;
    let plain = PlainKey::generate(PlainKey::DEVICE)?;
    let device = NewDevice {
        id: DeviceId::generate(now),
        token: token.hash(),
        secret: NewSecret::from(&plain),
        machine: Machine {
            hostname: "laptop".into(),
            id_hash: "0".repeat(64),
            os: "linux".into(),
            os_version: "Debian".into(),
            arch: "x86_64".into(),
        },
        agent_version: "0.1.0".into(),
        leaf: Leaf {
            serial: [1; 16],
            expires_at: later,
        },
    };
    let device = rig.store.enrol_device(device).await?;
    rig.settled().await?;
    let key = Key {
        id: device.key,
        secret: plain.expose().to_owned(),
    };
    Ok((device.id, key))
}
