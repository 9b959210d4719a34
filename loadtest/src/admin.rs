//! An administrator of a gateway that a load tool started.

use std::{net::SocketAddr, process::Command};

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use crate::connection::Connection;

const EMAIL: &str = "load@example.com";

/// An administrator.
#[derive(Debug, Clone)]
pub(crate) struct Admin {
    pub(crate) address: SocketAddr,
    pub(crate) token: String,
}

impl Admin {
    /// Makes one by a gateway's own command line, given how its commands are made of their words: the one-time password.
    pub(crate) fn create(command: impl FnOnce(&[&str]) -> Result<Command>) -> Result<String> {
        let made = command(&["admin", "create", "--email", EMAIL])?
            .output()
            .context("cannot run the gateway's binary")?;
        ensure!(
            made.status.success(),
            "admin create: {}",
            String::from_utf8_lossy(&made.stderr)
        );
        let said = String::from_utf8_lossy(&made.stdout);
        let once = said.lines().last().context("no password was printed")?;
        Ok(once.trim().to_owned())
    }

    /// Signs in with a one-time password.
    pub(crate) async fn sign_in(address: SocketAddr, once: &str) -> Result<Self> {
        let body = json!({
            "email": EMAIL, "password": once, "new_password": "loaded horse battery",
        });
        let nobody = Self {
            address,
            token: String::new(),
        };
        let made = nobody.call("POST", "/sessions", &body).await?;
        let token = made["token"].as_str().context("no session was made")?;
        Ok(Self {
            address,
            token: token.to_owned(),
        })
    }

    /// Calls the admin API.
    pub(crate) async fn call(&self, method: &str, path: &str, body: &Value) -> Result<Value> {
        let mut connection = Connection::new(self.address);
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        let path = format!("/api/v1{path}");
        let answer = connection
            .call(method, &path, &self.token, body.as_bytes())
            .await
            .with_context(|| format!("{method} {path}"))?;
        let text = String::from_utf8_lossy(&answer.body);
        ensure!(
            (200..300).contains(&answer.status),
            "{method} {path}: {} {text}",
            answer.status
        );
        if answer.body.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&answer.body).context("the answer is no JSON")
    }
}
