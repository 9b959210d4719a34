//! A call's head, as it is written. What a field may hold, `http`'s types have looked at: no line end is in it.

use http::{header, request::Parts};

/// Writes it. How long the body is, where the gateway is and which cookies there are is said in one way, whatever
/// the app wrote (RFC 9112 §11.2; RFC 9113 §8.2.3). No body is chunked.
pub(super) fn write(out: &mut Vec<u8>, call: &Parts, length: Option<u64>) {
    let target = call.uri.path_and_query();
    let host = call.uri.authority();
    for part in [
        call.method.as_str(),
        " ",
        target.map_or("/", |target| target.as_str()),
        " HTTP/1.1\r\nhost: ",
        host.map_or("", |host| host.as_str()),
    ] {
        out.extend_from_slice(part.as_bytes());
    }
    for (name, value) in &call.headers {
        let elsewhere = name == header::HOST
            || name == header::COOKIE
            || name == header::CONTENT_LENGTH
            || name == header::TRANSFER_ENCODING;
        if !elsewhere {
            begin(out, name.as_str());
            out.extend_from_slice(value.as_bytes());
        }
    }
    // HTTP/2 may send a cookie in crumbs, HTTP/1.1 may not.
    for (n, crumb) in call.headers.get_all(header::COOKIE).iter().enumerate() {
        if n == 0 {
            begin(out, header::COOKIE.as_str());
        } else {
            out.extend_from_slice(b"; ");
        }
        out.extend_from_slice(crumb.as_bytes());
    }
    if let Some(length) = length {
        begin(out, header::CONTENT_LENGTH.as_str());
        out.extend_from_slice(length.to_string().as_bytes());
    }
    out.extend_from_slice(b"\r\n\r\n");
}

/// Ends the line before, and begins a field.
fn begin(out: &mut Vec<u8>, name: &str) {
    out.extend_from_slice(b"\r\n");
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b": ");
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn written(request: http::request::Builder, length: Option<u64>) -> String {
        let (parts, ()) = request.body(()).unwrap().into_parts();
        let mut out = Vec::new();
        write(&mut out, &parts, length);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn fields_are_written_as_they_are() {
        let request = Request::get("https://gateway.example:8443/edge/a/b?c=%20d")
            .header("Accept", "text/event-stream")
            .header("x-two", "1")
            .header("x-two", "2");
        assert_eq!(
            written(request, None),
            "GET /edge/a/b?c=%20d HTTP/1.1\r\nhost: gateway.example:8443\r\n\
             accept: text/event-stream\r\nx-two: 1\r\nx-two: 2\r\n\r\n"
        );
    }

    /// Whatever an app says about where its call ends, or whose it is, is said once and by us.
    #[test]
    fn framing_is_said_once() {
        let request = Request::post("http://127.0.0.1/x")
            .header("host", "elsewhere.example")
            .header("content-length", "7")
            .header("content-length", "8")
            .header("transfer-encoding", "chunked")
            .header("cookie", "a=1")
            .header("accept", "*/*")
            .header("cookie", "b=2");
        assert_eq!(
            written(request, Some(4)),
            "POST /x HTTP/1.1\r\nhost: 127.0.0.1\r\naccept: */*\r\n\
             cookie: a=1; b=2\r\ncontent-length: 4\r\n\r\n"
        );
    }

    #[test]
    fn no_path_is_the_root() {
        let request = Request::get("http://localhost");
        assert_eq!(
            written(request, None),
            "GET / HTTP/1.1\r\nhost: localhost\r\n\r\n"
        );
    }
}
