//! AWS' signatures (Signature Version 4), worked out from requests as they came.

use ring::{digest, hmac};

/// Who signs, and where. The secret and the session's token are in the one file of credentials.
const ACCESS_KEY: &str = "AKIDEXAMPLE";
const REGION: &str = "eu-west-1";

fn hex(bytes: impl AsRef<[u8]>) -> String {
    bytes
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn keyed(key: &[u8], text: &str) -> hmac::Tag {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text.as_bytes())
}

/// The part of an `authorization` header with this name.
fn part<'a>(header: &'a str, name: &str) -> Option<&'a str> {
    let rest = header.split_once(name)?.1;
    Some(rest.split(',').next()?.trim())
}

/// Works the signature out from a request with a session's token, as the IAM guide ("Create a signed request") says.
/// `sent` is its path.
pub(crate) fn check(
    sent: &str,
    raw: &[u8],
    header: &dyn Fn(&str) -> String,
    secret: &str,
) -> Result<(), String> {
    let authorization = header("authorization");
    let rest = authorization
        .strip_prefix("AWS4-HMAC-SHA256 ")
        .ok_or("not signed")?;
    let found = |name| part(rest, name).ok_or(format!("no {name}"));
    let (credential, names) = (found("Credential=")?, found("SignedHeaders=")?);
    let time = header("x-amz-date");
    let day = time.get(..8).ok_or("no date")?;
    let scope = format!("{day}/{REGION}/bedrock/aws4_request");
    if credential != format!("{ACCESS_KEY}/{scope}") {
        return Err(format!("the scope is {credential}"));
    }
    for needed in ["host", "x-amz-date", "x-amz-security-token"] {
        if !names.split(';').any(|name| name == needed) {
            return Err(format!("{needed} is not signed"));
        }
    }
    // What was encoded once to be sent is encoded once more to be signed.
    let path = sent.replace('%', "%25");
    let headers = names
        .split(';')
        .map(|name| format!("{name}:{}\n", header(name).trim()));
    let payload = hex(digest::digest(&digest::SHA256, raw));
    let request = format!(
        "POST\n{path}\n\n{}\n{names}\n{payload}",
        headers.collect::<String>()
    );
    let hashed = hex(digest::digest(&digest::SHA256, request.as_bytes()));
    let secret = format!("AWS4{secret}");
    let steps = [day, REGION, "bedrock", "aws4_request"];
    let key = steps.iter().fold(secret.into_bytes(), |key, step| {
        keyed(&key, step).as_ref().to_vec()
    });
    let expected = keyed(
        &key,
        &format!("AWS4-HMAC-SHA256\n{time}\n{scope}\n{hashed}"),
    );
    if found("Signature=")? != hex(expected) {
        return Err("the signature is another".into());
    }
    Ok(())
}
