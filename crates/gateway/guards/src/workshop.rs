//! Where guardrails are made and tried: it has all rules, compiled once when they are first needed.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use bytes::Bytes;
use tidegate_governance::guardrail::{Applied, Definition, Group, Guardrail, Phase};
use tidegate_guardrails::{Finding, Limits, RuleError, RuleIndex, rule::Rule};
use tidegate_texts::channel;
use tidegate_types::{GuardrailId, Timestamp};

use crate::{
    guardrails::{Guardrails, Kept, Settings},
    judge::Bench,
    policy::{Duty, Pick, Problem, Ready},
    remote::{Remote, Services, no_service},
    rules::{Base, Rules},
    scan,
    vault::Vault,
    watching::{apart, judged},
};

/// Makes guardrails and tries them.
#[derive(Debug)]
pub struct Workshop {
    own: Vec<Rule>,
    services: Arc<dyn Services>,
    settings: Settings,
    kept: Kept,
    base: OnceLock<Base>,
    /// Only one compiles.
    compiling: Mutex<()>,
}

/// Guardrails that were made.
#[derive(Debug)]
pub struct Made {
    /// Those that look for themselves.
    pub local: Guardrails,
    /// Those that ask services.
    pub remote: Remote,
    /// What is wrong with which of them: these are left out.
    pub problems: Vec<(String, Problem)>,
}

/// A rule as a list shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct Detector {
    /// Its name.
    pub id: String,
    /// What it finds.
    pub description: String,
    /// The group that it belongs to.
    pub group: Group,
    /// The countries it is for; none: all.
    pub regions: Vec<&'static str>,
    /// The score of a match without anything more, 0 to 1.
    pub score: f32,
}

/// What became of a text that was tried.
#[derive(Debug, Clone, PartialEq)]
pub struct Trial {
    /// The text as it would be sent on; absent where nothing would.
    pub text: Option<String>,
    /// The guardrail that would let nothing pass.
    pub blocked: Option<String>,
    /// What was found.
    pub found: Vec<Spotted>,
    /// What the log would say.
    pub applied: Vec<Applied>,
}

/// Something found in a text that was tried.
#[derive(Debug, Clone, PartialEq)]
pub struct Spotted {
    /// The rule.
    pub detector: String,
    /// Where it begins, in bytes.
    pub start: u64,
    /// Where it ends.
    pub end: u64,
    /// How sure it is, 0 to 1.
    pub score: f32,
}

impl Workshop {
    /// With the operator's own rules beside ours.
    #[must_use]
    pub fn new(own: Vec<Rule>, settings: Settings, services: Arc<dyn Services>) -> Self {
        Self {
            own,
            services,
            settings,
            kept: Kept::default(),
            base: OnceLock::new(),
            compiling: Mutex::new(()),
        }
    }

    /// The same rules, compiled where they are, and what is kept between calls; with other services.
    #[must_use]
    pub fn with_services(&self, services: Arc<dyn Services>) -> Self {
        let base = OnceLock::new();
        if let Some(compiled) = self.base.get() {
            // It is empty, so this cannot fail.
            drop(base.set(compiled.clone()));
        }
        Self {
            own: self.own.clone(),
            services,
            settings: self.settings.clone(),
            kept: self.kept.clone(),
            base,
            compiling: Mutex::new(()),
        }
    }

    /// All rules, compiled: the first time that takes seconds.
    ///
    /// # Errors
    /// A rule does not compile.
    pub fn base(&self) -> Result<Base, Problem> {
        if let Some(base) = self.base.get() {
            return Ok(base.clone());
        }
        let turn = self.compiling.lock();
        let _turn = turn.unwrap_or_else(PoisonError::into_inner);
        if let Some(base) = self.base.get() {
            return Ok(base.clone());
        }
        let compiled = if self.own.is_empty() {
            built_in(&self.settings.limits)
        } else {
            Base::compile(self.own.clone(), &self.settings.limits)
        };
        let base = compiled.map_err(|errors| {
            let errors = errors.iter().map(ToString::to_string).collect::<Vec<_>>();
            Problem::new("rules", errors.join("; "))
        })?;
        Ok(self.base.get_or_init(|| base).clone())
    }

    /// Makes guardrails; those with a fault are left out and said.
    ///
    /// # Errors
    /// The rules do not compile: there are no guardrails.
    pub fn make(&self, guardrails: &[Guardrail]) -> Result<Made, Problem> {
        let (kept, settings) = (self.kept.clone(), &self.settings);
        let (local, asking, mut problems) =
            Guardrails::new(guardrails, self.base()?, kept, settings);
        let (remote, more) = Remote::new(asking, Arc::clone(&self.services));
        problems.extend(more);
        Ok(Made {
            local,
            remote,
            problems,
        })
    }

    /// Whether a definition can be used.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn check(&self, name: &str, definition: &Definition) -> Result<(), Problem> {
        let (ready, _) = self.ready(name, definition)?;
        match ready.pick {
            Pick::Engine(name) if !self.services.knows(&name) => Err(no_service()),
            _ => Ok(()),
        }
    }

    fn ready(&self, name: &str, definition: &Definition) -> Result<(Ready, Rules), Problem> {
        let guardrail = Guardrail {
            id: GuardrailId::generate(Timestamp::from_micros(0)),
            name: name.to_owned(),
            enabled: true,
            position: 0,
            definition: definition.clone(),
        };
        let one = std::slice::from_ref(&guardrail);
        let (rules, problems) = Rules::new(self.base()?, one, &self.settings.limits);
        if let Some((_, problem)) = problems.into_iter().next() {
            return Err(problem);
        }
        Ok((Ready::compile(&guardrail, &rules)?, rules))
    }

    /// All rules that guardrails can name.
    ///
    /// # Errors
    /// The rules do not compile.
    pub fn detectors(&self) -> Result<Vec<Detector>, Problem> {
        let base = self.base()?;
        let set = base.set();
        let detector = |(index, rule): (RuleIndex, &Rule)| Detector {
            id: rule.id.to_string(),
            description: rule.description.to_string(),
            group: base.group(index, rule),
            regions: rule.regions.to_vec(),
            score: rule.score,
        };
        Ok(set.rules().map(detector).collect())
    }

    /// What would become of a text.
    ///
    /// # Errors
    /// What is wrong with the definition.
    pub fn try_out(
        &self,
        name: &str,
        definition: &Definition,
        phase: Phase,
        text: &str,
    ) -> Result<Trial, Problem> {
        let (ready, rules) = self.ready(name, definition)?;
        let rules = Arc::new(rules);
        let duty = Arc::new(Duty::new(&[Arc::new(ready)], &rules));
        let bench = Bench::new(duty, Arc::clone(&rules), self.settings.hash_key);
        bench.open().vault = Vault::new(Bytes::copy_from_slice(text.as_bytes()));
        let (found, _) = scan::whole(&rules, bench.phased(phase), text);
        let spotted = |(set, finding): &(_, Finding)| Spotted {
            detector: rules.name(*set, finding.rule).to_owned(),
            start: finding.span.start,
            end: finding.span.end,
            score: finding.score,
        };
        let spotted = found.iter().map(spotted).collect();
        let found = found.iter().map(|(set, finding)| (*set, finding));
        let (edits, _) = judged(&bench, (phase, channel::Kind::Text), (text, 0), found);
        let edits = apart(Vec::new(), edits);
        let mut open = bench.open();
        let blocked = open.blocked.as_ref().map(ToString::to_string);
        let applied = open.outcome(phase).take();
        Ok(Trial {
            text: blocked.is_none().then(|| edited(text, &edits)),
            blocked,
            found: spotted,
            applied,
        })
    }
}

/// Our rules alone are the same for all workshops of a process.
fn built_in(limits: &Limits) -> Result<Base, Vec<RuleError>> {
    static BUILT_IN: OnceLock<Base> = OnceLock::new();
    if let Some(base) = BUILT_IN.get() {
        return Ok(base.clone());
    }
    let base = Base::compile(Vec::new(), limits)?;
    Ok(BUILT_IN.get_or_init(|| base).clone())
}

fn edited(text: &str, edits: &[tidegate_texts::watch::Edit]) -> String {
    let at = |offset: u64| usize::try_from(offset).unwrap_or(usize::MAX);
    let (mut out, mut done) = (String::with_capacity(text.len()), 0);
    for edit in edits {
        out.push_str(text.get(done..at(edit.span.start)).unwrap_or_default());
        out.push_str(&edit.with);
        done = at(edit.span.end);
    }
    out.push_str(text.get(done..).unwrap_or_default());
    out
}
