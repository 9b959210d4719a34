//! How AWS knows who asks: a Bedrock API key, or an access key that signs.

use std::path::Path;

use tidegate_engines::AwsCredential;
use tidegate_types::Secret;

use crate::config::{
    aws::{Named, access_key, region},
    section::Section,
};

/// Reads whichever is there. `token` is the API key, where one was named.
pub(super) fn read(
    section: &mut Section<'_>,
    url: &str,
    token: Option<Secret<String>>,
    base: &Path,
) -> Option<AwsCredential> {
    let region = section.string("region").or_else(|| region(url));
    match (token, access_key(section, region, base)) {
        (_, Named::Broken) => None,
        (Some(token), Named::No) => Some(AwsCredential::ApiKey(token)),
        (None, Named::Key(key)) => Some(AwsCredential::AccessKey(key)),
        (Some(_), Named::Key(_)) => {
            section.note(
                "api_key",
                "is one credential and `access_key_id` another: name one",
            );
            None
        }
        (None, Named::No) => {
            let what = "is needed, or `access_key_id` and `secret_access_key`";
            section.note("api_key", what);
            None
        }
    }
}
