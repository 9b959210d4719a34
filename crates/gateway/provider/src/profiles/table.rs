//! The profiles. Each names the pages it is from; none was tried against the provider itself.

use tidegate_wire::{Dialect, translate::Language};

use super::{COMPATIBLE, Home, Profile, StreamUsage, chat};

pub(super) const PROFILES: &[Profile] = &[
    Profile {
        name: "anthropic",
        title: "Anthropic",
        dialect: Dialect::Anthropic,
        home: Home::At("https://api.anthropic.com"),
        languages: &[Language::Messages],
        prices: Some(Dialect::Anthropic),
        sources: &["https://platform.claude.com/docs/en/api/overview"],
        ..COMPATIBLE
    },
    Profile {
        name: "cerebras",
        title: "Cerebras",
        home: Home::At("https://api.cerebras.ai"),
        chat: chat::CEREBRAS,
        sources: &[
            "https://inference-docs.cerebras.ai/resources/openai",
            "https://github.com/QwenLM/qwen-code/issues/11045",
        ],
        note: "Answers bring thoughts as `reasoning`, and earlier ones are told by that name.",
        ..COMPATIBLE
    },
    Profile {
        name: "cohere",
        title: "Cohere, by its compatibility API",
        home: Home::At("https://api.cohere.ai/compatibility"),
        chat: chat::OLDER_CAP,
        sources: &["https://docs.cohere.com/docs/compatibility-api"],
        ..COMPATIBLE
    },
    Profile {
        name: "databricks",
        title: "Databricks Model Serving",
        home: Home::Own("https://WORKSPACE.cloud.databricks.com/serving-endpoints"),
        paths: &[("/v1/", "/")],
        chat: chat::OLDER_CAP,
        sources: &[
            "https://docs.databricks.com/machine-learning/model-serving/score-foundation-models.html",
        ],
        note: "The model is the serving endpoint's name; the key is a token of the workspace.",
        ..COMPATIBLE
    },
    Profile {
        name: "deepseek",
        title: "DeepSeek",
        home: Home::At("https://api.deepseek.com"),
        chat: chat::DEEPSEEK,
        sources: &[
            "https://api-docs.deepseek.com/guides/thinking_mode",
            "https://github.com/theopenco/llmgateway/pull/3462",
        ],
        note: "`reasoning_content` of earlier turns is passed on: turns with tool calls need it.",
        ..COMPATIBLE
    },
    Profile {
        name: "fireworks",
        title: "Fireworks AI",
        home: Home::At("https://api.fireworks.ai/inference"),
        languages: &[Language::Chat, Language::Responses],
        sources: &["https://docs.fireworks.ai/tools-sdks/openai-compatibility"],
        ..COMPATIBLE
    },
    Profile {
        name: "gemini",
        title: "Gemini",
        dialect: Dialect::Gemini,
        home: Home::At("https://generativelanguage.googleapis.com"),
        languages: &[Language::Gemini],
        prices: Some(Dialect::Gemini),
        sources: &["https://ai.google.dev/api"],
        ..COMPATIBLE
    },
    Profile {
        name: "gemini-openai",
        title: "Gemini, by its OpenAI-compatible API",
        home: Home::At("https://generativelanguage.googleapis.com/v1beta/openai"),
        paths: &[("/v1/", "/")],
        prices: Some(Dialect::Gemini),
        sources: &["https://ai.google.dev/gemini-api/docs/openai"],
        ..COMPATIBLE
    },
    Profile {
        name: "groq",
        title: "Groq",
        home: Home::At("https://api.groq.com/openai"),
        languages: &[Language::Chat, Language::Responses],
        chat: chat::GROQ,
        sources: &[
            "https://console.groq.com/docs/openai",
            "https://github.com/janhq/jan/issues/8136",
        ],
        note: "`messages[].name` and `n` above 1 it refuses itself.",
        ..COMPATIBLE
    },
    Profile {
        name: "huggingface",
        title: "Hugging Face, by its router",
        home: Home::At("https://router.huggingface.co"),
        chat: chat::OLDER_CAP,
        sources: &["https://huggingface.co/docs/inference-providers/index"],
        ..COMPATIBLE
    },
    Profile {
        name: "llama-cpp",
        title: "llama.cpp's server",
        home: Home::Own("http://127.0.0.1:8080"),
        keyless: true,
        sources: &["https://github.com/ggml-org/llama.cpp/blob/master/tools/server/README.md"],
        note: "Its port is the gateway's own by default: start one of them on another.",
        ..COMPATIBLE
    },
    Profile {
        name: "lm-studio",
        title: "LM Studio",
        home: Home::At("http://127.0.0.1:1234"),
        chat: chat::OLDER_CAP,
        keyless: true,
        sources: &["https://lmstudio.ai/docs/app/api/endpoints/openai"],
        ..COMPATIBLE
    },
    Profile {
        name: "mistral",
        title: "Mistral",
        home: Home::At("https://api.mistral.ai"),
        chat: chat::MISTRAL,
        usage: StreamUsage::Unasked,
        sources: &[
            "https://github.com/mistralai/client-python (chatcompletionrequest.py, assistantmessage.py)",
            "https://github.com/editor-code-assistant/eca/issues/231",
            "https://github.com/charmbracelet/crush/issues/1590",
        ],
        note: "Members that its schema does not have are refused with 422.",
        ..COMPATIBLE
    },
    Profile {
        name: "nvidia",
        title: "NVIDIA NIM",
        home: Home::At("https://integrate.api.nvidia.com"),
        chat: chat::OLDER_CAP,
        sources: &["https://docs.api.nvidia.com/nim/reference/llm-apis"],
        ..COMPATIBLE
    },
    Profile {
        name: "ollama",
        title: "Ollama",
        home: Home::At("http://127.0.0.1:11434"),
        chat: chat::OLDER_CAP,
        keyless: true,
        sources: &["https://github.com/ollama/ollama/blob/main/docs/openai.md"],
        ..COMPATIBLE
    },
    Profile {
        name: "openai",
        title: "OpenAI",
        home: Home::At("https://api.openai.com"),
        languages: &[Language::Responses, Language::Chat],
        prices: Some(Dialect::OpenAi),
        sources: &["https://developers.openai.com/api/reference"],
        ..COMPATIBLE
    },
    Profile {
        name: "openrouter",
        title: "OpenRouter",
        home: Home::At("https://openrouter.ai/api"),
        sources: &["https://openrouter.ai/docs/api-reference/overview"],
        note: "Models are named `maker/model`: write `openrouter/maker/model`.",
        ..COMPATIBLE
    },
    Profile {
        name: "perplexity",
        title: "Perplexity, by its Agent API",
        home: Home::At("https://api.perplexity.ai"),
        languages: &[Language::Responses],
        sources: &[
            "https://docs.perplexity.ai/docs/grounded-llm/openai-compatibility",
            "https://docs.perplexity.ai/docs/agent-api/migrate-from-sonar/overview",
        ],
        note: "Chat Completions ended there on 2026-09-27; calls in it are translated.",
        ..COMPATIBLE
    },
    Profile {
        name: "sglang",
        title: "SGLang",
        home: Home::Own("http://127.0.0.1:30000"),
        keyless: true,
        sources: &["https://docs.sglang.ai/basic_usage/openai_api_completions.html"],
        ..COMPATIBLE
    },
    Profile {
        name: "together",
        title: "Together AI",
        home: Home::At("https://api.together.xyz"),
        chat: chat::OLDER_CAP,
        sources: &["https://docs.together.ai/docs/openai-api-compatibility"],
        ..COMPATIBLE
    },
    Profile {
        name: "vllm",
        title: "vLLM",
        home: Home::Own("http://127.0.0.1:8000"),
        languages: &[Language::Chat, Language::Responses],
        keyless: true,
        sources: &["https://docs.vllm.ai/en/stable/serving/openai_compatible_server.html"],
        ..COMPATIBLE
    },
    Profile {
        name: "xai",
        title: "xAI",
        home: Home::At("https://api.x.ai"),
        languages: &[Language::Responses, Language::Chat],
        sources: &["https://docs.x.ai/docs/guides/reasoning"],
        note: "What its reasoning models do not take (penalties, `stop`) they refuse themselves.",
        ..COMPATIBLE
    },
];
