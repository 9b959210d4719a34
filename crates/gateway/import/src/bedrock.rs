//! Amazon Bedrock in other gateways' files: it has a dialect and no profile, and a credential that may sign.

use serde_json::{Map, Value};

use crate::{
    Draft, DraftProvider,
    draft::{DraftCredential, quoted},
    keys::{fit, says},
};

/// Routes of LiteLLM's that stand before a model's name.
const ROUTES: [&str; 3] = ["converse", "converse_like", "invoke"];

/// Members of `litellm_params` that are said of a model at Bedrock.
const SAID: [&str; 11] = [
    "model",
    "custom_llm_provider",
    "api_key",
    "weight",
    "aws_access_key_id",
    "aws_secret_access_key",
    "aws_session_token",
    "aws_region_name",
    "aws_bedrock_runtime_endpoint",
    "api_base",
    "mock_response",
];

/// Whether a provider's name is Bedrock's.
pub(crate) fn is(provider: &str) -> bool {
    matches!(provider, "bedrock" | "bedrock_converse")
}

/// A provider at Bedrock.
pub(crate) fn provider() -> DraftProvider {
    DraftProvider {
        dialect: Some("bedrock"),
        ..DraftProvider::default()
    }
}

/// Whether a text is a region as AWS names them.
fn is_region(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    text.bytes().all(plain)
        && text.matches('-').count() >= 2
        && text.ends_with(|last: char| last.is_ascii_digit())
}

/// The model's id, and the region where it stands before it.
fn model(name: &str) -> (Option<&str>, &str) {
    let rest = match name.split_once('/') {
        Some((route, rest)) if ROUTES.contains(&route) => rest,
        _ => name,
    };
    match rest.split_once('/') {
        Some((region, id)) if is_region(region) => (Some(region), id),
        _ => (None, rest),
    }
}

/// Where it is. A provider of ours is in one region.
pub(crate) fn place(
    region: Option<&str>,
    shown: &str,
    found: &mut DraftProvider,
    draft: &mut Draft,
) {
    match region {
        Some(region) if is_region(region) => {
            found.line("region", &quoted(region));
            if !found
                .lines
                .contains(&format!("region = {}", quoted(region)))
            {
                draft.unsaid(format!(
                    "{shown}: it is in another region, `{region}`, and so another provider"
                ));
            }
        }
        _ if found.base_url.is_none() => draft.unsaid(format!(
            "{shown}: `region` is to be written: the file does not say it"
        )),
        _ => {}
    }
}

/// An access key whose parts are named by variables. `named` is what is said of a part: a variable's name, or
/// nothing where the part itself stands in the file; `usual` the variable that is to have it then.
pub(crate) fn access_key(
    parts: [Option<Option<String>>; 3],
    usual: [String; 3],
    shown: &str,
    draft: &mut Draft,
) -> DraftCredential {
    let [id, secret, session] = parts;
    let [usual_id, usual_secret, usual_session] = usual;
    let mut variable = |part: Option<Option<String>>, usual: String| match part {
        Some(Some(name)) => format!("env:{name}"),
        literal => {
            let why = match literal {
                Some(_) => "stands in the file",
                None => "is AWS' own: a file, a role or the machine's",
            };
            draft.unsaid(format!(
                "{shown}: its credential {why}; put an access key into the variable `{usual}`"
            ));
            format!("env:{usual}")
        }
    };
    DraftCredential::Signs {
        id: variable(id, usual_id),
        secret: variable(secret, usual_secret),
        session: session.map(|part| variable(Some(part), usual_session)),
    }
}

/// What `litellm_params` say of a model: its provider, its credential, its id.
pub(crate) fn litellm<'p>(
    params: &'p Map<String, Value>,
    name: &'p str,
    shown: &str,
    draft: &mut Draft,
) -> (DraftProvider, DraftCredential, &'p str) {
    let shown = format!("model `{shown}`");
    for (field, _) in params
        .iter()
        .filter(|(field, value)| !SAID.contains(&field.as_str()) && says(value))
    {
        draft.unsaid(format!("{shown}: `litellm_params.{}`", fit(field)));
    }
    let text = |key: &str| params.get(key)?.as_str().filter(|text| !text.is_empty());
    let named =
        |key: &str| text(key).map(|text| text.strip_prefix("os.environ/").map(ToOwned::to_owned));
    let (before, id) = model(name);
    let mut found = provider();
    let url = text("aws_bedrock_runtime_endpoint").or_else(|| text("api_base"));
    found.base_url = url
        .filter(|url| url.starts_with("http"))
        .map(|url| url.trim_end_matches('/').to_owned());
    place(
        text("aws_region_name").or(before),
        &shown,
        &mut found,
        draft,
    );
    let credential = match named("api_key") {
        Some(Some(name)) => DraftCredential::Sent(format!("env:{name}")),
        Some(None) => {
            draft.unsaid(format!(
                "{shown}: its key stands in the file; put it into the variable `AWS_BEARER_TOKEN_BEDROCK`"
            ));
            DraftCredential::Sent("env:AWS_BEARER_TOKEN_BEDROCK".to_owned())
        }
        None => {
            let parts = [
                "aws_access_key_id",
                "aws_secret_access_key",
                "aws_session_token",
            ];
            let usual = [
                "AWS_ACCESS_KEY_ID",
                "AWS_SECRET_ACCESS_KEY",
                "AWS_SESSION_TOKEN",
            ];
            access_key(
                parts.map(named),
                usual.map(ToOwned::to_owned),
                &shown,
                draft,
            )
        }
    };
    (found, credential, id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routes_and_regions_are_no_part_of_a_models_id() {
        for (name, region, id) in [
            ("anthropic.claude-x-v1:0", None, "anthropic.claude-x-v1:0"),
            (
                "converse/us.amazon.nova-pro-v1:0",
                None,
                "us.amazon.nova-pro-v1:0",
            ),
            (
                "eu-west-1/amazon.nova-v1:0",
                Some("eu-west-1"),
                "amazon.nova-v1:0",
            ),
            (
                "arn:aws:bedrock:eu-west-1:1:inference-profile/x",
                None,
                "arn:aws:bedrock:eu-west-1:1:inference-profile/x",
            ),
        ] {
            assert_eq!(model(name), (region, id));
        }
    }
}
