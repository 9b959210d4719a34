//! What services are asked about, and what is done about what they say.

use std::{collections::BTreeMap, ops::Range, sync::Arc, time::Duration};

use tidegate_engines::Verdict;
use tidegate_governance::guardrail::{Action, Applied, Phase};
use tidegate_pipeline::guard::{CallView, Stop};
use tidegate_texts::{channel::Kind, watch::Edit};

use super::{
    Services,
    collect::Collected,
    hunks::{Hunk, hunks},
    shown::Shown,
};
use crate::{
    outcome::{Deed, Outcome},
    policy::Ready,
    replace,
};

pub(super) const CHANGED: &str = "the service's edits do not fit the text";

/// The guardrails of one call that ask services, and what they did.
#[derive(Debug)]
pub(super) struct Asking {
    ready: Vec<Arc<Ready>>,
    pub(super) services: Arc<dyn Services>,
    pub(super) model: Arc<str>,
    prompt: Outcome,
    answer: Outcome,
}

/// What services made of some texts, by the numbers of their channels.
#[derive(Debug, Default)]
pub(super) struct Said {
    pub(super) edits: BTreeMap<u32, Vec<Edit>>,
    /// How far each text is looked at for good.
    pub(super) decided: BTreeMap<u32, u64>,
}

impl Asking {
    pub(super) fn new(
        call: &CallView<'_>,
        ready: Vec<Arc<Ready>>,
        services: Arc<dyn Services>,
    ) -> Self {
        let model = call.model.map(ToString::to_string).unwrap_or_default();
        Self {
            ready,
            services,
            model: model.into(),
            prompt: Outcome::new(Phase::Prompt),
            answer: Outcome::new(Phase::Answer),
        }
    }

    pub(super) fn looks(&self, phase: Phase) -> Vec<Arc<Ready>> {
        let looks = |ready: &&Arc<Ready>| match phase {
            Phase::Prompt => ready.definition.prompts,
            Phase::Answer => ready.definition.answers,
        };
        self.ready.iter().filter(looks).cloned().collect()
    }

    const fn outcome(&mut self, phase: Phase) -> &mut Outcome {
        match phase {
            Phase::Prompt => &mut self.prompt,
            Phase::Answer => &mut self.answer,
        }
    }

    pub(super) fn took(&mut self, phase: Phase, time: Duration) {
        self.outcome(phase).took(time);
    }

    pub(super) fn applied(&mut self) -> Vec<Applied> {
        let mut applied = self.prompt.take();
        applied.append(&mut self.answer.take());
        applied
    }

    fn note(
        &mut self,
        phase: Phase,
        ready: &Ready,
        detector: &str,
        done: &'static str,
        place: Option<Kind>,
    ) {
        let deed = Deed {
            guardrail: &ready.name,
            detector,
            action: done,
            shadow: ready.definition.shadow,
            error: None,
            place,
        };
        self.outcome(phase).note(deed);
    }

    /// A guardrail could not look.
    ///
    /// # Errors
    /// It lets nothing pass unseen.
    pub(super) fn unseen(
        &mut self,
        phase: Phase,
        ready: &Ready,
        error: &'static str,
    ) -> Result<(), Stop> {
        let stops = ready.is_closed();
        let action = if stops { "refused" } else { "bypassed" };
        self.not_looked(phase, ready, action, error);
        if stops {
            Err(Stop::Failed(error))
        } else {
            Ok(())
        }
    }

    /// Notes that a guardrail did not look.
    pub(super) fn not_looked(
        &mut self,
        phase: Phase,
        ready: &Ready,
        action: &'static str,
        error: &'static str,
    ) {
        let deed = Deed {
            guardrail: &ready.name,
            detector: "",
            action,
            shadow: ready.definition.shadow,
            error: Some(error),
            place: None,
        };
        self.outcome(phase).note(deed);
    }

    /// None of these could look.
    ///
    /// # Errors
    /// One of them lets nothing pass unseen.
    pub(super) fn unseen_by(
        &mut self,
        phase: Phase,
        ready: &[Arc<Ready>],
        error: &'static str,
    ) -> Result<(), Stop> {
        let mut all = Ok(());
        for ready in ready {
            all = all.and(self.unseen(phase, ready, error));
        }
        all
    }

    /// Asks these about some texts, one after the other.
    ///
    /// # Errors
    /// One of them lets nothing pass.
    pub(super) async fn ask(
        &mut self,
        phase: Phase,
        ready: &[Arc<Ready>],
        texts: &[Collected],
    ) -> Result<Said, Stop> {
        if texts.is_empty() {
            return Ok(Said::default());
        }
        let (services, model) = (Arc::clone(&self.services), Arc::clone(&self.model));
        let shown = Shown::new(texts);
        let content = shown.content(phase, &model);
        let mut all: Option<Said> = None;
        for ready in ready {
            let mut said = Said::new(texts);
            match services.ask(ready.service(), &content).await {
                Ok(verdict) => self.obey(phase, ready, &shown, verdict, &mut said)?,
                Err(error) => self.unseen(phase, ready, error)?,
            }
            match &mut all {
                Some(all) => all.join(said),
                None => all = Some(said),
            }
        }
        Ok(all.unwrap_or_else(|| Said::new(texts)))
    }

    /// Does what a service says.
    ///
    /// # Errors
    /// Nothing passes any more.
    pub(super) fn obey(
        &mut self,
        phase: Phase,
        ready: &Ready,
        shown: &Shown<'_>,
        verdict: Verdict,
        said: &mut Said,
    ) -> Result<(), Stop> {
        let definition = &ready.definition;
        let does = !definition.shadow;
        let changes = does && matches!(definition.action, Action::Redact { .. } | Action::Restore);
        let mut places: BTreeMap<usize, Vec<Hunk<'_>>> = BTreeMap::new();
        let mut found = false;
        match &verdict {
            Verdict::Allow => {}
            Verdict::Failed(failure) => return self.unseen(phase, ready, failure.says()),
            Verdict::Block { categories, .. } => {
                found = true;
                // What has no place cannot be replaced: nothing passes.
                let done = if changes {
                    "block"
                } else {
                    definition.action.name()
                };
                for category in categories {
                    self.note(phase, ready, category, done, None);
                }
                if changes {
                    return Err(Stop::Blocked(ready.name.clone()));
                }
            }
            Verdict::Mark(marks) => {
                for mark in marks {
                    let label = replace::label(&mark.category.to_lowercase());
                    places.entry(mark.part).or_default().push(Hunk {
                        span: mark.span.clone(),
                        with: format!("[{label}]"),
                        what: &mark.category,
                    });
                }
            }
            Verdict::Replace(replaced) => {
                for (part, with) in replaced.iter().enumerate() {
                    if let Some((text, with)) = shown.text(part).zip(with.as_ref()) {
                        places.insert(part, hunks(&text.text, with));
                    }
                }
            }
        }
        for (part, places) in places {
            let Some(text) = shown.text(part) else {
                return self.unseen(phase, ready, CHANGED);
            };
            let (told, decided) = text.told(places);
            for hunk in &told {
                found = true;
                self.note(
                    phase,
                    ready,
                    hunk.what,
                    definition.action.name(),
                    Some(text.channel.kind),
                );
            }
            for same in shown.same(part) {
                said.until(same, decided);
                if changes {
                    told.iter()
                        .for_each(|hunk| said.add(same, &hunk.span, &hunk.with));
                }
            }
        }
        if found && does && definition.action == Action::Block {
            return Err(Stop::Blocked(ready.name.clone()));
        }
        Ok(())
    }
}

impl Said {
    /// Nothing is to be changed, and all is decided that is sure.
    pub(super) fn new(texts: &[Collected]) -> Self {
        let decided = texts.iter();
        let decided = decided.map(|text| (text.channel.number, text.start + text.sure as u64));
        Self {
            edits: BTreeMap::new(),
            decided: decided.collect(),
        }
    }

    /// A service is sure of a text up to here.
    fn until(&mut self, text: &Collected, decided: usize) {
        let decided = text.start + decided as u64;
        self.decided.insert(text.channel.number, decided);
    }

    /// With what another service says: sure is what all of them are sure of.
    fn join(&mut self, other: Self) {
        for (number, decided) in other.decided {
            let known = self.decided.entry(number).or_insert(decided);
            *known = decided.min(*known);
        }
        for (number, more) in other.edits {
            let edits = self.edits.entry(number).or_default();
            *edits = crate::watching::apart(std::mem::take(edits), more);
        }
    }

    fn add(&mut self, text: &Collected, span: &Range<usize>, with: &str) {
        let edit = Edit {
            span: text.start + span.start as u64..text.start + span.end as u64,
            with: with.into(),
        };
        let edits = self.edits.entry(text.channel.number).or_default();
        *edits = crate::watching::apart(std::mem::take(edits), vec![edit]);
    }
}
