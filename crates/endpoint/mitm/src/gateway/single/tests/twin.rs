//! The same calls and answers by hyper's client: what it writes is written here, and what is taken here is taken
//! there, as the same.

use http::HeaderMap;
use http_body_util::BodyExt;
use hyper::client::conn::http1::Builder;
use hyper_util::rt::TokioIo;
use proptest::prelude::*;

use super::*;
use crate::{direct::join_cookies, gateway::HEADERS, gateway::url::to_origin_form};

/// An answer that was read, its body whole or not.
#[derive(Debug, Clone, PartialEq)]
struct Seen {
    status: StatusCode,
    headers: HeaderMap,
    reason: Option<hyper::ext::ReasonPhrase>,
    body: Option<String>,
    trailers: Option<HeaderMap>,
}

/// Sends a request by hyper's client, and gives the pieces for an answer. What it wrote and read, and whether the
/// connection takes another call.
async fn by_hyper(
    mut request: Request<Full<Bytes>>,
    pieces: &[&[u8]],
    ends: bool,
) -> (String, Option<Seen>, bool) {
    to_origin_form(&mut request);
    *request.version_mut() = http::Version::HTTP_11;
    let length = request.body().size_hint().exact().unwrap();
    let headers = request.headers_mut();
    if headers.contains_key(header::CONTENT_LENGTH) {
        headers.insert(header::CONTENT_LENGTH, length.into());
    }
    join_cookies(headers);
    let (near, far) = duplex(1024 * 1024);
    let (mut sender, driver) = Builder::new()
        .max_header_size(HEADERS as usize)
        .max_headers(fields::MOST)
        .handshake(TokioIo::new(near))
        .await
        .unwrap();
    tokio::spawn(driver);
    let read = async {
        let response = sender.send_request(request).await.ok()?;
        let (head, body) = response.into_parts();
        let body = body.collect().await.ok();
        Some(Seen {
            status: head.status,
            headers: once(head.headers),
            reason: head.extensions.get().cloned(),
            trailers: body.as_ref().and_then(|body| body.trailers().cloned()),
            body: body.map(|body| String::from_utf8_lossy(&body.to_bytes()).into_owned()),
        })
    };
    let (seen, (wrote, _far)) = tokio::join!(read, answering(far, pieces, ends));
    for _ in 0..8 {
        tokio::task::yield_now().await;
    }
    (wrote, seen, sender.is_ready())
}

/// The same by ours.
async fn by_ours(
    request: Request<Full<Bytes>>,
    pieces: &[&[u8]],
    ends: bool,
) -> (String, Option<Seen>, bool) {
    let (near, far) = duplex(1024 * 1024);
    let read = async {
        let answer = single(near).call(request).await.ok()?;
        let (got, single) = read(answer).await;
        let seen = Seen {
            status: got.status,
            headers: once(got.headers),
            reason: got.reason,
            body: got.body.ok(),
            trailers: got.trailers,
        };
        Some((seen, single))
    };
    let (seen, (wrote, _far)) = tokio::join!(read, answering(far, pieces, ends));
    let (seen, idle) = match seen {
        Some((seen, mut single)) => (Some(seen), single.is_idle()),
        None => (None, false),
    };
    (wrote, seen, idle)
}

/// Ours says a length once that an answer says twice, hyper's client as often.
fn once(mut headers: HeaderMap) -> HeaderMap {
    if let Some(once) = headers.get(header::CONTENT_LENGTH).cloned() {
        headers.insert(header::CONTENT_LENGTH, once);
    }
    headers
}

/// Reads what there is of a call, and answers.
async fn answering(
    mut far: DuplexStream,
    pieces: &[&[u8]],
    ends: bool,
) -> (String, Option<DuplexStream>) {
    let mut got = Vec::with_capacity(4096);
    far.read_buf(&mut got).await.unwrap();
    for piece in pieces {
        // The client may have gone.
        let _gone = far.write_all(piece).await.is_err();
        tokio::task::yield_now().await;
    }
    let got = String::from_utf8(got).unwrap();
    (got, (!ends).then_some(far))
}

/// The lines of a head in one order, and its body.
fn sorted(written: &str) -> (Vec<&str>, &str) {
    let (head, body) = written.split_once("\r\n\r\n").unwrap();
    let mut lines: Vec<_> = head.split("\r\n").collect();
    lines[1..].sort_unstable();
    (lines, body)
}

#[tokio::test]
async fn a_call_is_written_as_hyper_writes_it() {
    let at = "http://127.0.0.1:8080/base/edge/api.example/v1/x%2Fy?a=b";
    let relayed = |method: &str| {
        Request::builder()
            .method(method)
            .uri(at)
            .version(http::Version::HTTP_2)
            .header("Accept", "text/event-stream")
            .header("x-api-key", "sk-1")
            .header("x-tidegate-device-key", "the-device-key")
            .header("x-tidegate-app", "claude-code")
    };
    let empty = || Full::from("");
    for request in [
        relayed("GET").body(empty()),
        relayed("HEAD").body(empty()),
        relayed("DELETE").body(empty()),
        relayed("POST").body(empty()),
        relayed("POST").header("content-length", 0).body(empty()),
        relayed("POST")
            .header("content-length", 4)
            .body("body".into()),
        relayed("PUT").body("body".into()),
        relayed("GET")
            .header("content-length", 4)
            .body("body".into()),
        relayed("PATCH")
            .header("content-length", 9)
            .body("body".into()),
        relayed("QUERY").body("body".into()),
        relayed("GET")
            .header("cookie", "a=1")
            .header("x-a", "1")
            .header("cookie", "b=2")
            .header("x-a", "")
            .body(empty()),
        Request::get("http://gateway.example").body(empty()),
    ] {
        let request = request.unwrap();
        let (theirs, _, _) = by_hyper(request.clone(), &[OK], false).await;
        let (ours, _, _) = by_ours(request, &[OK], false).await;
        assert_eq!(sorted(&ours), sorted(&theirs));
    }
}

/// An answer that is one.
fn valid() -> impl Strategy<Value = Vec<u8>> {
    let status = prop::sample::select(vec![
        "200 OK",
        "200 Fine",
        "200",
        "201 Created",
        "204 No Content",
        "304 Not Modified",
        "404 Not Found",
        "413 Content Too Large",
        "500 Internal Server Error",
        "529 Overloaded",
    ]);
    let interim = prop::sample::select(vec![
        "",
        "",
        "HTTP/1.1 100 Continue\r\n\r\n",
        "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n",
    ]);
    let field = "[a-z][a-z-]{0,8}: ?[ -~]{0,20}\r\n";
    let fields = prop::collection::vec(field, 0..4).prop_map(|fields| fields.concat());
    let connection = prop::sample::select(vec![
        "",
        "",
        "connection: close\r\n",
        "Connection: keep-alive, x\r\n",
    ]);
    let version = prop::sample::select(vec!["1.1", "1.1", "1.1", "1.0"]);
    (interim, version, status, fields, connection, body()).prop_map(
        |(interim, version, status, fields, connection, (framing, body))| {
            // Nothing is chunked in HTTP/1.0.
            let chunked = framing.starts_with("Transfer");
            let version = if chunked { "1.1" } else { version };
            let head = format!("{interim}HTTP/{version} {status}\r\n{fields}{connection}");
            (head + &framing + "\r\n" + &body).into_bytes()
        },
    )
}

/// What says how long a body is, and the body.
fn body() -> impl Strategy<Value = (String, String)> {
    let text = "[ -~\r\n]{0,40}";
    let sized = (text, 1..3_usize).prop_map(|(text, times)| {
        let length = format!("content-length: {}\r\n", text.len());
        (length.repeat(times), text)
    });
    let chunk = (
        "[ -~\r\n]{1,40}",
        prop::sample::select(vec!["", "", ";a", ";a=\"b c\"", "; a"]),
    );
    let chunk = chunk.prop_map(|(text, more)| format!("{:x}{more}\r\n{text}\r\n", text.len()));
    let trailers = prop::sample::select(vec!["", "", "x-sum: 1\r\n", "x-a: 1\r\nx-b:\r\n"]);
    let chunks = (prop::collection::vec(chunk, 0..5), trailers).prop_map(|(chunks, trailers)| {
        let body = format!("{}0\r\n{trailers}\r\n", chunks.concat());
        ("Transfer-Encoding: Chunked\r\n".to_owned(), body)
    });
    let open = text.prop_map(|text| (String::new(), text));
    prop_oneof![2 => sized, 4 => chunks, 1 => open]
}

/// A change at a place: what is put there, and how much of what was there goes.
fn changes() -> impl Strategy<Value = Vec<(prop::sample::Index, &'static [u8], usize)>> {
    let put = prop::sample::select(vec![
        &b""[..],
        b"\r",
        b"\n",
        b"\r\n",
        b" ",
        b"\t",
        b":",
        b";",
        b",",
        b"0",
        b"1",
        b"f",
        b"x",
        b"\0",
        b"\xff",
        b"-",
        b"+",
        b"_",
        b"content-length: 1\r\n",
        b"transfer-encoding: chunked\r\n",
        b"transfer-encoding: gzip\r\n",
        b"0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"ffffffffffffffff",
        b"0000000000000000",
    ]);
    prop::collection::vec((any::<prop::sample::Index>(), put, 0..3_usize), 0..4)
}

fn changed(mut answer: Vec<u8>, changes: &[(prop::sample::Index, &[u8], usize)]) -> Vec<u8> {
    for (at, put, gone) in changes {
        let at = at.index(answer.len() + 1);
        let end = (at + gone).min(answer.len());
        answer.splice(at..end, put.iter().copied());
    }
    answer
}

fn cut<'a>(answer: &'a [u8], cuts: &[prop::sample::Index]) -> Vec<&'a [u8]> {
    let mut at: Vec<_> = cuts.iter().map(|cut| cut.index(answer.len() + 1)).collect();
    at.extend([0, answer.len()]);
    at.sort_unstable();
    at.windows(2)
        .map(|pair| &answer[pair[0]..pair[1]])
        .collect()
}

/// Both read it. What is taken here has to be taken there, as the same, and where ours says that the connection
/// takes another call, it does.
fn compare(method: &str, pieces: &[&[u8]], ends: bool) -> (Option<Seen>, Option<Seen>) {
    let request = Request::builder()
        .method(method)
        .uri("http://gateway.example/");
    let request = request.body(Full::from("body")).unwrap();
    // The clock stands still: where an answer would be waited for for ever, the limit comes at once.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    let limit = std::time::Duration::from_secs(10);
    let none = (String::new(), None, false);
    let (theirs, ours) = runtime.block_on(async {
        let theirs = tokio::time::timeout(limit, by_hyper(request.clone(), pieces, ends)).await;
        let ours = tokio::time::timeout(limit, by_ours(request, pieces, ends)).await;
        (theirs.unwrap_or(none.clone()), ours.unwrap_or(none))
    });
    assert!(theirs.2 || !ours.2, "it takes no other call");
    (theirs.1, ours.1)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn answers_that_are_some_are_read_alike(
        answer in valid(),
        method in prop::sample::select(vec!["POST", "POST", "GET", "HEAD"]),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
        ends in any::<bool>(),
    ) {
        let (theirs, ours) = compare(method, &cut(&answer, &cuts), ends);
        prop_assert_eq!(&ours, &theirs, "{}", answer.escape_ascii());
        prop_assert!(ours.is_some() || !ends, "{}", answer.escape_ascii());
    }

    #[test]
    fn of_others_nothing_is_taken_that_hyper_does_not_take_as_the_same(
        answer in valid(),
        changes in changes(),
        method in prop::sample::select(vec!["POST", "POST", "GET", "HEAD"]),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
        ends in any::<bool>(),
    ) {
        let answer = changed(answer, &changes);
        let (theirs, ours) = compare(method, &cut(&answer, &cuts), ends);
        // Where ours breaks it off, hyper may go on.
        if let Some(ours) = ours && ours.body.is_some() {
            prop_assert_eq!(Some(ours), theirs, "{}", answer.escape_ascii());
        }
    }
}
