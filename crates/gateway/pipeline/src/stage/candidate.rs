//! The places where a call can be answered: where it goes, and where it goes if it is not answered there.

use std::sync::Arc;

use smallvec::SmallVec;
use tidegate_governance::key::Permit;
use tidegate_provider::{Catalog, Choice, ChooseError, PriceRow, Provider};
use tidegate_routing::{Affinity, Routing, Shadow, Target, VirtualModel};
use tidegate_types::{ModelName, Mono, ProviderName};
use tidegate_wire::{Operation, translate::Language};

use crate::Refusal;

/// One place where a call can be answered.
#[derive(Debug, Clone)]
pub(super) struct Candidate<'s> {
    pub(super) provider: &'s Provider,
    /// As the provider names it.
    pub(super) model: Option<ModelName>,
    /// The provider knows the model by another name than the caller wrote.
    pub(super) renamed: bool,
    pub(super) price: Option<&'s PriceRow>,
    /// The language into which the call has to be translated for it.
    pub(super) translate: Option<Language>,
    /// Which of a virtual model's it is.
    pub(super) target: Option<&'s Target>,
}

/// Of most calls one.
pub(super) type Candidates<'s> = SmallVec<[Candidate<'s>; 1]>;

/// Who asks for what, and how places have been doing.
pub(super) struct Asking<'s, 'a> {
    pub(super) permit: &'a Permit,
    pub(super) catalog: &'s Catalog,
    pub(super) routing: &'s Routing,
    pub(super) operation: Operation,
    /// As the caller wrote it.
    pub(super) requested: Option<&'a ModelName>,
    pub(super) pinned: Option<&'a ProviderName>,
    pub(super) affinity: Option<Affinity>,
    pub(super) now: Mono,
}

impl<'s> Asking<'s, '_> {
    /// All places where a call for a model can be answered, in the order in which they are asked; at least one.
    ///
    /// # Errors
    /// There is none, or none that this key may use: why not the first.
    pub(super) fn candidates(&self, model: Option<&str>) -> Result<Candidates<'s>, Refusal> {
        let Some(alias) = model.and_then(|model| self.routing.model(model)) else {
            let choice = self.catalog.choose(self.operation, model, self.pinned);
            let choice = choice.map_err(Refusal::Choose)?;
            return Ok(SmallVec::from_iter([self.candidate(choice, None)?]));
        };
        let (mut found, mut refused) = (Candidates::new(), None);
        for target in alias.order(self.affinity, self.now) {
            let (provider, model) = (&target.provider, target.model.as_str());
            let choice = self.catalog.choose_at(self.operation, provider, model);
            let candidate = choice
                .map_err(Refusal::Choose)
                .and_then(|choice| self.candidate(choice, Some((alias, target))));
            match candidate {
                Ok(candidate) => found.push(candidate),
                Err(refusal) => refused = refused.or(Some(refusal)),
            }
        }
        match refused {
            Some(refusal) if found.is_empty() => Err(refusal),
            _ => Ok(found),
        }
    }

    /// The shadow target of a virtual model.
    ///
    /// # Errors
    /// This key may not use it, or it does not serve such a call.
    pub(super) fn shadow(
        &self,
        alias: &VirtualModel,
        shadow: &'s Shadow,
    ) -> Result<Candidate<'s>, Refusal> {
        let target = &shadow.target;
        let (provider, model) = (&target.provider, target.model.as_str());
        let choice = self.catalog.choose_at(self.operation, provider, model);
        self.candidate(choice.map_err(Refusal::Choose)?, Some((alias, target)))
    }

    /// Where a choice leads, if the key may go there. Who may use a virtual model by its name may use what stands
    /// under it.
    fn candidate(
        &self,
        choice: Choice<'s, '_>,
        under: Option<(&VirtualModel, &'s Target)>,
    ) -> Result<Candidate<'s>, Refusal> {
        let provider = &**choice.provider;
        let asked = self.requested.map(ModelName::as_str);
        let renamed = choice.model != asked;
        let model = match (under, choice.model) {
            (Some((_, target)), _) => Some(target.model.clone()),
            (None, Some(name)) if renamed => Some(name.parse().map_err(|_| Refusal::ModelMissing)?),
            (None, _) => self.requested.cloned(),
        };
        let alias = under.map(|(alias, _)| alias.name.as_str());
        allowed(self.permit, provider, model.as_ref(), alias)?;
        let price = model
            .as_ref()
            .and_then(|model| self.catalog.price(provider, model.as_str()));
        Ok(Candidate {
            provider,
            model,
            renamed,
            price: price.map(Arc::as_ref),
            translate: choice.translate,
            target: under.map(|(_, target)| target),
        })
    }
}

/// # Errors
/// The key may not use the provider, or neither the model nor the name under which it stands.
pub(super) fn allowed(
    permit: &Permit,
    provider: &Provider,
    model: Option<&ModelName>,
    alias: Option<&str>,
) -> Result<(), Refusal> {
    if !permit.allows_provider(&provider.name) {
        return Err(Refusal::ProviderDenied(provider.name.clone()));
    }
    match model.map(ModelName::as_str) {
        Some(model)
            if !permit.allows_model(model)
                && !alias.is_some_and(|alias| permit.allows_model(alias)) =>
        {
            Err(Refusal::ModelDenied(alias.unwrap_or(model).to_owned()))
        }
        _ => Ok(()),
    }
}

/// Takes the candidate to be asked next: the first that is well, by its provider's breaker and its keys'
/// cooldowns, or else the first: a breaker only ever says who is asked later.
pub(super) fn take_next<'s>(
    candidates: &mut Candidates<'s>,
    routing: &Routing,
    now: Mono,
) -> Option<Candidate<'s>> {
    let is_well = |candidate: &Candidate<'_>| {
        let model = candidate.model.as_ref().map(ModelName::as_str);
        routing
            .place(&candidate.provider.name)
            .is_none_or(|place| place.is_ready(candidate.provider, model, now) && place.allows(now))
    };
    let at = if candidates.len() > 1 {
        candidates.iter().position(is_well).unwrap_or(0)
    } else {
        0
    };
    (!candidates.is_empty()).then(|| candidates.remove(at))
}

/// What a refusal to choose is called when nothing else is known.
pub(super) const fn nothing_left(operation: Operation) -> Refusal {
    Refusal::Choose(ChooseError::NoProvider {
        dialect: operation.dialect(),
    })
}
