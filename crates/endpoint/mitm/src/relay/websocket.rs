//! How apps ask for a WebSocket, and what they are told: by `Upgrade` in HTTP/1.1 (RFC 6455 §4), by an
//! extended CONNECT in HTTP/2 (RFC 8441 §5). Towards the gateway it is always the former.

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, Version, header};
use http_body_util::Empty;
use hyper::{body::Body, ext::Protocol};
use ring::{
    digest,
    rand::{SecureRandom, SystemRandom},
};

use crate::direct::join_cookies;

/// Appended to the key before it is hashed (RFC 6455 §1.3).
const GUID: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const WEBSOCKET: HeaderValue = HeaderValue::from_static("websocket");

/// How an app asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ask {
    /// By `Upgrade`.
    Upgrade,
    /// By an extended CONNECT.
    Connect,
}

/// A handshake for the next hop.
#[derive(Debug)]
pub(super) struct Handshake {
    pub(super) request: Request<Empty<Bytes>>,
    /// What `Sec-WebSocket-Accept` must say. The app checks it itself where the key is its own.
    accept: Option<String>,
}

/// What the other side's answer means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// The protocols have changed.
    Agreed,
    /// An answer as to any other call.
    Declined,
    /// Something that no such request is answered with.
    Nonsense,
}

impl Ask {
    /// How a request asks for a WebSocket; none if it does not. What only looks like it is a call like any
    /// other: a server may pass over `Upgrade` (RFC 9110 §7.8).
    pub(super) fn of<B: Body>(request: &Request<B>) -> Option<Self> {
        let protocol = request.extensions().get::<Protocol>();
        if request.method() == Method::CONNECT {
            return (protocol.map(Protocol::as_str) == Some("websocket")).then_some(Self::Connect);
        }
        let headers = request.headers();
        let asks = request.method() == Method::GET
            && request.version() == Version::HTTP_11
            && has_token(headers, &header::UPGRADE, "websocket")
            && has_token(headers, &header::CONNECTION, "upgrade")
            && headers.contains_key(header::SEC_WEBSOCKET_KEY)
            && request.body().is_end_stream();
        asks.then_some(Self::Upgrade)
    }

    /// The handshake for the next hop, from headers that are its own already. None if no key can be made.
    pub(super) fn handshake(self, mut headers: HeaderMap) -> Option<Handshake> {
        let accept = match self {
            Self::Upgrade => None,
            Self::Connect => {
                let key = new_key()?;
                headers.insert(header::SEC_WEBSOCKET_KEY, HeaderValue::from_str(&key).ok()?);
                let version = HeaderValue::from_static("13");
                headers
                    .entry(header::SEC_WEBSOCKET_VERSION)
                    .or_insert(version);
                Some(accept_of(&key))
            }
        };
        headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
        headers.insert(header::UPGRADE, WEBSOCKET);
        join_cookies(&mut headers);
        let mut request = Request::new(Empty::new());
        *request.headers_mut() = headers;
        Some(Handshake { request, accept })
    }

    /// What the app is told when the next hop has agreed, in headers that are its own already.
    pub(super) fn agreed(self, headers: &mut HeaderMap) -> StatusCode {
        match self {
            Self::Upgrade => {
                headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
                headers.insert(header::UPGRADE, WEBSOCKET);
                StatusCode::SWITCHING_PROTOCOLS
            }
            Self::Connect => {
                headers.remove(header::SEC_WEBSOCKET_ACCEPT);
                StatusCode::OK
            }
        }
    }
}

impl Handshake {
    /// What an answer means. The key that an app made is the app's to check.
    pub(super) fn meaning(&self, status: StatusCode, headers: &HeaderMap) -> Meaning {
        let accepted = || match &self.accept {
            None => true,
            Some(accept) => headers
                .get(header::SEC_WEBSOCKET_ACCEPT)
                .is_some_and(|value| value == accept),
        };
        match status {
            StatusCode::SWITCHING_PROTOCOLS if accepted() => Meaning::Agreed,
            StatusCode::SWITCHING_PROTOCOLS => Meaning::Nonsense,
            // To an extended CONNECT it would say that there is a WebSocket.
            status if status.is_success() && self.accept.is_some() => Meaning::Nonsense,
            _ => Meaning::Declined,
        }
    }
}

fn has_token(headers: &HeaderMap, name: &HeaderName, token: &str) -> bool {
    headers
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|part| part.trim().eq_ignore_ascii_case(token))
}

fn new_key() -> Option<String> {
    let mut nonce = [0; 16];
    SystemRandom::new().fill(&mut nonce).ok()?;
    Some(STANDARD.encode(nonce))
}

/// SHA-1 is what RFC 6455 §4.2.2 asks for; no secret depends on it.
fn accept_of(key: &str) -> String {
    let text = format!("{key}{GUID}");
    STANDARD.encode(digest::digest(
        &digest::SHA1_FOR_LEGACY_USE_ONLY,
        text.as_bytes(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn upgrade() -> http::request::Builder {
        Request::get("/ws")
            .header("connection", "keep-alive, Upgrade")
            .header("upgrade", "WebSocket")
            .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")
    }

    /// The example of RFC 6455 §1.3.
    #[test]
    fn the_accept_is_the_standards() {
        let accept = accept_of("dGhlIHNhbXBsZSBub25jZQ==");
        assert_eq!(accept, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        assert_ne!(new_key(), new_key());
    }

    #[test]
    fn only_a_whole_handshake_asks() {
        let nothing = Empty::<Bytes>::new;
        assert_eq!(
            Ask::of(&upgrade().body(nothing()).unwrap()),
            Some(Ask::Upgrade)
        );
        for without in ["connection", "upgrade", "sec-websocket-key"] {
            let mut request = upgrade().body(nothing()).unwrap();
            request.headers_mut().remove(without);
            assert_eq!(Ask::of(&request), None, "{without}");
        }
        let post = upgrade().method("POST").body(nothing()).unwrap();
        assert_eq!(Ask::of(&post), None);
        let body = http_body_util::Full::new(Bytes::from_static(b"x"));
        assert_eq!(Ask::of(&upgrade().body(body).unwrap()), None);
        let old = upgrade().version(Version::HTTP_10).body(nothing());
        assert_eq!(Ask::of(&old.unwrap()), None);

        let mut connect = Request::connect("https://a.example/ws")
            .body(nothing())
            .unwrap();
        assert_eq!(Ask::of(&connect), None, "a tunnel is no WebSocket");
        let protocol = Protocol::from_static("connect-udp");
        connect.extensions_mut().insert(protocol);
        assert_eq!(Ask::of(&connect), None);
        let protocol = Protocol::from_static("websocket");
        connect.extensions_mut().insert(protocol);
        assert_eq!(Ask::of(&connect), Some(Ask::Connect));
    }

    #[test]
    fn a_connect_becomes_an_upgrade_with_a_key_of_its_own() {
        let mut headers = HeaderMap::new();
        for crumb in ["a=1", "b=2"] {
            headers.append("cookie", HeaderValue::from_static(crumb));
        }
        headers.insert("sec-websocket-key", HeaderValue::from_static("theirs"));
        headers.insert("sec-websocket-protocol", HeaderValue::from_static("chat"));
        let handshake = Ask::Connect.handshake(headers).unwrap();
        let sent = handshake.request.headers();
        assert_eq!(handshake.request.method(), Method::GET);
        assert_eq!(sent["cookie"], "a=1; b=2");
        assert_eq!(sent["sec-websocket-version"], "13");
        assert_eq!(sent["sec-websocket-protocol"], "chat");
        let accept = accept_of(sent["sec-websocket-key"].to_str().unwrap());

        let mut answer = HeaderMap::new();
        let switching = StatusCode::SWITCHING_PROTOCOLS;
        assert_eq!(handshake.meaning(switching, &answer), Meaning::Nonsense);
        answer.insert("sec-websocket-accept", accept.parse().unwrap());
        assert_eq!(handshake.meaning(switching, &answer), Meaning::Agreed);
        assert_eq!(Ask::Connect.agreed(&mut answer), StatusCode::OK);
        assert!(answer.is_empty());
        for (status, meaning) in [
            (StatusCode::OK, Meaning::Nonsense),
            (StatusCode::UPGRADE_REQUIRED, Meaning::Declined),
            (StatusCode::FOUND, Meaning::Declined),
        ] {
            assert_eq!(handshake.meaning(status, &answer), meaning);
        }
    }

    #[test]
    fn an_upgrade_keeps_the_apps_key_and_the_hosts_answer() {
        let request = upgrade().body(Empty::<Bytes>::new()).unwrap();
        let handshake = Ask::Upgrade.handshake(request.headers().clone()).unwrap();
        assert_eq!(
            handshake.request.headers()["sec-websocket-key"],
            "dGhlIHNhbXBsZSBub25jZQ=="
        );
        let mut answer = HeaderMap::new();
        answer.insert("sec-websocket-accept", HeaderValue::from_static("any"));
        let switching = StatusCode::SWITCHING_PROTOCOLS;
        assert_eq!(handshake.meaning(switching, &answer), Meaning::Agreed);
        assert_eq!(
            handshake.meaning(StatusCode::OK, &answer),
            Meaning::Declined
        );
        assert_eq!(Ask::Upgrade.agreed(&mut answer), switching);
        assert_eq!(answer["sec-websocket-accept"], "any");
        assert_eq!(answer["connection"], "Upgrade");
    }
}
