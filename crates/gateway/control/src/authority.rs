//! The organisation's CA: shown, downloaded, replaced. Its private key is never answered.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::header;
use serde::Serialize;
use serde_json::Value;
use tidegate_authority::{AuthorityError, CertificateAuthority};
use tidegate_types::{Secret, Timestamp};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::App,
    audit::hex,
    edge::{Edge, EdgeError},
    extract::Body,
    guard::identity::Admin,
    problem::Problem,
    read::{Read, Reader, read_struct},
};

pub(crate) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(show, replace))
        .routes(routes!(download))
}

/// The organisation's certificate authority. Never its key.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Authority)]
struct AuthorityView {
    /// Its name.
    #[schema(example = "CN=Tidegate Acme CA")]
    name: String,
    /// Its certificate (PEM): what machines have to trust.
    certificate_pem: String,
    /// The SHA-256 of its certificate (DER), in hex.
    fingerprint_sha256: String,
    /// Until when its certificate is valid.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
    /// Since when it is the authority.
    #[schema(value_type = String, format = DateTime)]
    since: Timestamp,
    /// The public key that policies are signed with (Ed25519, base64).
    policy_key: String,
}

impl AuthorityView {
    fn of(edge: &Edge) -> Self {
        let ca = edge.ca();
        Self {
            name: ca.name().to_owned(),
            certificate_pem: ca.certificate_pem().to_owned(),
            fingerprint_sha256: hex(ca.fingerprint()),
            expires_at: ca.not_after(),
            since: edge.ca_since(),
            policy_key: edge.policy_key(),
        }
    }
}

/// A text in PEM. It may be a key, so it is never printed and is wiped when dropped.
#[derive(Debug)]
struct Pem(Secret<String>);

impl Read for Pem {
    fn read(value: Value, at: &mut Reader) -> Option<Self> {
        match value {
            Value::String(text) if text.len() <= 16 * 1024 && text.contains("-----BEGIN ") => {
                Some(Self(Secret::new(text)))
            }
            _ => at.refuse("must be text in PEM of at most 16 KiB"),
        }
    }
}

read_struct! {
    /// A CA certificate and its private key.
    #[derive(Debug, ToSchema)]
    #[serde(deny_unknown_fields)]
    #[schema(as = NewAuthority)]
    struct ReplaceAuthority {
        /// The certificate that signs (PEM), without the chain above it.
        #[schema(value_type = String, max_length = 16_384)]
        certificate_pem: Pem,
        /// Its private key (PEM, PKCS#8, not encrypted): ECDSA P-256 or P-384, or RSA with 2,048 bits
        /// or more. It is sealed and never answered.
        #[schema(value_type = String, format = Password, max_length = 16_384)]
        private_key_pem: Pem,
    }
}

/// Shows the organisation's certificate authority.
#[utoipa::path(get, path = "/edge/authority", tag = "edge", operation_id = "get_authority",
    responses((status = 200, description = "The authority.", body = AuthorityView)))]
async fn show(State(app): State<Arc<App>>) -> Result<Json<AuthorityView>, Problem> {
    Ok(Json(AuthorityView::of(app.edge()?)))
}

/// Downloads the authority's certificate, as machines install it.
#[utoipa::path(get, path = "/edge/authority/certificate", tag = "edge",
    operation_id = "download_authority",
    responses((status = 200, description = "The certificate in PEM.",
        content_type = "application/x-pem-file", body = String)))]
async fn download(State(app): State<Arc<App>>) -> Result<Response, Problem> {
    let pem = app.edge()?.ca().certificate_pem().to_owned();
    let headers = [
        (header::CONTENT_TYPE, "application/x-pem-file"),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"tidegate-ca.pem\"",
        ),
    ];
    Ok((headers, pem).into_response())
}

/// Replaces the certificate authority by one of the organisation's own. Machines have to trust it
/// before their certificates are renewed.
#[utoipa::path(put, path = "/edge/authority", tag = "edge", operation_id = "replace_authority",
    request_body = ReplaceAuthority,
    responses((status = 200, description = "The authority as it is now.", body = AuthorityView)))]
async fn replace(
    State(app): State<Arc<App>>,
    admin: Admin,
    Body(new): Body<ReplaceAuthority>,
) -> Result<Json<AuthorityView>, Problem> {
    let edge = app.edge()?;
    let (certificate, key) = (new.certificate_pem.0, new.private_key_pem.0);
    let ca = CertificateAuthority::from_pem(certificate.expose(), key.expose(), app.clock.now())
        .map_err(|error| match error {
            AuthorityError::Key(_) => Problem::field("/private_key_pem", error.to_string()),
            AuthorityError::Certificate(_) => Problem::field("/certificate_pem", error.to_string()),
            error => Problem::internal(error),
        })?;
    edge.replace_ca(admin.actor(), ca)
        .await
        .map_err(|error| match error {
            EdgeError::Store(error) => error.into(),
            error => Problem::internal(error),
        })?;
    Ok(Json(AuthorityView::of(edge)))
}
