//! `[[guardrails.engines]]`: guardrail services of others.

mod aws;

use std::{path::Path, path::PathBuf, time::Duration};

use tidegate_engines::{
    AzureContentSafety, AzurePii, Bedrock, CrowdStrike, Engine, GraySwan, Lakera, ModelArmor,
    OpenAiModeration, Patronus, Presidio, Webhook,
};
use tidegate_provider::{ClearText, Endpoint};
use tidegate_types::Secret;

use super::{provider::credential, section::Section};

/// A service as configured, its credential read.
#[derive(Debug)]
pub struct EngineConfig {
    /// Its name, by which guardrails ask it.
    pub name: String,
    /// What it is.
    pub engine: Box<dyn Engine>,
    /// How long it may take.
    pub timeout: Duration,
    /// How many calls it is asked about at once.
    pub concurrency: usize,
    /// A CA bundle that its certificate must chain to, instead of the system's.
    pub ca: Option<PathBuf>,
}

const KINDS: &[(&str, Kind)] = &[
    ("azure_content_safety", Kind::AzureContentSafety),
    ("azure_pii", Kind::AzurePii),
    ("azure_prompt_shields", Kind::AzureShields),
    ("bedrock", Kind::Bedrock),
    ("crowdstrike", Kind::CrowdStrike),
    ("grayswan", Kind::GraySwan),
    ("lakera", Kind::Lakera),
    ("model_armor", Kind::ModelArmor),
    ("openai_moderation", Kind::OpenAi),
    ("patronus", Kind::Patronus),
    ("presidio", Kind::Presidio),
    ("webhook", Kind::Webhook),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    AzureContentSafety,
    AzurePii,
    AzureShields,
    Bedrock,
    CrowdStrike,
    GraySwan,
    Lakera,
    ModelArmor,
    OpenAi,
    Patronus,
    Presidio,
    Webhook,
}

impl Kind {
    /// Where the service is when it is not said.
    const fn url(self) -> Option<&'static str> {
        match self {
            Self::CrowdStrike => Some("https://api.crowdstrike.com/aidr/aiguard"),
            Self::GraySwan => Some("https://api.grayswan.ai"),
            Self::Lakera => Some("https://api.lakera.ai"),
            Self::OpenAi => Some("https://api.openai.com"),
            Self::Patronus => Some("https://api.patronus.ai"),
            _ => None,
        }
    }

    /// Whether it needs an `api_key`: those of AWS may have another credential.
    const fn needs_key(self) -> bool {
        !matches!(self, Self::Bedrock | Self::Presidio | Self::Webhook)
    }
}

pub(super) fn read(mut section: Section<'_>, base: &Path) -> Option<EngineConfig> {
    let name = section.string("name").unwrap_or_default();
    if name.is_empty() || name.len() > 64 {
        section.note(
            "name",
            "is needed: 1 to 64 bytes, by which guardrails name it",
        );
    }
    let kinds: Vec<_> = KINDS
        .iter()
        .map(|(name, kind)| (*name, Some(*kind)))
        .collect();
    let Some(kind) = section.choice("kind", &kinds, None) else {
        section.note("kind", "is needed: which service it is");
        return None;
    };
    let url = url(&mut section, kind)?;
    let token = section.string("api_key");
    let token = token.and_then(|text| credential(&section, "api_key", &text, base));
    if kind.needs_key() && token.is_none() {
        section.note("api_key", "is needed: \"env:NAME\" or \"file:PATH\"");
        return None;
    }
    let engine = engine(&mut section, (kind, url, token), base)?;
    let timeout = section.duration("timeout", Duration::from_secs(2));
    let concurrency = section.integer("concurrency", 16);
    let ca = section.bundle("ca", base);
    section.finish();
    Some(EngineConfig {
        name,
        engine,
        timeout,
        concurrency: usize::try_from(concurrency)
            .unwrap_or(usize::MAX)
            .min(1_024),
        ca,
    })
}

fn url(section: &mut Section<'_>, kind: Kind) -> Option<String> {
    let anywhere = section.bool("allow_insecure_http", false);
    let clear = if anywhere {
        ClearText::Anywhere
    } else {
        ClearText::Loopback
    };
    let url = section
        .string("url")
        .or_else(|| kind.url().map(str::to_owned));
    let Some(url) = url else {
        section.note("url", "is needed: where the service is");
        return None;
    };
    match Endpoint::parse(&url, clear) {
        Ok(_) => Some(url),
        Err(error) => {
            section.note("url", error.to_string());
            None
        }
    }
}

/// A share between 0 and 1, written in hundredths.
fn share(section: &mut Section<'_>, key: &'static str, default: u64) -> f32 {
    let hundredths = section.integer(key, default);
    if hundredths > 100 {
        section.note(
            key,
            "is from 1 to 100: how sure the service must be, of a hundred",
        );
    }
    hundredths.min(100) as f32 / 100.0
}

fn needed(section: &mut Section<'_>, key: &'static str, what: &str) -> String {
    let text = section.string(key).unwrap_or_default();
    if text.is_empty() {
        section.note(key, format!("is needed: {what}"));
    }
    text
}

fn engine(
    section: &mut Section<'_>,
    (kind, url, named): (Kind, String, Option<Secret<String>>),
    base: &Path,
) -> Option<Box<dyn Engine>> {
    let token = named.clone().unwrap_or_else(|| Secret::new(String::new()));
    Some(match kind {
        Kind::AzureContentSafety | Kind::AzureShields => Box::new(AzureContentSafety {
            url,
            token,
            shield: kind == Kind::AzureShields,
            severity: u8::try_from(section.integer("severity", 4))
                .unwrap_or(7)
                .min(7),
            blocklists: section.strings("blocklists"),
        }),
        Kind::AzurePii => Box::new(AzurePii {
            url,
            token,
            language: language(section),
            threshold: share(section, "threshold", 60),
        }),
        Kind::Bedrock => Box::new(Bedrock {
            guardrail: needed(section, "guardrail", "the guardrail's id or ARN"),
            version: section
                .string("version")
                .unwrap_or_else(|| "DRAFT".to_owned()),
            credential: aws::read(section, &url, named, base)?,
            url,
        }),
        Kind::CrowdStrike => Box::new(CrowdStrike { url, token }),
        Kind::GraySwan => Box::new(GraySwan {
            url,
            token,
            policy: section.string("policy").unwrap_or_default(),
            threshold: share(section, "threshold", 50),
        }),
        Kind::Lakera => Box::new(Lakera {
            url,
            token,
            project: section.string("project").unwrap_or_default(),
        }),
        Kind::ModelArmor => Box::new(ModelArmor {
            url,
            template: needed(
                section,
                "template",
                "\"projects/P/locations/L/templates/T\"",
            ),
            token,
        }),
        Kind::OpenAi => Box::new(OpenAiModeration {
            url,
            token,
            model: section
                .string("model")
                .unwrap_or_else(|| "omni-moderation-latest".to_owned()),
            threshold: match share(section, "threshold", 100) {
                all if all >= 1.0 => None,
                threshold => Some(threshold),
            },
        }),
        Kind::Patronus => Box::new(Patronus {
            url,
            token,
            evaluators: evaluators(section),
        }),
        Kind::Presidio => Box::new(Presidio {
            url,
            language: language(section),
            entities: section.strings("entities"),
            threshold: share(section, "threshold", 50),
        }),
        Kind::Webhook => {
            let secret = section.string("secret");
            let secret = secret.and_then(|text| credential(section, "secret", &text, base));
            Box::new(Webhook {
                url,
                secret,
                token: named,
            })
        }
    })
}

fn evaluators(section: &mut Section<'_>) -> Vec<String> {
    let evaluators = section.strings("evaluators");
    if evaluators.is_empty() {
        section.note("evaluators", "are needed, such as \"toxicity\"");
    }
    evaluators
}

fn language(section: &mut Section<'_>) -> String {
    section
        .string("language")
        .unwrap_or_else(|| "en".to_owned())
}
