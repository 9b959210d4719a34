//! The betas of Anthropic's API that clouds take, by the names that they have there. A beta that is not listed is left
//! out of the header: a cloud refuses the whole call for one that it does not know.

/// Where this is from; the clouds have no list of their own.
pub(super) const SOURCE: &str =
    "https://github.com/BerriAI/litellm/blob/main/litellm/anthropic_beta_headers_config.json";

const fn same(name: &'static str) -> (&'static str, &'static str) {
    (name, name)
}

pub(super) const FOUNDRY: &[(&str, &str)] = &[
    same("advanced-tool-use-2025-11-20"),
    same("code-execution-2025-08-25"),
    same("computer-use-2025-01-24"),
    same("computer-use-2025-11-24"),
    same("context-1m-2025-08-07"),
    same("context-management-2025-06-27"),
    same("dangerous-tool-use-2026-09-03"),
    same("effort-2025-11-24"),
    same("files-api-2025-04-14"),
    same("interleaved-thinking-2025-05-14"),
    same("mcp-client-2025-04-04"),
    same("mcp-client-2025-11-20"),
    same("per-turn-control-2026-07-01"),
    same("prompt-caching-scope-2026-01-05"),
    same("skills-2025-10-02"),
    same("structured-outputs-2025-11-13"),
    same("thinking-display-updates-2026-08-18"),
    same("web-fetch-2025-09-10"),
    same("web-search-2025-03-05"),
];

pub(super) const VERTEX: &[(&str, &str)] = &[
    (
        "advanced-tool-use-2025-11-20",
        "tool-search-tool-2025-10-19",
    ),
    same("compact-2026-01-12"),
    same("compact-2026-09-04"),
    same("computer-use-2025-01-24"),
    same("computer-use-2025-11-24"),
    same("context-1m-2025-08-07"),
    same("context-management-2025-06-27"),
    same("dangerous-tool-use-2026-09-03"),
    same("interleaved-thinking-2025-05-14"),
    same("per-turn-control-2026-07-01"),
    same("thinking-binding-controls-2026-08-01"),
    same("thinking-display-updates-2026-08-18"),
    same("tool-search-tool-2025-10-19"),
    same("web-search-2025-03-05"),
];
