//! The headers of a relayed call: those that belong to one hop go (RFC 9110 §7.6.1), those that an app
//! made up in our name go, ours come on.

use http::{
    HeaderMap, HeaderName, HeaderValue,
    header::{self, InvalidHeaderValue},
};
use tidegate_device_api::headers as edge;
use tidegate_policy::Mode;

use crate::judge::Judged;

/// What is ours begins with this.
const OURS: &str = "x-tidegate-";
const DEVICE_KEY: HeaderName = HeaderName::from_static(edge::DEVICE_KEY);
const APP: HeaderName = HeaderName::from_static(edge::APP);
const MODE: HeaderName = HeaderName::from_static(edge::MODE);
const USER: HeaderName = HeaderName::from_static(edge::USER);
const PROCESS: HeaderName = HeaderName::from_static(edge::PROCESS);
const HOP_BY_HOP: [HeaderName; 5] = [
    header::CONNECTION,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
];

/// Takes off what belongs to one hop. `TE: trailers` stays: HTTP/2 allows it, and gRPC servers insist.
pub(super) fn strip_hop(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = headers
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        // Named more often than anything else, and it goes anyway.
        .filter(|name| !name.eq_ignore_ascii_case("keep-alive"))
        .filter_map(|name| name.parse().ok())
        .collect();
    // Before what is named goes: who sends the header has to name it.
    let trailers = headers.get_all(header::TE).iter().any(wants_trailers);
    for name in named.iter().chain(&HOP_BY_HOP) {
        headers.remove(name);
    }
    if trailers {
        headers.insert(header::TE, HeaderValue::from_static("trailers"));
    } else {
        headers.remove(header::TE);
    }
}

fn wants_trailers(value: &HeaderValue) -> bool {
    let names = value.to_str().unwrap_or_default().split(',');
    names
        .map(|name| name.split(';').next().unwrap_or_default().trim())
        .any(|name| name.eq_ignore_ascii_case("trailers"))
}

/// Makes a call ready for the next hop. `Expect` goes, since its answer was given here.
pub(super) fn prepare(headers: &mut HeaderMap) {
    strip_hop(headers);
    headers.remove(header::EXPECT);
    let spoofed: Vec<HeaderName> = headers
        .keys()
        .filter(|name| name.as_str().starts_with(OURS))
        .cloned()
        .collect();
    for name in &spoofed {
        headers.remove(name);
    }
}

/// What the gateway is told about an app, written once for all calls of a connection.
#[derive(Debug)]
pub(super) struct Introduction {
    app: HeaderValue,
    user: HeaderValue,
    process: HeaderValue,
}

impl Introduction {
    /// Writes it.
    ///
    /// # Errors
    /// The app's name is not fit for a header.
    pub(super) fn of(judged: &Judged) -> Result<Self, InvalidHeaderValue> {
        Ok(Self {
            app: HeaderValue::from_str(judged.app.as_str())?,
            user: percent_encode(&judged.user).try_into()?,
            process: percent_encode(&judged.process).try_into()?,
        })
    }

    /// Says who sends the call.
    pub(super) fn put(&self, headers: &mut HeaderMap, key: &HeaderValue, mode: Mode) {
        headers.remove(header::HOST);
        let mode = match mode {
            Mode::Gateway => HeaderValue::from_static("gateway"),
            Mode::PassThrough => HeaderValue::from_static("pass_through"),
        };
        headers.insert(DEVICE_KEY, key.clone());
        headers.insert(APP, self.app.clone());
        headers.insert(MODE, mode);
        headers.insert(USER, self.user.clone());
        headers.insert(PROCESS, self.process.clone());
    }
}

/// Makes an answer ready for the app. `Alt-Svc` goes: it would lead the app to QUIC, past everything.
pub(super) fn clean_answer(headers: &mut HeaderMap) {
    strip_hop(headers);
    headers.remove(header::ALT_SVC);
}

/// RFC 3986 §2.1, with slashes left readable.
fn percent_encode(text: &str) -> String {
    const HEX: [char; 16] = [
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F',
    ];
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push(HEX[usize::from(byte >> 4)]);
            out.push(HEX[usize::from(byte & 15)]);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| {
                (
                    HeaderName::from_static(name),
                    HeaderValue::from_static(value),
                )
            })
            .collect()
    }

    #[test]
    fn one_hop_headers_and_spoofed_ones_go() {
        let mut headers = map(&[
            ("connection", "close, X-Custom"),
            ("x-custom", "1"),
            ("keep-alive", "timeout=5"),
            ("proxy-connection", "keep-alive"),
            ("transfer-encoding", "chunked"),
            ("upgrade", "h2c"),
            ("te", "gzip;q=0.5, Trailers;q=1"),
            ("expect", "100-continue"),
            ("trailer", "x-sum"),
            ("x-tidegate-app", "somebody-else"),
            ("x-tidegate-anything", "1"),
            ("authorization", "Bearer t"),
        ]);
        prepare(&mut headers);
        let expected = map(&[
            ("te", "trailers"),
            ("trailer", "x-sum"),
            ("authorization", "Bearer t"),
        ]);
        assert_eq!(headers, expected);
    }

    /// RFC 9110 §10.1.4: who sends `TE` names it in `Connection`.
    #[test]
    fn that_trailers_are_wanted_stays_though_its_header_is_named() {
        let mut headers = map(&[("connection", "TE, close"), ("te", "trailers")]);
        prepare(&mut headers);
        assert_eq!(headers, map(&[("te", "trailers")]));
    }

    #[test]
    fn the_introduction_is_complete_and_hides_the_key() {
        let judged = Judged {
            verdict: tidegate_policy::Verdict::Splice,
            app: "claude-code".parse().unwrap(),
            version: None,
            user: "zoë".into(),
            uid: None,
            process: "/opt/my app/50%\n".into(),
        };
        let mut key = HeaderValue::from_static("secret");
        key.set_sensitive(true);
        let mut headers = map(&[("host", "api.anthropic.com")]);
        let introduction = Introduction::of(&judged).unwrap();
        introduction.put(&mut headers, &key, Mode::PassThrough);
        assert_eq!(headers.len(), 5);
        assert_eq!(headers[edge::DEVICE_KEY], "secret");
        assert_eq!(headers[edge::APP], "claude-code");
        assert_eq!(headers[edge::MODE], "pass_through");
        assert_eq!(headers[edge::USER], "zo%C3%AB");
        assert_eq!(headers[edge::PROCESS], "/opt/my%20app/50%25%0A");
        assert!(!format!("{headers:?}").contains("secret"));
    }
}
