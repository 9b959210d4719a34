//! How AWS knows who asks: a Bedrock API key, or an access key that signs.

use std::path::Path;

use tidegate_engines::{AwsCredential, AwsKey};
use tidegate_types::Secret;

use crate::config::{provider::credential, section::Section};

/// Reads whichever is there. `token` is the API key, where one was named.
pub(super) fn read(
    section: &mut Section<'_>,
    url: &str,
    token: Option<Secret<String>>,
    base: &Path,
) -> Option<AwsCredential> {
    let id = section.string("access_key_id");
    let mut named = |key: &'static str| {
        let text = section.string(key)?;
        credential(section, key, &text, base)
    };
    let (secret, session) = (named("secret_access_key"), named("session_token"));
    let region = section.string("region").or_else(|| region(url));
    match (token, id) {
        (Some(token), None) => Some(AwsCredential::ApiKey(token)),
        (None, Some(id)) => {
            if secret.is_none() {
                let what = "is needed beside `access_key_id`: \"env:NAME\" or \"file:PATH\"";
                section.note("secret_access_key", what);
            }
            if region.is_none() {
                section.note("region", "is needed: the URL does not name it");
            }
            Some(AwsCredential::AccessKey(AwsKey {
                id,
                secret: secret?,
                session,
                region: region?,
            }))
        }
        (Some(_), Some(_)) => {
            section.note(
                "api_key",
                "is one credential and `access_key_id` another: name one",
            );
            None
        }
        (None, None) => {
            let what = "is needed, or `access_key_id` and `secret_access_key`";
            section.note("api_key", what);
            None
        }
    }
}

/// The region in a URL such as `https://bedrock-runtime.eu-west-1.amazonaws.com`.
fn region(url: &str) -> Option<String> {
    let host = url.split_once("://")?.1.split(['/', ':']).next()?;
    let mut labels = host.split('.');
    let service = labels.next()?;
    let region = labels.next()?;
    let aws = labels.next() == Some("amazonaws");
    (service.starts_with("bedrock-runtime") && aws).then(|| region.to_owned())
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
    }
}
