//! Other gateways' names of providers, as our profiles'.

use tidegate_provider::profiles::{self, Profile};

/// `(theirs, our profile)`; a name that both have alike is not listed.
const NAMES: &[(&str, &str)] = &[
    ("anthropic_text", "anthropic"),
    ("azure", "azure-openai"),
    ("azure_ai", "azure-openai"),
    ("cohere_chat", "cohere"),
    ("fireworks_ai", "fireworks"),
    ("hosted_vllm", "vllm"),
    ("lm_studio", "lm-studio"),
    ("nvidia_nim", "nvidia"),
    ("ollama_chat", "ollama"),
    ("sgl", "sglang"),
    ("text-completion-openai", "openai"),
    ("together_ai", "together"),
    ("vertex", "vertex-gemini"),
    ("vertex_ai", "vertex-gemini"),
    ("vertex_ai-anthropic_models", "vertex-anthropic"),
    ("vertex_ai-language-models", "vertex-gemini"),
];

/// The profile that another gateway's name means.
pub(crate) fn profile(name: &str) -> Option<&'static Profile> {
    let ours = NAMES.iter().find(|(theirs, _)| *theirs == name);
    profiles::find(ours.map_or(name, |(_, ours)| ours))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_means_a_profile() {
        for (theirs, ours) in NAMES {
            assert_eq!(profile(theirs).map(|known| known.name), Some(*ours));
        }
        assert_eq!(profile("groq").map(|known| known.name), Some("groq"));
        assert_eq!(profile("nobody"), None);
    }
}
