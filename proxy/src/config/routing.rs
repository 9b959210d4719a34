//! `[routing]`, `[[models]]` and `[[rules]]`: which of several places answers a call.

use tidegate_routing::{Choose, Cooldown, Policy, Rule, Target, Then, VirtualModel};
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
}

pub(super) fn read(root: &mut Section<'_>, providers: &[ProviderConfig]) -> RoutingConfig {
    let policy = policy(root.section("routing"));
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
        rules: rules.collect(),
        models,
    }
}

fn policy(mut section: Section<'_>) -> Policy {
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
    section.finish();
    policy
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
    section.finish();
    Some(VirtualModel {
        name: name?,
        choose,
        targets: (!targets.is_empty()).then_some(targets)?,
    })
}

fn target(mut section: Section<'_>, providers: &[ProviderConfig]) -> Option<Target> {
    let text = section.string("model");
    if text.is_none() {
        section.note("model", "is missing; \"provider/model\"");
    }
    let named = text.and_then(|text| match qualified(&text, providers) {
        Some(named) => Some(named),
        None => {
            let wanted = "must be \"provider/model\", with a configured provider";
            section.note("model", format!("is \"{text}\", but {wanted}"));
            None
        }
    });
    let weight = section.weight();
    section.finish();
    let (provider, model) = named?;
    Some(Target::new(provider, model, weight))
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
