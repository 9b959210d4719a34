//! Tokens are fetched from stand-in endpoints over real sockets, as each way asks for them.

use std::sync::Mutex;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::signature::{KeyPair, RSA_PKCS1_2048_8192_SHA256, RsaKeyPair, UnparsedPublicKey};
use rustls::pki_types::{PrivatePkcs8KeyDer, pem::PemObject};
use serde_json::{Value, json};
use tidegate_types::{ManualClock, SystemClock};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use super::*;

const KEY: &str = include_str!("../../../crates/gateway/authority/tests/data/rsa-2048.key.pem");

/// A token endpoint: keeps what it was asked, and gives its answers one after the other, the last one for ever.
struct Endpoint {
    url: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Endpoint {
    async fn start(answers: Vec<(u16, String)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let noted = Arc::clone(&asked);
        tokio::spawn(async move {
            for at in 0.. {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut read = Vec::new();
                while !whole_request(&read) {
                    stream.read_buf(&mut read).await.unwrap();
                }
                noted.lock().unwrap().push(String::from_utf8(read).unwrap());
                let (status, body) = answers.get(at).or(answers.last()).unwrap();
                let head = format!(
                    "HTTP/1.1 {status} x\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                    body.len()
                );
                stream.write_all(head.as_bytes()).await.unwrap();
            }
        });
        Self { url, asked }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

fn whole_request(read: &[u8]) -> bool {
    let text = String::from_utf8_lossy(read);
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head.lines().find_map(|line| {
        let line = line.to_ascii_lowercase();
        line.strip_prefix("content-length: ")?.parse::<usize>().ok()
    });
    body.len() >= length.unwrap_or(0)
}

fn granting(token: &str) -> (u16, String) {
    let answer = json!({"access_token": token, "token_type": "Bearer", "expires_in": 3599});
    (200, answer.to_string())
}

/// A form's fields, decoded.
fn form(asked: &str) -> std::collections::HashMap<String, String> {
    let (_, body) = asked.split_once("\r\n\r\n").unwrap();
    url::form_urlencoded::parse(body.as_bytes())
        .into_owned()
        .collect()
}

async fn fetched(grant: Grant) -> anyhow::Result<(String, u64)> {
    let client = Client::trusting(None)?;
    let granted = grant.fetch(&client, SystemClock::default().now()).await?;
    Ok((granted.token.expose().clone(), granted.holds.as_secs()))
}

#[tokio::test]
async fn an_entra_app_asks_with_its_secret() {
    let endpoint = Endpoint::start(vec![granting("entra-token")]).await;
    let app = Entra {
        authority: endpoint.url.clone(),
        tenant: "contoso".to_owned(),
        client_id: "app".to_owned(),
        client_secret: Secret::new("s&cret".to_owned()),
        scope: "https://ai.azure.com/.default".to_owned(),
    };
    assert!(!format!("{app:?}").contains("s&cret"));
    assert_eq!(
        fetched(Grant::Entra(app)).await.unwrap(),
        ("entra-token".to_owned(), 3599)
    );
    let asked = &endpoint.asked()[0];
    assert!(
        asked.starts_with("POST /contoso/oauth2/v2.0/token "),
        "{asked}"
    );
    let form = form(asked);
    assert_eq!(form["grant_type"], "client_credentials");
    assert_eq!(form["client_secret"], "s&cret");
    assert_eq!(form["scope"], "https://ai.azure.com/.default");
}

#[tokio::test]
async fn a_service_account_signs_who_it_is() {
    let endpoint = Endpoint::start(vec![granting("google-token")]).await;
    let file = json!({
        "type": "service_account", "client_email": "gw@p.iam.gserviceaccount.com",
        "private_key": KEY, "private_key_id": "k1", "token_uri": format!("{}/token", endpoint.url),
    });
    let google = Google::parse(&file.to_string()).unwrap();
    assert!(!format!("{google:?}").contains("PRIVATE"));
    assert_eq!(
        fetched(Grant::Google(google)).await.unwrap().0,
        "google-token"
    );
    let form = form(&endpoint.asked()[0]);
    assert_eq!(
        form["grant_type"],
        "urn:ietf:params:oauth:grant-type:jwt-bearer"
    );
    let (signed, signature) = form["assertion"].rsplit_once('.').unwrap();
    let der = PrivatePkcs8KeyDer::from_pem_slice(KEY.as_bytes()).unwrap();
    let pair = RsaKeyPair::from_pkcs8(der.secret_pkcs8_der()).unwrap();
    UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, pair.public_key().as_ref())
        .verify(
            signed.as_bytes(),
            &URL_SAFE_NO_PAD.decode(signature).unwrap(),
        )
        .unwrap();
    let (head, claims) = signed.split_once('.').unwrap();
    let part = |text: &str| -> Value {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).unwrap()).unwrap()
    };
    assert_eq!(
        part(head),
        json!({"alg": "RS256", "typ": "JWT", "kid": "k1"})
    );
    let claims = part(claims);
    assert_eq!(claims["iss"], "gw@p.iam.gserviceaccount.com");
    assert_eq!(claims["aud"], format!("{}/token", endpoint.url));
    assert_eq!(
        claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(),
        3600
    );
}

#[tokio::test]
async fn an_external_account_is_exchanged_and_acts_as_a_service_account() {
    let ends = SystemClock::default().now().plus(Duration::from_secs(1800));
    let answers = vec![
        (200, json!({"id_token": "subject"}).to_string()),
        granting("federated"),
        (
            200,
            json!({"accessToken": "acting", "expireTime": ends.to_string()}).to_string(),
        ),
    ];
    let endpoint = Endpoint::start(answers).await;
    let url = &endpoint.url;
    let file = json!({
        "type": "external_account", "audience": "//iam.googleapis.com/pool",
        "subject_token_type": "urn:ietf:params:oauth:token-type:jwt", "token_url": format!("{url}/v1/token"),
        "service_account_impersonation_url": format!("{url}/v1/sa:generateAccessToken"),
        "credential_source": {"url": format!("{url}/subject"), "headers": {"metadata": "true"},
            "format": {"type": "json", "subject_token_field_name": "id_token"}},
    });
    let google = Google::parse(&file.to_string()).unwrap();
    let (token, holds) = fetched(Grant::Google(google)).await.unwrap();
    assert_eq!(token, "acting");
    assert!((1700..=1800).contains(&holds), "{holds}");
    let asked = endpoint.asked();
    assert!(asked[0].starts_with("GET /subject ") && asked[0].contains("metadata: true"));
    assert_eq!(form(&asked[1])["subject_token"], "subject");
    assert_eq!(form(&asked[1])["audience"], "//iam.googleapis.com/pool");
    assert!(
        asked[2].contains("authorization: Bearer federated"),
        "{}",
        asked[2]
    );
}

#[tokio::test]
async fn a_subject_in_a_file_and_the_machines_own_account() {
    let endpoint = Endpoint::start(vec![granting("token")]).await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("subject");
    std::fs::write(&path, "from-file\n").unwrap();
    let file = json!({
        "type": "external_account", "audience": "a", "subject_token_type": "t",
        "token_url": format!("{}/v1/token", endpoint.url), "credential_source": {"file": path},
    });
    let google = Google::parse(&file.to_string()).unwrap();
    assert_eq!(fetched(Grant::Google(google)).await.unwrap().0, "token");
    assert_eq!(form(&endpoint.asked()[0])["subject_token"], "from-file");
    let machine = Google::metadata(Some(endpoint.url.clone()));
    assert_eq!(fetched(Grant::Google(machine)).await.unwrap().0, "token");
    let asked = endpoint.asked().pop().unwrap();
    assert!(
        asked.contains("/instance/service-accounts/default/token "),
        "{asked}"
    );
    assert!(asked.contains("metadata-flavor: Google"), "{asked}");
}

#[test]
fn files_that_are_none_say_why_and_repeat_no_secret() {
    let secret =
        json!({"type": "service_account", "client_email": "e", "private_key": "very-secret"});
    let plain = json!({"type": "external_account", "audience": "a", "subject_token_type": "t",
        "token_url": "http://sts.example.com", "credential_source": {"file": "f"}});
    for (file, why) in [
        ("{}".to_owned(), "no known kind"),
        ("very-secret".to_owned(), "no known kind"),
        (secret.to_string(), "no RSA key"),
        (plain.to_string(), "not https"),
        (
            r#"{"type":"external_account"}"#.to_owned(),
            "no external account",
        ),
    ] {
        let error = Google::parse(&file).unwrap_err().to_string();
        assert!(
            error.contains(why) && !error.contains("very-secret"),
            "{error}"
        );
    }
    for (url, safe) in [
        ("https://x", true),
        ("http://127.0.0.1:1/x", true),
        ("http://localhost.example.com", false),
        ("http://x", false),
        ("", false),
    ] {
        assert_eq!(is_safe(url), safe, "{url}");
    }
}

#[tokio::test]
async fn answers_without_a_token_are_failures_that_repeat_nothing() {
    for answer in [
        (401, r#"{"error":"very-secret"}"#),
        (200, "very-secret"),
        (200, r#"{"access_token":"","expires_in":1}"#),
        (200, r#"{"access_token":"very-secret","expires_in":0}"#),
    ] {
        let endpoint = Endpoint::start(vec![(answer.0, answer.1.to_owned())]).await;
        let error = fetched(Grant::Google(Google::metadata(Some(endpoint.url)))).await;
        let error = format!("{:#}", error.unwrap_err());
        assert!(!error.contains("very-secret"), "{error}");
    }
}

#[tokio::test]
async fn a_token_is_put_in_force_and_the_last_good_one_stays() {
    let endpoint = Endpoint::start(vec![granting("first"), (503, String::new())]).await;
    let grant = Arc::new(Grant::Google(Google::metadata(Some(endpoint.url))));
    let kept = Kept::new("p".parse().unwrap(), grant, None).unwrap();
    let now = SystemClock::default().now();
    assert!(!kept.token.is_held());
    assert_eq!(kept.renew(now).await.unwrap().as_secs(), 3599);
    assert!(kept.token.is_held());
    assert!(kept.renew(now).await.is_err());
    assert!(kept.token.is_held());
}

#[test]
fn renewals_come_ahead_of_the_end_and_retries_slow_down() {
    let clock = ManualClock::at(Timestamp::from_micros(0));
    let mut pace = Pace::default();
    let wait = pace.renewed(&clock, Duration::from_secs(1000));
    assert!((700..=800).contains(&wait.as_secs()), "{wait:?}");
    let mut last = Duration::ZERO;
    for _ in 0..3 {
        let wait = pace.failed();
        assert!(wait > last, "{wait:?}");
        last = wait;
    }
    for _ in 0..20 {
        assert!(pace.failed() <= RETRY_MOST.mul_f64(1.2));
    }
    assert!(!pace.over(&clock));
    clock.advance(Duration::from_secs(1001));
    assert!(pace.over(&clock));
}
