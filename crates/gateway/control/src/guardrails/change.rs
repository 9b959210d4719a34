//! Creating, changing and deleting guardrails.

use std::sync::Arc;

use axum::{Json, extract::State};
use http::StatusCode;
use tidegate_governance::guardrail::Definition;
use tidegate_store::{GuardrailPatch, NewGuardrail};
use tidegate_types::GuardrailId;
use utoipa::ToSchema;

use super::{GuardrailView, check, schema::GuardrailDefinition};
use crate::{
    app::App,
    extract::{Body, Id},
    guard::identity::Admin,
    problem::Problem,
    read::{Change, Label, Read, Reader, read_struct},
};

/// How far from zero a place is at most.
const FURTHEST: i64 = 1_000_000;

/// A place among guardrails.
#[derive(Debug, Clone, Copy)]
pub(super) struct Position(pub(super) i64);

impl Read for Position {
    fn read(value: serde_json::Value, at: &mut Reader) -> Option<Self> {
        match value.as_i64() {
            Some(position) if (-FURTHEST..=FURTHEST).contains(&position) => Some(Self(position)),
            _ => at.refuse("must be a whole number from -1,000,000 to 1,000,000"),
        }
    }
}

read_struct! {
    /// A guardrail to create.
    #[derive(Debug, ToSchema)]
    #[serde(deny_unknown_fields)]
    #[schema(as = NewGuardrail)]
    pub(super) struct Create {
        /// Its name, unique; callers read it when it blocks.
        #[schema(value_type = String, min_length = 1, max_length = 64, example = "No credentials in prompts")]
        name: Label,
        /// Whether it is in force; when not said, it is.
        #[schema(value_type = Option<bool>)]
        enabled: Option<bool>,
        /// Where it stands; when not said, after all others.
        #[schema(value_type = Option<i64>, minimum = -1_000_000, maximum = 1_000_000)]
        position: Option<Position>,
        /// What it does.
        #[schema(value_type = GuardrailDefinition)]
        definition: Definition,
    }
}

read_struct! {
    /// What to change of a guardrail. Absent fields stay as they are.
    #[derive(Debug, ToSchema)]
    #[serde(deny_unknown_fields)]
    #[schema(as = GuardrailChange)]
    pub(super) struct Patch {
        /// A new name.
        #[schema(value_type = String, required = false, min_length = 1, max_length = 64)]
        name: Change<Label>,
        /// Whether it is in force.
        #[schema(value_type = bool, required = false)]
        enabled: Change<bool>,
        /// Where it stands.
        #[schema(value_type = i64, required = false, minimum = -1_000_000, maximum = 1_000_000)]
        position: Change<Position>,
        /// What it does, as a whole.
        #[schema(value_type = GuardrailDefinition, required = false)]
        definition: Change<Definition>,
    }
}

/// Creates a guardrail. It is in force on every replica within a second.
#[utoipa::path(post, path = "/guardrails", tag = "guardrails", operation_id = "create_guardrail",
    request_body = Create,
    responses((status = 201, description = "The guardrail.", body = GuardrailView),
        (status = 409, description = "A guardrail has this name, or there are 200.")))]
pub(super) async fn create(
    State(app): State<Arc<App>>,
    admin: Admin,
    Body(new): Body<Create>,
) -> Result<(StatusCode, Json<GuardrailView>), Problem> {
    check(&app, &new.name.0, &new.definition).await?;
    let new = NewGuardrail {
        name: new.name.0,
        enabled: new.enabled.unwrap_or(true),
        position: new.position.map(|position| position.0),
        definition: new.definition,
    };
    let guardrail = app.store.create_guardrail(admin.actor(), new).await?;
    Ok((StatusCode::CREATED, Json(guardrail.into())))
}

/// Changes a guardrail.
#[utoipa::path(patch, path = "/guardrails/{id}", tag = "guardrails", operation_id = "change_guardrail",
    params(("id" = String, Path, description = "The guardrail's id.")),
    request_body = Patch,
    responses((status = 200, description = "The guardrail as it is now.", body = GuardrailView),
        (status = 409, description = "Another guardrail has this name.")))]
pub(super) async fn change(
    State(app): State<Arc<App>>,
    admin: Admin,
    Id(id): Id<GuardrailId>,
    Body(change): Body<Patch>,
) -> Result<Json<GuardrailView>, Problem> {
    let patch = GuardrailPatch {
        name: change.name.into_option().map(|name| name.0),
        enabled: change.enabled.into_option(),
        position: change.position.into_option().map(|position| position.0),
        definition: change.definition.into_option(),
    };
    if let Some(definition) = &patch.definition {
        check(&app, "a guardrail", definition).await?;
    }
    let guardrail = app.store.patch_guardrail(admin.actor(), id, patch).await?;
    Ok(Json(guardrail.into()))
}

/// Deletes a guardrail. What it did stays in the log.
#[utoipa::path(delete, path = "/guardrails/{id}", tag = "guardrails", operation_id = "delete_guardrail",
    params(("id" = String, Path, description = "The guardrail's id.")),
    responses((status = 204, description = "It is gone.")))]
pub(super) async fn delete(
    State(app): State<Arc<App>>,
    admin: Admin,
    Id(id): Id<GuardrailId>,
) -> Result<StatusCode, Problem> {
    app.store.delete_guardrail(admin.actor(), id).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::read::Origin;

    #[test]
    fn a_place_is_no_further_from_zero_than_it_may_be() {
        let read = |value| {
            let mut reader = Reader::new(Origin::Body);
            let read = Position::read(value, &mut reader).map(|position| position.0);
            reader.finish(read).ok()
        };
        for right in [-FURTHEST, -1, 0, FURTHEST] {
            assert_eq!(read(json!(right)), Some(right));
        }
        // The least of all has no opposite.
        for wrong in [-FURTHEST - 1, FURTHEST + 1, i64::MIN, i64::MAX] {
            assert_eq!(read(json!(wrong)), None, "{wrong}");
        }
        assert_eq!(read(json!(u64::MAX)), None);
        assert_eq!(read(json!(0.5)), None);
    }
}
