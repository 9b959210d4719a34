//! The clients, in order of importance. A new one is a new file and a line here.

mod antigravity;
mod claude_code;
mod claude_desktop;
mod cline;
mod codex;
mod continue_dev;
mod cursor;
mod gemini;
mod goose;
mod jetbrains;
mod opencode;
mod others;
mod plugins;
mod q;
mod vscode;
mod windsurf;
mod zed;

use super::row::Client;

/// All of them.
pub(super) const CLIENTS: &[Client] = &[
    claude_code::CLIENT,
    codex::CLIENT,
    gemini::CLIENT,
    opencode::CLIENT,
    claude_desktop::CLIENT,
    cursor::CLIENT,
    vscode::CODE,
    vscode::CODIUM,
    vscode::COPILOT,
    windsurf::CLIENT,
    zed::CLIENT,
    cline::CLINE,
    cline::ROO,
    cline::KILO,
    continue_dev::CLIENT,
    goose::CLIENT,
    jetbrains::CLIENT,
    q::AMAZON_Q,
    q::KIRO,
    antigravity::CLIENT,
    others::AMP,
    others::CRUSH,
    others::LM_STUDIO,
    others::QWEN,
];

#[cfg(test)]
mod tests;
