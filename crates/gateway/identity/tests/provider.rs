//! Providers that are broken, slow, large or elsewhere than they say: over real sockets, each refused in
//! bounded time and memory.
#![allow(clippy::unwrap_used, reason = "tests may panic")]

use std::{sync::Arc, time::Duration};

use serde_json::json;
use tidegate_identity::{
    Algorithm, Client, ClientAuth, EmailRule, Findings, IdentityError, Issuer, Now, Provider,
    RelyingParty,
};
use tidegate_types::{Mono, Timestamp};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpListener,
};
use tokio_rustls::TlsAcceptor;

/// What is sent back to a request for this path; `None` says nothing, for ever.
type Answers = Arc<dyn Fn(&str, &str) -> Option<Vec<u8>> + Send + Sync>;

fn provider(issuer: &str) -> Provider {
    Provider {
        issuer: Issuer::parse(issuer).unwrap(),
        client_id: "tidegate".into(),
        auth: ClientAuth::Public,
        scopes: vec!["email".into()],
        groups: "groups".parse().unwrap(),
        email: EmailRule::Verified,
    }
}

fn now() -> Now {
    Now {
        wall: Timestamp::from_micros(0),
        mono: Mono(1),
    }
}

fn http(status: &str, body: &[u8]) -> Option<Vec<u8>> {
    let length = body.len();
    let mut answer = format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\n\r\n").into_bytes();
    answer.extend_from_slice(body);
    Some(answer)
}

fn description(issuer: &str) -> Vec<u8> {
    let document = json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/auth"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/jwks"),
        "id_token_signing_alg_values_supported": ["RS256"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["none"],
    });
    document.to_string().into_bytes()
}

/// Two public keys.
fn keys() -> Vec<u8> {
    include_bytes!("../src/jws/rsa.json").to_vec()
}

async fn answer(mut stream: impl AsyncRead + AsyncWrite + Unpin, issuer: &str, answers: &Answers) {
    let mut head = Vec::new();
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        match stream.read_buf(&mut head).await {
            Ok(n) if n > 0 => {}
            _ => return,
        }
    }
    let head = String::from_utf8_lossy(&head);
    let path = head.split(' ').nth(1).unwrap();
    match answers(path, issuer) {
        // The other side may have hung up in the middle, which is what some of these tests want.
        Some(bytes) => drop(stream.write_all(&bytes).await),
        None => std::future::pending().await,
    }
}

/// A provider on this machine; its issuer.
async fn serve(answers: impl Fn(&str, &str) -> Option<Vec<u8>> + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let issuer = format!("http://{}", listener.local_addr().unwrap());
    let (own, answers): (_, Answers) = (issuer.clone(), Arc::new(answers));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (own, answers) = (own.clone(), Arc::clone(&answers));
            tokio::spawn(async move { answer(stream, &own, &answers).await });
        }
    });
    issuer
}

async fn test(issuer: &str) -> Result<Findings, IdentityError> {
    let client = Client::with_roots([]).unwrap();
    let client = client.with_patience(Duration::from_millis(500));
    RelyingParty::new(client)
        .test(&provider(issuer), now())
        .await
}

fn is_description(path: &str) -> bool {
    path == "/.well-known/openid-configuration"
}

#[tokio::test]
async fn a_provider_as_it_should_be_is_found_usable() {
    let issuer = serve(|path, issuer| match path {
        path if is_description(path) => http("200 OK", &description(issuer)),
        "/jwks" => http("200 OK", &keys()),
        _ => http("404 Not Found", b""),
    })
    .await;
    let found = test(&issuer).await.unwrap();
    assert_eq!((found.keys, found.algorithms), (2, vec![Algorithm::Rs256]));
    assert!(found.pkce && found.accepts_auth && !found.names_itself);
    assert_eq!(found.token_endpoint, format!("{issuer}/token"));
}

#[tokio::test]
async fn what_is_too_long_garbage_or_refused_is_unusable() {
    let long = || vec![b' '; 1024 * 1024 + 1];
    type Broken = Box<dyn Fn() -> Option<Vec<u8>> + Send + Sync>;
    let broken: [Broken; 7] = [
        Box::new(move || http("200 OK", &long())),
        Box::new(|| http("200 OK", b"<html>sign in to the network</html>")),
        Box::new(|| http("200 OK", &[0xff; 100])),
        Box::new(|| http("200 OK", b"[]")),
        Box::new(|| http("500 Internal Server Error", b"{}")),
        Box::new(|| {
            let moved = "HTTP/1.1 302 Found\r\nlocation: http://169.254.169.254/\r\n\r\n";
            Some(moved.as_bytes().to_vec())
        }),
        Box::new(move || {
            let head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n200000\r\n";
            let mut endless = head.to_vec();
            endless.extend(vec![b' '; 0x20_0000]);
            Some(endless)
        }),
    ];
    for (at, broken) in broken.into_iter().enumerate() {
        let broken = Arc::new(broken);
        let whole = Arc::clone(&broken);
        let issuer = serve(move |_, _| whole()).await;
        let error = test(&issuer).await.unwrap_err();
        assert!(
            matches!(
                error,
                IdentityError::Unusable {
                    what: "description",
                    ..
                }
            ),
            "{at}: {error}"
        );
        let issuer = serve(move |path, issuer| match path {
            path if is_description(path) => http("200 OK", &description(issuer)),
            _ => broken(),
        })
        .await;
        let error = test(&issuer).await.unwrap_err();
        assert!(
            matches!(
                error,
                IdentityError::Unusable {
                    what: "key set",
                    ..
                }
            ),
            "{at}: {error}"
        );
    }
}

#[tokio::test]
async fn who_says_nothing_or_is_not_there_is_not_waited_for() {
    let silent = serve(|_, _| None).await;
    let slow_keys = serve(|path, issuer| {
        is_description(path).then(|| http("200 OK", &description(issuer)).unwrap())
    })
    .await;
    let half = serve(|_, _| Some(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{".to_vec())).await;
    let gone = {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    };
    for issuer in [silent, slow_keys, half, gone] {
        let error = test(&issuer).await.unwrap_err();
        assert!(
            matches!(error, IdentityError::Unreachable { .. }),
            "{error}"
        );
    }
}

#[tokio::test]
async fn a_description_of_another_issuer_is_refused() {
    let issuer = serve(|_, issuer| http("200 OK", &description(&format!("{issuer}/other")))).await;
    assert_eq!(
        test(&issuer).await,
        Err(IdentityError::WrongIssuer("description"))
    );
}

#[tokio::test]
async fn tls_is_checked_against_the_roots_that_were_given() {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let certificate = made.cert.der().clone();
    let key = made.signing_key.serialize_der().try_into().unwrap();
    let crypto = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(crypto)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.clone()], key)
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let issuer = format!("https://localhost:{port}");
    let own = issuer.clone();
    let answers: Answers = Arc::new(|path: &str, issuer: &str| match path {
        path if is_description(path) => http("200 OK", &description(issuer)),
        _ => http("200 OK", &keys()),
    });
    tokio::spawn(async move {
        let acceptor = TlsAcceptor::from(Arc::new(config));
        while let Ok((stream, _)) = listener.accept().await {
            if let Ok(stream) = acceptor.accept(stream).await {
                answer(stream, &own, &answers).await;
            }
        }
    });
    let trusting = RelyingParty::new(Client::with_roots([certificate]).unwrap());
    assert!(trusting.test(&provider(&issuer), now()).await.is_ok());
    let error = test(&issuer).await.unwrap_err();
    assert!(error.to_string().contains("TLS"), "{error}");
    let folder = tempfile::tempdir().unwrap();
    let bundle = folder.path().join("ca.pem");
    std::fs::write(&bundle, made.cert.pem()).unwrap();
    let of_file = RelyingParty::new(Client::with_roots_of(&bundle).unwrap());
    assert!(of_file.test(&provider(&issuer), now()).await.is_ok());
    for empty in ["", "no certificate"] {
        std::fs::write(&bundle, empty).unwrap();
        assert!(
            Client::with_roots_of(&bundle).is_err(),
            "else nothing would be trusted"
        );
    }
    assert!(Client::with_roots_of(folder.path()).is_err());
    let elsewhere = format!("https://127.0.0.1:{port}");
    let error = trusting
        .test(&provider(&elsewhere), now())
        .await
        .unwrap_err();
    assert!(error.to_string().contains("TLS"), "another name: {error}");
}
