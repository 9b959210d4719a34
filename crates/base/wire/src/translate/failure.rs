//! A provider's error, of whichever dialect: an object with a `message`, mostly as the member `error`.

use std::borrow::Cow;

use super::{Json, reply::Failure};
use crate::{error::ErrorKind, eventstream::Message};

/// More of a provider's words than anybody reads, in bytes.
const LONGEST: usize = 2_000;

/// Reads an error answer; `named` is its name, where a header says it.
pub(super) fn read(status: u16, named: Option<&str>, body: &[u8]) -> Failure {
    let json = Json::read(body).unwrap_or(Json::Null);
    // Gemini's streams answer with a list of one.
    let json = match &json {
        Json::Array(list) => list.first().unwrap_or(&Json::Null),
        other => other,
    };
    let mut failure = of_object(status, json.get("error").unwrap_or(json));
    if let Some(kind) = named.and_then(of_exception) {
        failure.kind = kind;
    }
    failure
}

/// Reads a failure in the middle of AWS' streams.
pub(super) fn of_message(name: &str, message: &Message<'_>) -> Failure {
    let mut failure = read(502, Some(name), message.body());
    let text = message.error_text();
    if !text.is_empty() {
        failure.message = cut(text);
    }
    failure.message = without_account(&failure.message);
    failure
}

/// An error of AWS, with what it says of the operator's account taken out of its words; else as it is.
#[must_use]
pub fn redacted(error: &[u8]) -> Vec<u8> {
    let Ok(Json::Object(mut members)) = Json::read(error) else {
        return match str::from_utf8(error) {
            Ok(text) => without_account(text).into_bytes(),
            // Of what nobody can read nothing is passed on.
            Err(_) => Vec::new(),
        };
    };
    for (_, value) in &mut members {
        if let Json::String(text) = value {
            *text = Cow::Owned(without_account(text));
        }
    }
    Json::Object(members).bytes()
}

/// AWS' words without what they say of the operator's account: names of resources (ARNs) and the account's number.
pub(super) fn without_account(message: &str) -> String {
    let mut out = String::with_capacity(message.len());
    let inside = |letter: char| letter.is_ascii_alphanumeric() || "-_.:/+=@*".contains(letter);
    let mut rest = message;
    while let Some(first) = rest.chars().next() {
        let end = rest.find(|letter| inside(letter) != inside(first));
        let (word, after) = rest.split_at(end.unwrap_or(rest.len()));
        let plain = word.trim_end_matches(['.', ':']);
        let ends = word.get(plain.len()..).unwrap_or_default();
        if let Some(at) = word.find("arn:") {
            out.push_str(word.get(..at).unwrap_or_default());
            out.push_str("[resource]");
            out.push_str(ends);
        } else if plain.len() == 12 && plain.bytes().all(|byte| byte.is_ascii_digit()) {
            out.push_str("[account]");
            out.push_str(ends);
        } else {
            out.push_str(word);
        }
        rest = after;
    }
    out
}

/// Reads the object `error`, or an event that has its members.
pub(super) fn of_object(status: u16, error: &Json<'_>) -> Failure {
    let word = |name| error.get(name).and_then(Json::as_str);
    let said = word("message").or_else(|| word("Message"));
    let said = said.or_else(|| error.as_str());
    let message = match said.filter(|message| !message.is_empty()) {
        Some(message) => cut(message),
        None => details(error).map_or_else(
            || format!("the provider answered with status {status} and no explanation"),
            |details| cut(&details),
        ),
    };
    let kind = [word("type"), word("status"), word("code"), word("__type")]
        .into_iter()
        .flatten()
        .find_map(of_word);
    Failure {
        kind: kind.unwrap_or_else(|| of_status(status)),
        message,
    }
}

/// What servers on FastAPI say: a text, or a list of places with what is wrong there, in `detail`; some put that into
/// `message`.
fn details(error: &Json<'_>) -> Option<String> {
    let message = error.get("message");
    let found = error
        .get("detail")
        .or_else(|| message?.get("detail"))
        .or(message)?;
    match found {
        Json::String(text) if !text.is_empty() => Some(text.to_string()),
        Json::Array(list) => {
            let lines: Vec<_> = list.iter().filter_map(place).collect();
            (!lines.is_empty()).then(|| lines.join("; "))
        }
        _ => None,
    }
}

/// One of them: `body.messages.0.role: Input should be …`.
fn place(one: &Json<'_>) -> Option<String> {
    let message = one.get("msg").and_then(Json::as_str)?;
    let Some(Json::Array(steps)) = one.get("loc") else {
        return Some(message.to_owned());
    };
    let steps = steps.iter().filter_map(|step| match step {
        Json::String(name) => Some(name.to_string()),
        Json::Number(at) => Some(at.to_string()),
        _ => None,
    });
    Some(format!(
        "{}: {message}",
        steps.collect::<Vec<_>>().join(".")
    ))
}

fn cut(message: &str) -> String {
    let mut end = message.len().min(LONGEST);
    while !message.is_char_boundary(end) {
        end -= 1;
    }
    message[..end].to_owned()
}

/// By AWS' name of an error, which may have a namespace before it and an address after it.
fn of_exception(name: &str) -> Option<ErrorKind> {
    let name = name.split(':').next().unwrap_or_default();
    let name = name.rsplit('#').next().unwrap_or_default().trim();
    let name = name.strip_suffix("Exception")?.to_ascii_lowercase();
    Some(match &*name {
        "accessdenied" => ErrorKind::Permission,
        "internalserver" | "modelerror" | "modelstreamerror" => ErrorKind::Upstream,
        "modelnotready" | "serviceunavailable" => ErrorKind::Overloaded,
        "modeltimeout" => ErrorKind::Timeout,
        "resourcenotfound" => ErrorKind::NotFound,
        "servicequotaexceeded" | "throttling" => ErrorKind::RateLimit,
        "validation" => ErrorKind::Invalid,
        _ => return None,
    })
}

/// By the words of Anthropic, `OpenAI` and google.rpc.Code.
fn of_word(word: &str) -> Option<ErrorKind> {
    if let Some(kind) = of_exception(word) {
        return Some(kind);
    }
    Some(match word {
        "authentication_error" | "invalid_api_key" | "UNAUTHENTICATED" => ErrorKind::Authentication,
        "billing_error" | "insufficient_quota" => ErrorKind::Billing,
        "invalid_request_error" | "INVALID_ARGUMENT" | "FAILED_PRECONDITION" => ErrorKind::Invalid,
        "not_found_error" | "model_not_found" | "NOT_FOUND" => ErrorKind::NotFound,
        "overloaded_error" | "UNAVAILABLE" => ErrorKind::Overloaded,
        "permission_error" | "PERMISSION_DENIED" => ErrorKind::Permission,
        "rate_limit_error" | "rate_limit_exceeded" | "RESOURCE_EXHAUSTED" => ErrorKind::RateLimit,
        "request_too_large" => ErrorKind::TooLarge,
        "timeout_error" | "DEADLINE_EXCEEDED" => ErrorKind::Timeout,
        "api_error" | "server_error" | "INTERNAL" => ErrorKind::Upstream,
        _ => return None,
    })
}

const fn of_status(status: u16) -> ErrorKind {
    match status {
        400 | 409 | 422 => ErrorKind::Invalid,
        401 => ErrorKind::Authentication,
        402 => ErrorKind::Billing,
        403 => ErrorKind::Permission,
        404 => ErrorKind::NotFound,
        408 | 504 => ErrorKind::Timeout,
        413 => ErrorKind::TooLarge,
        429 => ErrorKind::RateLimit,
        503 | 529 => ErrorKind::Overloaded,
        _ => ErrorKind::Upstream,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_a_header_count_more_than_the_status() {
        let body = br#"{"message":"The model is not ready."}"#;
        for (named, kind) in [
            (Some("ModelNotReadyException"), ErrorKind::Overloaded),
            (
                Some("ThrottlingException:http://internal.amazon.com/coral/"),
                ErrorKind::RateLimit,
            ),
            (Some("com.amazon#ValidationException"), ErrorKind::Invalid),
            (Some("Strange"), ErrorKind::RateLimit),
            (None, ErrorKind::RateLimit),
        ] {
            let found = read(429, named, body);
            assert_eq!(found.kind, kind, "{named:?}");
            assert_eq!(found.message, "The model is not ready.");
        }
        let typed = br#"{"__type":"ServiceQuotaExceededException","Message":"no"}"#;
        assert_eq!(read(400, None, typed).kind, ErrorKind::RateLimit);
        assert_eq!(read(400, None, typed).message, "no");
    }

    #[test]
    fn an_account_is_not_told() {
        for (message, shown) in [
            ("Input is too long.", "Input is too long."),
            (
                "User: arn:aws:iam::123456789012:user/a is not authorized to perform: bedrock:InvokeModel \
                 on resource: arn:aws:bedrock:eu-west-1::foundation-model/x.y-v1:0.",
                "User: [resource] is not authorized to perform: bedrock:InvokeModel on resource: [resource].",
            ),
            (
                "account 123456789012, 1234567890123 tokens (\"arn:aws-cn:a\")",
                "account [account], 1234567890123 tokens (\"[resource]\")",
            ),
            ("", ""),
        ] {
            assert_eq!(without_account(message), shown);
        }
    }

    #[test]
    fn each_dialects_error_is_known() {
        for (status, body, kind, message) in [
            (
                429,
                r#"{"type":"error","error":{"type":"rate_limit_error","message":"slow down"}}"#,
                ErrorKind::RateLimit,
                "slow down",
            ),
            (
                401,
                r#"{"error":{"message":"bad key","type":"invalid_request_error","code":"invalid_api_key"}}"#,
                ErrorKind::Invalid,
                "bad key",
            ),
            (
                503,
                r#"[{"error":{"code":503,"message":"busy","status":"UNAVAILABLE"}}]"#,
                ErrorKind::Overloaded,
                "busy",
            ),
            (
                500,
                r#"{"error":"out of luck"}"#,
                ErrorKind::Upstream,
                "out of luck",
            ),
            (
                422,
                r#"{"object":"error","message":{"detail":[{"type":"extra_forbidden","loc":["body","messages",1,"x"],"msg":"Extra inputs are not permitted"}]},"type":"invalid_request_error"}"#,
                ErrorKind::Invalid,
                "body.messages.1.x: Extra inputs are not permitted",
            ),
            (
                401,
                r#"{"detail":"Unauthorized"}"#,
                ErrorKind::Authentication,
                "Unauthorized",
            ),
            (
                400,
                r#"{"error_code":"BAD_REQUEST","message":"no such endpoint"}"#,
                ErrorKind::Invalid,
                "no such endpoint",
            ),
            (
                502,
                "<html>",
                ErrorKind::Upstream,
                "the provider answered with status 502 and no explanation",
            ),
        ] {
            let found = read(status, None, body.as_bytes());
            assert_eq!(
                (found.kind, found.message.as_str()),
                (kind, message),
                "{body}"
            );
        }
    }
}
