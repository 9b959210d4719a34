//! The profiles of clouds: models of others at an address of the customer's own, with its credentials.

use tidegate_wire::{
    Dialect,
    body::{Act, Quirk, Within},
    translate::Language,
};

use super::{COMPATIBLE, Home, Profile, betas};
use crate::key::Scheme;

const fn body(name: &'static str, act: Act) -> Quirk {
    Quirk {
        within: Within::Body,
        name,
        act,
    }
}

/// Members that only betas unlock which the cloud does not take: what asks for nothing goes, anything else is refused.
const SPEED: Quirk = body("speed", Act::DropIf(&["\"standard\"", "null"]));
const MCP_SERVERS: Quirk = body("mcp_servers", Act::DropIf(&["[]", "null"]));
const CONTAINER: Quirk = body("container", Act::DropIf(&["null"]));
const OUTPUT_FORMAT: Quirk = body("output_format", Act::DropIf(&["null"]));

/// Vertex AI has the version in the body, and the model in the path.
const VERSION: Quirk = body("anthropic_version", Act::Put("\"vertex-2023-10-16\""));

pub(super) const PROFILES: &[Profile] = &[
    Profile {
        name: "azure-openai",
        title: "Azure OpenAI, and OpenAI's API of Microsoft Foundry",
        home: Home::Own("https://RESOURCE.openai.azure.com/openai"),
        languages: &[Language::Responses, Language::Chat],
        scheme: Some(Scheme::ApiKey),
        entra_scope: "https://cognitiveservices.azure.com/.default",
        prices: Some(Dialect::OpenAi),
        sources: &["https://learn.microsoft.com/azure/foundry/openai/api-version-lifecycle"],
        note: "The model is the deployment's name. `api_version = \"2024-10-21\"` asks by deployment instead of `/v1`, \
               and for Chat Completions only. A deployment that is not named as its model needs a price of its own.",
        ..COMPATIBLE
    },
    Profile {
        name: "foundry-anthropic",
        title: "Claude in Microsoft Foundry",
        dialect: Dialect::Anthropic,
        home: Home::Own("https://RESOURCE.services.ai.azure.com/anthropic"),
        languages: &[Language::Messages],
        entra_scope: "https://ai.azure.com/.default",
        messages: &[SPEED],
        betas: Some(betas::FOUNDRY),
        prices: Some(Dialect::Anthropic),
        sources: &[
            "https://platform.claude.com/docs/en/build-with-claude/claude-in-microsoft-foundry",
            betas::SOURCE,
        ],
        note: "The model is the deployment's name.",
        ..COMPATIBLE
    },
    Profile {
        name: "vertex-anthropic",
        title: "Claude on Vertex AI",
        dialect: Dialect::Anthropic,
        home: Home::ByLocation,
        languages: &[Language::Messages],
        scheme: Some(Scheme::Bearer),
        paths: &[
            (
                "/v1/messages/count_tokens",
                "/v1/projects/{project}/locations/{location}/publishers/anthropic/models/count-tokens:rawPredict",
            ),
            (
                "/v1/messages",
                "/v1/projects/{project}/locations/{location}/publishers/anthropic/models/{model}:{predict}",
            ),
        ],
        messages: &[
            VERSION,
            body("model", Act::Drop),
            SPEED,
            MCP_SERVERS,
            CONTAINER,
            OUTPUT_FORMAT,
        ],
        count_tokens: &[VERSION, MCP_SERVERS, CONTAINER],
        betas: Some(betas::VERTEX),
        prices: Some(Dialect::Anthropic),
        sources: &[
            "https://platform.claude.com/docs/en/build-with-claude/claude-on-vertex-ai",
            betas::SOURCE,
        ],
        note: "What regional locations cost more is not in the price list.",
        ..COMPATIBLE
    },
    Profile {
        name: "vertex-gemini",
        title: "Gemini on Vertex AI",
        dialect: Dialect::Gemini,
        home: Home::ByLocation,
        languages: &[Language::Gemini],
        scheme: Some(Scheme::Bearer),
        paths: &[
            (
                "/v1beta/models/",
                "/v1/projects/{project}/locations/{location}/publishers/google/models/",
            ),
            (
                "/v1/models/",
                "/v1/projects/{project}/locations/{location}/publishers/google/models/",
            ),
        ],
        prices: Some(Dialect::Gemini),
        sources: &[
            "https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/inference",
        ],
        ..COMPATIBLE
    },
];
