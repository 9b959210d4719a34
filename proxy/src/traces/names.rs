//! The names of a span's attributes: the conventions' where there is one, else ours in `tidegate.`.
//!
//! <https://opentelemetry.io/docs/specs/semconv/gen-ai/>

use tidegate_provider::Endpoint;
use tidegate_wire::{Dialect, route::Operation};

pub(crate) const ERROR_TYPE: &str = "error.type";
pub(crate) const OPERATION: &str = "gen_ai.operation.name";
pub(crate) const PROVIDER: &str = "gen_ai.provider.name";
pub(crate) const REQUEST_MODEL: &str = "gen_ai.request.model";
pub(super) const REQUEST_STREAM: &str = "gen_ai.request.stream";
pub(crate) const RESPONSE_MODEL: &str = "gen_ai.response.model";
pub(super) const FIRST_CHUNK: &str = "gen_ai.response.time_to_first_chunk";
pub(super) const CACHE_CREATION: &str = "gen_ai.usage.cache_creation.input_tokens";
pub(super) const CACHE_READ: &str = "gen_ai.usage.cache_read.input_tokens";
pub(super) const INPUT: &str = "gen_ai.usage.input_tokens";
pub(super) const OUTPUT: &str = "gen_ai.usage.output_tokens";
pub(super) const REASONING: &str = "gen_ai.usage.reasoning.output_tokens";
pub(super) const STATUS: &str = "http.response.status_code";
pub(crate) const TOKEN_TYPE: &str = "gen_ai.token.type";
pub(crate) const ADDRESS: &str = "server.address";
pub(crate) const PORT: &str = "server.port";

pub(super) const OWN_APP: &str = "tidegate.app";
pub(super) const OWN_COST_BASIS: &str = "tidegate.cost.basis";
pub(super) const OWN_COST: &str = "tidegate.cost.usd";
pub(super) const OWN_DEVICE: &str = "tidegate.device.id";
pub(super) const OWN_GUARDRAIL_ACTION: &str = "tidegate.guardrail.action";
pub(super) const OWN_GUARDRAIL_MODE: &str = "tidegate.guardrail.mode";
pub(super) const OWN_GUARDRAIL_NAME: &str = "tidegate.guardrail.name";
pub(super) const OWN_GUARDRAIL_PHASE: &str = "tidegate.guardrail.phase";
pub(super) const OWN_KEY: &str = "tidegate.key.id";
pub(super) const OWN_OPERATION: &str = "tidegate.operation";
pub(super) const OWN_OUTCOME: &str = "tidegate.outcome";
pub(super) const OWN_OVERHEAD: &str = "tidegate.overhead";
pub(super) const OWN_PROVIDER: &str = "tidegate.provider";
pub(super) const OWN_REFUSAL: &str = "tidegate.refusal.code";
pub(super) const OWN_REQUEST: &str = "tidegate.request.id";
pub(super) const OWN_TEAM: &str = "tidegate.team.id";
pub(super) const OWN_USAGE_SOURCE: &str = "tidegate.usage.source";
pub(super) const OWN_USER: &str = "tidegate.user.id";

/// The convention's name of an operation. What it has no name for keeps the gateway's.
pub(super) const fn operation(operation: Operation) -> &'static str {
    match operation {
        Operation::ChatCompletions
        | Operation::Converse
        | Operation::ConverseStream
        | Operation::InvokeModel
        | Operation::InvokeModelStream
        | Operation::Messages
        | Operation::Responses => "chat",
        Operation::Completions => "text_completion",
        Operation::BatchEmbedContents | Operation::EmbedContent | Operation::Embeddings => {
            "embeddings"
        }
        Operation::GenerateContent | Operation::StreamGenerateContent => "generate_content",
        other => other.name(),
    }
}

/// What the conventions call providers by their hosts.
const HOSTS: &[(&str, &str)] = &[
    ("aiplatform.googleapis.com", "gcp.vertex_ai"),
    ("api.anthropic.com", "anthropic"),
    ("api.cohere.com", "cohere"),
    ("api.deepseek.com", "deepseek"),
    ("api.groq.com", "groq"),
    ("api.mistral.ai", "mistral_ai"),
    ("api.openai.com", "openai"),
    ("api.perplexity.ai", "perplexity"),
    ("api.x.ai", "x_ai"),
    ("generativelanguage.googleapis.com", "gcp.gemini"),
    ("openai.azure.com", "azure.ai.openai"),
];

/// The convention's name of a provider: by its host, or else by what it speaks.
pub(super) fn provider(endpoint: &Endpoint, dialect: Dialect) -> &'static str {
    by_host(endpoint.host()).unwrap_or(match dialect {
        Dialect::Anthropic => "anthropic",
        Dialect::Bedrock => "aws.bedrock",
        Dialect::Gemini => "gcp.gemini",
        Dialect::OpenAi => "openai",
    })
}

/// The convention's name of whoever is at a host, if it has one. Regions and resources are names before it.
pub(super) fn by_host(host: &str) -> Option<&'static str> {
    let is = |known: &str| {
        host.strip_suffix(known)
            .is_some_and(|before| before.is_empty() || before.ends_with(['.', '-']))
    };
    let found = HOSTS.iter().find(|(known, _)| is(known));
    found.map(|(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The conventions' values of `gen_ai.operation.name` and `gen_ai.provider.name`, as published in version 0.66b2
    /// of the Python package `opentelemetry-semantic-conventions`; the crate has attributes only.
    const OPERATIONS: [&str; 9] = [
        "chat",
        "create_agent",
        "embeddings",
        "execute_tool",
        "generate_content",
        "invoke_agent",
        "invoke_workflow",
        "retrieval",
        "text_completion",
    ];
    const PROVIDERS: [&str; 15] = [
        "anthropic",
        "aws.bedrock",
        "azure.ai.inference",
        "azure.ai.openai",
        "cohere",
        "deepseek",
        "gcp.gemini",
        "gcp.gen_ai",
        "gcp.vertex_ai",
        "groq",
        "ibm.watsonx.ai",
        "mistral_ai",
        "openai",
        "perplexity",
        "x_ai",
    ];

    #[test]
    fn operations_have_the_published_names_or_their_own() {
        let published = |name: &str| OPERATIONS.contains(&name);
        for &one in Operation::ALL {
            let name = operation(one);
            assert!(published(name) || name == one.name(), "{one:?} is {name}");
        }
        let renamed = Operation::ALL
            .iter()
            .filter(|&&one| published(operation(one)));
        assert_eq!(renamed.count(), 13);
    }

    #[test]
    fn providers_have_the_published_names() {
        for (host, name) in HOSTS {
            assert!(PROVIDERS.contains(name), "{host} is {name}");
            assert_eq!(by_host(host), Some(*name));
        }
        let local = Endpoint::parse("http://127.0.0.1:1", tidegate_provider::ClearText::Loopback);
        let local = local.unwrap();
        for dialect in [
            Dialect::Anthropic,
            Dialect::Bedrock,
            Dialect::Gemini,
            Dialect::OpenAi,
        ] {
            assert!(PROVIDERS.contains(&provider(&local, dialect)));
        }
    }
}
