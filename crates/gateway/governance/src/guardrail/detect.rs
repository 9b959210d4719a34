//! What a guardrail looks for.

use serde::{Deserialize, Serialize};

/// What a guardrail looks for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Detect {
    /// Our own detectors and those of the operator's rule files.
    Rules {
        /// Whole groups of rules.
        #[serde(default)]
        groups: Vec<Group>,
        /// Single rules by name.
        #[serde(default)]
        rules: Vec<String>,
        /// Rules that are left out.
        #[serde(default)]
        except: Vec<String>,
        /// Of personal data, only what is usual in these countries (ISO 3166-1 alpha-2, lower case) or
        /// everywhere. Empty: all.
        #[serde(default)]
        regions: Vec<String>,
        /// How sure a finding must be, 0 to 1.
        #[serde(default = "half")]
        min_score: f32,
    },
    /// Words and phrases, whatever their case; and patterns.
    Terms {
        /// Whole words or phrases.
        #[serde(default)]
        words: Vec<String>,
        /// Regular expressions.
        #[serde(default)]
        patterns: Vec<String>,
    },
    /// Tool calls that a model makes, and tools that it is offered.
    Tools(Tools),
    /// A service of someone else's, by its name in the configuration.
    Engine {
        /// The name of a `[[guardrails.engines]]`.
        engine: String,
        /// How an answer waits for it that comes as a stream.
        #[serde(default)]
        stream: Streamed,
    },
}

/// How an answer that comes as a stream waits for a service. One that comes in one piece waits as a whole.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "mode", rename_all = "snake_case", deny_unknown_fields)]
pub enum Streamed {
    /// Nothing of it passes before the service has seen all of it.
    #[default]
    Buffer,
    /// The service is asked whenever so much has come. What it has seen passes, but for its end, which it sees again
    /// with what follows.
    Window {
        /// How much is new to it each time, in characters.
        #[serde(default = "thousand")]
        characters: u32,
        /// How much it sees again, in characters: as long as the longest thing that it is to find.
        #[serde(default = "hundred")]
        overlap: u32,
    },
    /// It passes at once. The service is asked whenever so much has come, and the stream ends when it objects.
    Async {
        /// How much is new to it each time, in characters.
        #[serde(default = "thousand")]
        characters: u32,
    },
}

/// Rules that belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Group {
    /// Credentials with a shape of their own, and values beside their vendor's name.
    Secrets,
    /// Values beside words such as `password`: often wrong.
    GenericSecrets,
    /// Personal data.
    Personal,
    /// Rules of the operator's files.
    Own,
}

/// Deny lists for tool calls.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tools {
    /// Names of tools, `*` for any characters.
    pub names: Vec<String>,
    /// Regular expressions over arguments, their JSON escapes undone.
    pub arguments: Vec<String>,
}

const fn thousand() -> u32 {
    1_000
}

const fn hundred() -> u32 {
    100
}

const fn half() -> f32 {
    0.5
}
