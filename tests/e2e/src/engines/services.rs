//! The services, each as its API is published: what it takes, how it counts, how it answers.
//!
//! All of them know one name, `Ada`, and one thing that must not be said, `rage`.

mod aws;
mod azure;
mod chats;
mod others;

use serde_json::Value;

use super::stand_in::Asked;

/// What they find.
pub(super) const NAME: &str = "Ada";
/// What they refuse.
pub(super) const HARM: &str = "rage";
/// What the gateway knows of every service: a credential in a file.
const TOKEN: &str = "upstream-secret";

/// A service.
pub(super) struct Kind {
    /// As the configuration names it.
    pub(super) name: &'static str,
    /// Its own keys in the configuration.
    pub(super) keys: &'static str,
    /// What stands in the place of a name, where it finds names.
    pub(super) instead: Option<&'static str>,
    /// Whether it takes several texts apart.
    pub(super) apart: bool,
    /// What it calls what must not be said, where it refuses anything.
    pub(super) harm: Option<&'static str>,
    /// What it answers, or what is wrong with the request.
    pub(super) says: fn(&Asked) -> Result<Value, String>,
}

pub(super) const KINDS: [Kind; 12] = [
    Kind {
        name: "azure_content_safety",
        keys: "severity = 4\nblocklists = [\"ours\"]",
        instead: None,
        apart: false,
        harm: Some("Violence"),
        says: azure::content_safety,
    },
    Kind {
        name: "azure_prompt_shields",
        keys: "",
        instead: None,
        apart: false,
        harm: Some("prompt attack"),
        says: azure::shields,
    },
    Kind {
        name: "azure_pii",
        keys: "language = \"en\"",
        instead: Some("[PERSON]"),
        apart: true,
        harm: None,
        says: azure::pii,
    },
    Kind {
        name: "bedrock",
        keys: "guardrail = \"arn:aws:bedrock:eu-west-1:1:guardrail/x\"\nversion = \"3\"",
        instead: Some("{NAME}"),
        apart: true,
        harm: Some("contentPolicy: VIOLENCE"),
        says: aws::apply,
    },
    Kind {
        name: "crowdstrike",
        keys: "",
        instead: Some("<NAME>"),
        apart: true,
        harm: Some("malicious_prompt"),
        says: chats::crowdstrike,
    },
    Kind {
        name: "grayswan",
        keys: "policy = \"p-1\"\nthreshold = 60",
        instead: None,
        apart: false,
        harm: Some("violation"),
        says: chats::grayswan,
    },
    Kind {
        name: "lakera",
        keys: "project = \"project-1\"",
        instead: Some("[PII_NAME]"),
        apart: true,
        harm: Some("prompt_attack"),
        says: chats::lakera,
    },
    Kind {
        name: "model_armor",
        keys: "template = \"projects/p/locations/l/templates/t\"",
        instead: Some("[NAME]"),
        apart: false,
        harm: Some("rai"),
        says: others::model_armor,
    },
    Kind {
        name: "openai_moderation",
        keys: "",
        instead: None,
        apart: false,
        harm: Some("violence"),
        says: others::moderation,
    },
    Kind {
        name: "patronus",
        keys: "evaluators = [\"toxicity\", \"judge:is-polite\"]",
        instead: None,
        apart: false,
        harm: Some("toxicity"),
        says: others::patronus,
    },
    Kind {
        name: "presidio",
        keys: "language = \"en\"\nentities = [\"PERSON\"]",
        instead: Some("[PERSON]"),
        apart: true,
        harm: None,
        says: others::presidio,
    },
    Kind {
        name: "webhook",
        keys: "secret = \"file:provider-key\"",
        instead: Some("***"),
        apart: true,
        harm: Some("anger"),
        says: others::webhook,
    },
];

/// Where the name is in a text, in bytes.
fn names(text: &str) -> impl Iterator<Item = std::ops::Range<usize>> {
    let found = text.match_indices(NAME);
    found.map(|(at, name)| at..at + name.len())
}

/// As Python counts.
fn points(text: &str) -> usize {
    text.chars().count()
}

/// As JavaScript counts.
fn units(text: &str) -> usize {
    text.encode_utf16().count()
}
