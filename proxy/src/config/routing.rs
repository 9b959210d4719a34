//! `[routing]`, `[[models]]` and `[[rules]]`: which of several places answers a call.

use std::time::Duration;

use tidegate_routing::{Choose, Cooldown, Policy, Rule, Shadow, Target, Then, VirtualModel};
use tidegate_types::{ModelName, ProviderName};

use super::{ProviderConfig, section::Section};

/// What calls are routed by, as configured.
#[derive(Debug)]
pub struct RoutingConfig {
    /// `[routing]`
    pub policy: Policy,
    /// `[[models]]`
    pub models: Vec<VirtualModel>,
    /// `[[rules]]`
    pub rules: Vec<Rule>,
    /// `routing.shadows`: how many copies of calls for shadow targets are under way at most.
    pub shadows: usize,
}

/// Unless said otherwise.
const SHADOWS: u64 = 32;
/// How long a copy may take, unless said otherwise.
const SHADOW_TIMEOUT: Duration = Duration::from_secs(120);

pub(super) fn read(root: &mut Section<'_>, providers: &[ProviderConfig]) -> RoutingConfig {
    let (policy, shadows) = policy(root.section("routing"));
    let mut models: Vec<VirtualModel> = Vec::new();
    for (at, section) in root.sections("models").into_iter().enumerate() {
        let Some(model) = model(section, providers) else {
            continue;
        };
        if models.iter().any(|other| other.name == model.name) {
            let key = format!("models[{at}].name");
            root.note(
                &key,
                format!("\"{}\" is taken by a model above", model.name),
            );
        }
        models.push(model);
    }
    let rules = root.sections("rules").into_iter();
    let rules = rules.filter_map(|one| rule(one, providers, &models));
    RoutingConfig {
        policy,
        shadows,
        rules: rules.collect(),
        models,
    }
}

fn policy(mut section: Section<'_>) -> (Policy, usize) {
    let usual = Policy::default();
    let policy = Policy {
        retries: u32::try_from(section.whole("retries", usual.retries.into(), 10)).unwrap_or(0),
        delay: section.duration("retry_delay", usual.delay),
        delay_max: section.duration("retry_delay_max", usual.delay_max),
        budget: section.fraction("retry_budget", usual.budget),
        cooldown: Cooldown {
            time: section.duration("cooldown", usual.cooldown.time),
            failures: u32::try_from(section.whole(
                "breaker_failures",
                usual.cooldown.failures.into(),
                1_000,
            ))
            .unwrap_or(u32::MAX)
            .max(1),
        },
    };
    let shadows = section.whole("shadows", SHADOWS, 10_000);
    section.finish();
    (policy, usize::try_from(shadows).unwrap_or(0))
}

fn model(mut section: Section<'_>, providers: &[ProviderConfig]) -> Option<VirtualModel> {
    let name = section.string("name");
    if name.is_none() {
        section.note("name", "is missing; what callers write as their model");
    }
    let name = name.and_then(|text| {
        text.parse::<ModelName>()
            .map_err(|error| section.note("name", error.to_string()))
            .ok()
    });
    let choose = section.choice(
        "choose",
        &[
            ("ordered", Choose::Ordered),
            ("weighted", Choose::Weighted),
            ("fastest", Choose::Fastest),
        ],
        Choose::Ordered,
    );
    let targets = section.sections("targets");
    if targets.is_empty() {
        section.note("targets", "is empty; add [[models.targets]] tables");
    }
    let targets: Vec<_> = targets
        .into_iter()
        .filter_map(|one| target(one, providers))
        .collect();
    if choose != Choose::Ordered
        && !targets.is_empty()
        && targets.iter().all(|target| target.weight == 0)
    {
        section.note("targets", "have all weight 0: none would be asked first");
    }
    let shadow = section.section_if_any("shadow");
    let shadow = shadow.and_then(|one| shadow_target(one, providers));
    section.finish();
    Some(VirtualModel {
        shadow,
        name: name?,
        choose,
        targets: (!targets.is_empty()).then_some(targets)?,
    })
}

fn target(mut section: Section<'_>, providers: &[ProviderConfig]) -> Option<Target> {
    let named = named(&mut section, providers);
    let weight = section.weight();
    section.finish();
    let (provider, model) = named?;
    Some(Target::new(provider, model, weight))
}

fn shadow_target(mut section: Section<'_>, providers: &[ProviderConfig]) -> Option<Shadow> {
    let named = named(&mut section, providers);
    let share = section.fraction("share", 1.0);
    let timeout = section.duration("timeout", SHADOW_TIMEOUT);
    section.finish();
    let (provider, model) = named?;
    Some(Shadow::new(provider, model, share, timeout))
}

/// `model`, of a target.
fn named(
    section: &mut Section<'_>,
    providers: &[ProviderConfig],
) -> Option<(ProviderName, ModelName)> {
    let text = section.string("model");
    if text.is_none() {
        section.note("model", "is missing; \"provider/model\"");
    }
    text.and_then(|text| match qualified(&text, providers) {
        Some(named) => Some(named),
        None => {
            let wanted = "must be \"provider/model\", with a configured provider";
            section.note("model", format!("is \"{text}\", but {wanted}"));
            None
        }
    })
}

fn qualified(text: &str, providers: &[ProviderConfig]) -> Option<(ProviderName, ModelName)> {
    let (provider, model) = text.split_once('/')?;
    let known = providers.iter().find(|one| one.name.as_str() == provider)?;
    Some((known.name.clone(), model.parse().ok()?))
}

fn rule(
    mut section: Section<'_>,
    providers: &[ProviderConfig],
    models: &[VirtualModel],
) -> Option<Rule> {
    let name = section.string("name").unwrap_or_default();
    if name.is_empty() || name.len() > 64 {
        section.note("name", "is missing; log and errors call the rule by it");
    }
    let when = section.string("when");
    if when.is_none() {
        section.note(
            "when",
            "is missing; an expression like \"call.budget_used > 0.9\"",
        );
    }
    let then = match (section.string("use"), section.string("refuse")) {
        (Some(model), None) => {
            let known = models.iter().any(|one| one.name.as_str() == model)
                || qualified(&model, providers).is_some();
            if !known {
                let wanted = "must be the name of one of [[models]], or \"provider/model\"";
                section.note("use", format!("is \"{model}\", but {wanted}"));
            }
            Some(Then::Use(model.into()))
        }
        (None, Some(why)) => Some(Then::Refuse(why.into())),
        _ => {
            section.note("use", "or `refuse` is needed, and not both");
            None
        }
    };
    let made = when.zip(then).and_then(|(when, then)| {
        Rule::new(&name, &when, then)
            .map_err(|error| section.note("when", error.to_string()))
            .ok()
    });
    section.finish();
    made
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::config::Config;

    use super::*;

    fn parsed(shadow: &str) -> Result<RoutingConfig, String> {
        let text = format!(
            "[store]\nurl = \"sqlite:t.db\"\n[[providers]]\nname = \"o\"\ndialect = \"openai\"\nbase_url = \
             \"http://127.0.0.1:1\"\n[[models]]\nname = \"smart\"\n[[models.targets]]\nmodel = \"o/a\"\n\
             [models.shadow]\n{shadow}"
        );
        let config = Config::parse(&text, Path::new("."));
        config
            .map(|config| config.routing)
            .map_err(|problems| problems.to_string())
    }

    #[test]
    fn a_shadow_target_has_a_model_a_share_and_a_time() {
        let routing = parsed("model = \"o/b\"\nshare = 0.25\n[routing]\nshadows = 3\n").unwrap();
        let shadow = routing.models[0].shadow.as_ref().unwrap();
        assert_eq!(shadow.target.model.as_str(), "b");
        assert_eq!((shadow.share, shadow.timeout.as_secs()), (0.25, 120));
        assert_eq!(routing.shadows, 3);
        for (text, problem) in [
            ("share = 0.5", "models[0].shadow.model"),
            ("model = \"x/b\"", "models[0].shadow.model"),
            ("model = \"o/b\"\nshare = 1.5", "models[0].shadow.share"),
            ("model = \"o/b\"\nweight = 2", "models[0].shadow.weight"),
        ] {
            let why = parsed(text).unwrap_err();
            assert!(why.contains(problem), "{why}");
        }
    }
}
