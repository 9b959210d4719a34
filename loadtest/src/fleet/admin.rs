//! What the simulator does as an administrator: it enrols devices, decides, and looks at what is known.

use std::{net::SocketAddr, sync::Arc};

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::{admin::Admin, connection::Connection};

/// One certificate request for all: what is measured is not the making of keys.
const CSR: &str = "-----BEGIN CERTIFICATE REQUEST-----
MIHPMHYCAQAwFDESMBAGA1UEAwwJc2ltdWxhdGVkMFkwEwYHKoZIzj0CAQYIKoZI
zj0DAQcDQgAEg57ALhUQASerHJmqqMyqjU8RZe6wcAn+CQ1bFW2PXGnRuGzpP10r
pB9iDQxVmAjsEyXOBFhzK5SI421aU5pDV6AAMAoGCCqGSM49BAMCA0kAMEYCIQDe
Et2ctpzbGGn8pv+vbpQTEZx025oUbPD2hwfbQM3/yQIhAKtsEHmnD6vebZooRwB1
8dAcFlUuYxjNJs1+JAEmDZsb
-----END CERTIFICATE REQUEST-----
";

/// Enrolments under way at once.
const AT_ONCE: usize = 8;

/// A key, and the machine that it was given to.
#[derive(Debug, Clone)]
pub(super) struct Enrolled {
    pub(super) key: String,
    pub(super) machine: String,
}

impl Admin {
    /// Enrols so many devices through the device API.
    pub(super) async fn enrol(&self, devices: usize) -> Result<Vec<Enrolled>> {
        let mut enrolled = Vec::with_capacity(devices);
        // A token enrols 10,000 devices at most.
        for from in (0..devices).step_by(5_000) {
            let upto = devices.min(from + 5_000);
            let new = json!({
                "name": "simulated", "expires_at": "2035-01-01T00:00:00Z",
                "max_uses": upto - from,
            });
            let made = self.call("POST", "/enrolment-tokens", &new).await?;
            let secret: Arc<str> = made["secret"].as_str().context("no token")?.into();
            let mut tasks = JoinSet::new();
            for lane in 0..AT_ONCE {
                let (address, secret) = (self.address, Arc::clone(&secret));
                tasks.spawn(enrol_some(
                    address,
                    secret,
                    (from + lane..upto).step_by(AT_ONCE),
                ));
            }
            while let Some(some) = tasks.join_next().await {
                enrolled.extend(some??);
            }
        }
        Ok(enrolled)
    }

    /// Denies or approves an app for the fleet; the policy's revision after it.
    pub(super) async fn decide(&self, decision: &str) -> Result<u64> {
        let body = json!({ "items": [{ "app": "cursor" }], "decision": decision });
        let made = self.call("POST", "/edge/decisions", &body).await?;
        made["revision"].as_u64().context("no revision")
    }

    /// How many devices the filters let through.
    pub(super) async fn count(&self, query: &str) -> Result<usize> {
        self.pages(&format!("/devices?limit=200&{query}")).await
    }

    /// How many items a list has.
    pub(super) async fn pages(&self, path: &str) -> Result<usize> {
        let (mut count, mut cursor) = (0, String::new());
        loop {
            let page = self
                .call("GET", &format!("{path}{cursor}"), &Value::Null)
                .await?;
            count += page["items"].as_array().map_or(0, Vec::len);
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return Ok(count),
            }
        }
    }
}

async fn enrol_some(
    address: SocketAddr,
    token: Arc<str>,
    numbers: impl Iterator<Item = usize>,
) -> Result<Vec<Enrolled>> {
    let mut connection = Connection::new(address);
    let mut enrolled = Vec::new();
    for number in numbers {
        let machine = format!("{number:032x}");
        let body = json!({
            "token": &*token, "hostname": format!("sim-{number:05}"),
            "machine_id_hash": machine, "agent_version": "0.2.0", "csr_pem": CSR,
            "platform": { "os": "linux", "os_version": "Simulated 1", "arch": "x86_64" },
        });
        let body = body.to_string();
        let answer = connection
            .call("POST", "/device/v1/enrol", "", body.as_bytes())
            .await?;
        let text = String::from_utf8_lossy(&answer.body);
        ensure!(answer.status == 201, "enrolment: {} {text}", answer.status);
        let made: Value = serde_json::from_slice(&answer.body)?;
        let key = made["device_key"].as_str().context("no key")?;
        enrolled.push(Enrolled {
            key: key.to_owned(),
            machine,
        });
    }
    Ok(enrolled)
}
