//! Plain pages: no scripts, nothing from elsewhere, everything that came in escaped.

use std::future::{Ready, ready};

use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, StatusCode, header};
use tidegate_store::StoreError;

/// A page.
#[derive(Debug)]
pub(super) struct Page {
    status: StatusCode,
    title: &'static str,
    /// HTML, what came in escaped.
    body: String,
    /// Where its form may lead besides here: browsers hold redirects against it too.
    leads_to: Option<String>,
}

impl Page {
    pub(super) fn new(title: &'static str, body: String) -> Self {
        Self {
            status: StatusCode::OK,
            title,
            body,
            leads_to: None,
        }
    }

    /// A page that says one thing.
    pub(super) fn says(status: StatusCode, title: &'static str, sentence: &str) -> Self {
        Self {
            status,
            ..Self::new(title, format!("<p>{}</p>", escape(sentence)))
        }
    }

    pub(super) fn status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    pub(super) fn leading_to(self, origin: Option<String>) -> Self {
        Self {
            leads_to: origin,
            ..self
        }
    }
}

impl IntoResponse for Page {
    fn into_response(self) -> Response {
        let style = super::STYLE;
        let (title, body) = (self.title, &self.body);
        let text = format!(
            "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width\"><title>{title} – Tidegate</title>\
             <link rel=\"stylesheet\" href=\"{style}\"></head><body><main><h1>{title}</h1>{body}</main>\
             </body></html>"
        );
        let besides = self.leads_to.map(|origin| format!(" {origin}"));
        let policy = format!(
            "default-src 'none'; style-src 'self'; form-action 'self'{}; base-uri 'none'; \
             frame-ancestors 'none'",
            besides.unwrap_or_default()
        );
        let mut response = (self.status, text).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/html; charset=utf-8"),
        );
        if let Ok(policy) = HeaderValue::try_from(policy) {
            headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        }
        // To us alone: without it a form's `origin` would be `null`, and nobody could tell whose it is.
        headers.insert(
            header::REFERRER_POLICY,
            HeaderValue::from_static("same-origin"),
        );
        headers.insert(
            HeaderName::from_static("cross-origin-opener-policy"),
            HeaderValue::from_static("same-origin"),
        );
        response
    }
}

/// On to another place, by GET whatever this was (RFC 9110 §15.4.4).
pub(super) fn see_other(place: &str) -> Response {
    match HeaderValue::try_from(place) {
        Ok(place) => (StatusCode::SEE_OTHER, [(header::LOCATION, place)]).into_response(),
        Err(error) => internal(error).into_response(),
    }
}

/// The sign-in is over, or never was.
pub(super) fn over() -> Page {
    Page::says(
        StatusCode::GONE,
        "This sign-in is over",
        "It took too long, or was finished already. Begin again on your device: \
         tidegate-edge login",
    )
}

pub(super) fn busy(status: StatusCode) -> Page {
    Page::says(
        status,
        "Too many sign-ins",
        "Too many sign-ins came from here at once. Wait a minute, then try again.",
    )
}

/// A fault of ours: the cause goes to the log.
pub(super) fn internal(cause: impl std::fmt::Display) -> Page {
    tracing::error!(%cause, "a sign-in on a device failed");
    Page::says(
        StatusCode::INTERNAL_SERVER_ERROR,
        "This did not work",
        "The gateway failed to answer; its log says why. Try again.",
    )
}

pub(super) fn store(error: StoreError) -> Page {
    match error {
        StoreError::NotFound(_) => over(),
        StoreError::Conflict { .. } => busy(StatusCode::SERVICE_UNAVAILABLE),
        StoreError::Invalid { reason, .. } => Page::says(
            StatusCode::UNPROCESSABLE_ENTITY,
            "This did not work",
            &reason,
        ),
        StoreError::Unavailable(cause) | StoreError::Broken(cause) => internal(cause),
    }
}

/// As text within HTML, in attributes too.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c if c.is_control() => out.push(' '),
            // Marks that turn the direction of what follows could make one name look like another.
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

/// The style sheet of all pages.
pub(super) fn style() -> Ready<Response> {
    const TEXT: &str = include_str!("style.css");
    let kind = HeaderValue::from_static("text/css; charset=utf-8");
    ready(([(header::CONTENT_TYPE, kind)], TEXT).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_in_stays_text() {
        assert_eq!(
            escape("<b a='1'>\"&\u{202e}\n"),
            "&lt;b a=&#39;1&#39;&gt;&quot;&amp;\u{fffd} "
        );
    }
}
