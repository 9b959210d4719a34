//! Access keys of AWS, which sign requests: of a guardrail's section and of a provider's.

use std::path::Path;

use tidegate_aws::AwsKey;

use super::{provider::credential, section::Section};

/// What a section says of an access key.
pub(super) enum Named {
    /// It names one, and not all that belongs to it; that was noted.
    Broken,
    Key(AwsKey),
    /// It names none.
    No,
}

/// Reads `access_key_id`, `secret_access_key` and `session_token`. `region` is what was read of that key, or what
/// the URL says.
pub(super) fn access_key(section: &mut Section<'_>, region: Option<String>, base: &Path) -> Named {
    let id = section.string("access_key_id");
    let mut named = |key: &'static str| {
        let text = section.string(key)?;
        credential(section, key, &text, base)
    };
    let (secret, session) = (named("secret_access_key"), named("session_token"));
    let Some(id) = id else {
        if secret.is_some() || session.is_some() {
            let what = "is needed beside `secret_access_key`";
            section.note("access_key_id", what);
            return Named::Broken;
        }
        return Named::No;
    };
    // The id is no secret, and may stand there; it may be named, too.
    let id = if id.starts_with("env:") || id.starts_with("file:") {
        credential(section, "access_key_id", &id, base).map(|id| id.expose().clone())
    } else {
        Some(id)
    };
    if secret.is_none() {
        let what = "is needed beside `access_key_id`: \"env:NAME\" or \"file:PATH\"";
        section.note("secret_access_key", what);
    }
    if region.is_none() {
        section.note("region", "is needed: the URL does not name it");
    }
    match (id, secret, region) {
        (Some(id), Some(secret), Some(region)) => Named::Key(AwsKey {
            id,
            secret,
            session,
            region,
        }),
        _ => Named::Broken,
    }
}

/// The region in a URL such as `https://bedrock-runtime.eu-west-1.amazonaws.com`.
pub(super) fn region(url: &str) -> Option<String> {
    let host = url.split_once("://")?.1.split(['/', ':']).next()?;
    let mut labels = host.split('.');
    let service = labels.next()?;
    let region = labels.next()?;
    let aws = labels.next() == Some("amazonaws");
    (service.starts_with("bedrock-runtime") && aws).then(|| region.to_owned())
}

/// The URL of Bedrock's runtime in a region.
pub(super) fn runtime(region: &str) -> Option<String> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if region.is_empty() || !region.bytes().all(plain) {
        return None;
    }
    // China has a partition of its own (AWS' list of regional endpoints).
    let end = if region.starts_with("cn-") { ".cn" } else { "" };
    Some(format!(
        "https://bedrock-runtime.{region}.amazonaws.com{end}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_region_is_in_urls_of_aws_alone() {
        let found = |url| region(url);
        let eu = Some("eu-west-1".to_owned());
        assert_eq!(
            found("https://bedrock-runtime.eu-west-1.amazonaws.com/"),
            eu
        );
        assert_eq!(
            found("https://bedrock-runtime-fips.eu-west-1.amazonaws.com:443"),
            eu
        );
        assert_eq!(found("https://bedrock-runtime.eu-west-1.example.com"), None);
        assert_eq!(found("http://127.0.0.1:8080/guard"), None);
        assert_eq!(runtime("eu-west-1").as_deref().and_then(region), eu);
        assert_eq!(
            runtime("cn-north-1").as_deref(),
            Some("https://bedrock-runtime.cn-north-1.amazonaws.com.cn")
        );
        assert_eq!(runtime("evil.example/"), None);
    }
}
