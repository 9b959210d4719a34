//! The schema of definitions, which know nothing of OpenAPI. A test holds both together.

#![allow(
    dead_code,
    reason = "schemas of types of the governance crate, which knows nothing of OpenAPI"
)]

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a guardrail does.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct GuardrailDefinition {
    /// What it looks for.
    detect: DetectSchema,
    /// What it does about a finding.
    action: ActionSchema,
    /// Whether prompts are looked at.
    #[schema(default = true, required = false)]
    prompts: bool,
    /// Whether answers are looked at.
    #[schema(default = true, required = false)]
    answers: bool,
    /// Only note what would have happened.
    #[schema(default = false, required = false)]
    shadow: bool,
    /// Which calls it concerns; each list that is not empty must name the call.
    #[schema(required = false)]
    scope: ScopeSchema,
    /// A condition in the Common Expression Language over `call`: its members are the texts `operation`,
    /// `provider`, `model`, `key`, `team`, `user`, `device`, `device_group` and `app`, and the booleans
    /// `streamed` and `relayed`. Empty: always.
    #[schema(
        required = false,
        max_length = 1024,
        example = "call.relayed && call.app != 'cursor'"
    )]
    condition: String,
    /// On how many of a hundred calls it is asked.
    #[schema(required = false, minimum = 1, maximum = 100, default = 100)]
    sample: u8,
    /// What happens when it cannot do its work: `closed` refuses the call, `open` lets it pass and says so in
    /// the log.
    #[schema(required = false)]
    on_failure: OnFailureName,
}

/// What a guardrail looks for.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
#[schema(as = GuardrailDetect)]
pub(super) enum DetectSchema {
    /// Our own detectors and those of the operator's rule files.
    Rules {
        /// Whole groups of rules.
        #[schema(required = false)]
        groups: Vec<GroupName>,
        /// Single rules by name.
        #[schema(required = false)]
        rules: Vec<String>,
        /// Rules that are left out.
        #[schema(required = false)]
        except: Vec<String>,
        /// Of personal data, only what is usual in these countries or everywhere; empty: all.
        #[schema(required = false, example = json!(["us", "de"]))]
        regions: Vec<String>,
        /// How sure a finding must be.
        #[schema(required = false, minimum = 0.0, maximum = 1.0, default = 0.5)]
        min_score: f32,
    },
    /// Words and phrases, whatever their case; and regular expressions.
    Terms {
        /// Whole words or phrases.
        #[schema(required = false)]
        words: Vec<String>,
        /// Regular expressions.
        #[schema(required = false)]
        patterns: Vec<String>,
    },
    /// Tools that a model calls.
    Tools {
        /// Names, `*` for any characters.
        #[schema(required = false, example = json!(["bash", "mcp__*__delete_*"]))]
        names: Vec<String>,
        /// Regular expressions over arguments, their JSON escapes undone.
        #[schema(required = false)]
        arguments: Vec<String>,
    },
    /// A service of someone else's.
    Engine {
        /// Its name in the configuration.
        engine: String,
        /// How an answer waits for it that comes as a stream.
        #[schema(required = false)]
        stream: StreamedSchema,
    },
}

/// How an answer that comes as a stream waits for a service: `buffer` until the service has seen all of it, `window` part
/// by part, `async` not at all: the stream ends when the service objects, and nothing can be replaced. An answer in one
/// piece waits as a whole.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(tag = "mode", rename_all = "snake_case", deny_unknown_fields)]
#[schema(as = GuardrailStream)]
pub(super) enum StreamedSchema {
    /// Nothing passes before the service has seen all of it.
    Buffer,
    /// What the service has seen passes, but for its end.
    Window {
        /// How much is new to the service each time it is asked, in characters.
        #[schema(required = false, minimum = 50, maximum = 100_000, default = 1000)]
        characters: u32,
        /// How much it sees again with what follows, in characters: as long as the longest thing that it is to find, and
        /// at most half of `characters`.
        #[schema(required = false, minimum = 0, maximum = 50_000, default = 100)]
        overlap: u32,
    },
    /// All passes at once.
    Async {
        /// How much is new to the service each time it is asked, in characters.
        #[schema(required = false, minimum = 50, maximum = 100_000, default = 1000)]
        characters: u32,
    },
}

/// What is done about a finding: `log` notes it, `flag` also alerts, `redact` puts another text in its place,
/// `restore` a placeholder that becomes the text again in the answer, `block` refuses.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
#[schema(as = GuardrailAction)]
pub(super) enum ActionSchema {
    /// It is in the log.
    Log,
    /// It is in the log and in alerts.
    Flag,
    /// Another text takes its place.
    Redact {
        /// Which.
        #[schema(required = false)]
        with: ReplacementName,
    },
    /// A placeholder takes its place on the way to the provider.
    Restore,
    /// The call is refused, or the answer ends.
    Block,
}

/// What stands where something was: the rule's name, stars, or the name and a keyed hash.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = GuardrailReplacement)]
pub(super) enum ReplacementName {
    Name,
    Mask,
    Hash,
}

/// What happens when a guardrail cannot do its work.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = GuardrailFailure)]
pub(super) enum OnFailureName {
    Closed,
    Open,
}

/// Rules that belong together. Generic secrets are often wrong; `own` are the operator's.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = DetectorGroup)]
pub(super) enum GroupName {
    Secrets,
    GenericSecrets,
    Personal,
    Own,
}

/// A direction.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = GuardrailPhase)]
pub(super) enum PhaseName {
    Prompt,
    Answer,
}

/// Which calls a guardrail concerns.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = GuardrailScope)]
pub(super) struct ScopeSchema {
    /// Ids of keys.
    #[schema(required = false)]
    keys: Vec<String>,
    /// Ids of teams, of keys, of users and of devices.
    #[schema(required = false)]
    teams: Vec<String>,
    /// Ids of users.
    #[schema(required = false)]
    users: Vec<String>,
    /// Ids of groups of devices: only calls that their devices relay.
    #[schema(required = false)]
    device_groups: Vec<String>,
    /// Apps that devices report, by their names in the catalogue.
    #[schema(required = false)]
    apps: Vec<String>,
    /// Models, `*` for any characters.
    #[schema(required = false)]
    models: Vec<String>,
    /// Providers.
    #[schema(required = false)]
    providers: Vec<String>,
    /// Only calls that devices relay, or only others.
    #[schema(required = false)]
    relayed: Option<bool>,
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use tidegate_governance::guardrail::Definition;

    use super::*;

    #[test]
    fn definitions_are_written_as_their_schema_says() {
        let detects = [
            json!({"kind": "rules", "groups": ["secrets", "generic_secrets", "personal", "own"],
                "rules": ["a"], "except": ["b"], "regions": ["us"], "min_score": 0.5}),
            json!({"kind": "terms", "words": ["a"], "patterns": ["b"]}),
            json!({"kind": "tools", "names": ["a"], "arguments": ["b"]}),
            json!({"kind": "engine", "engine": "a", "stream": {"mode": "buffer"}}),
            json!({"kind": "engine", "engine": "a", "stream": {"mode": "window", "characters": 500, "overlap": 50}}),
            json!({"kind": "engine", "engine": "a", "stream": {"mode": "async", "characters": 500}}),
        ];
        let actions = [
            json!({"do": "log"}),
            json!({"do": "flag"}),
            json!({"do": "redact", "with": "name"}),
            json!({"do": "redact", "with": "mask"}),
            json!({"do": "redact", "with": "hash"}),
            json!({"do": "restore"}),
            json!({"do": "block"}),
        ];
        for (detect, on_failure) in detects.iter().zip(["open", "closed"].into_iter().cycle()) {
            for action in &actions {
                let written = json!({"detect": detect, "action": action, "prompts": true,
                    "answers": false, "shadow": true, "condition": "true", "sample": 7,
                    "on_failure": on_failure, "scope": {"keys": [], "teams": [], "users": [],
                    "device_groups": ["dgrp_01jdg8s6f7e2m9v4k3x5q8w0zr"],
                    "apps": ["cursor"], "models": ["gpt-*"], "providers": ["openai"],
                    "relayed": true}});
                let schema: GuardrailDefinition = serde_json::from_value(written.clone()).unwrap();
                let ours: Definition = serde_json::from_value(written.clone()).unwrap();
                assert_eq!(serde_json::to_value(schema).unwrap(), written);
                assert_eq!(serde_json::to_value(ours).unwrap(), written);
            }
        }
    }
}
