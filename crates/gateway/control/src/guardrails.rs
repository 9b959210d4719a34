//! Guardrails: what is looked for in prompts and answers, and what is done about it.

mod change;
mod detectors;
mod findings;
mod read;
mod schema;
mod trial;

use std::sync::Arc;

use axum::{Json, extract::State};
use serde::Serialize;
use tidegate_governance::guardrail::{Definition, Guardrail};
use tidegate_guards::{Problem as Fault, Workshop};
use tidegate_types::GuardrailId;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{app::App, extract::Id, page::Page, problem::Problem};
pub(crate) use findings::AppliedView;
use schema::GuardrailDefinition;

pub(crate) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(list, change::create))
        .routes(routes!(get, change::change, change::delete))
        .routes(routes!(detectors::list))
        .routes(routes!(findings::list))
        .routes(routes!(trial::test))
}

/// A guardrail.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Guardrail)]
pub(crate) struct GuardrailView {
    /// Its id.
    #[schema(value_type = String, example = "grd_01jdg8s6f7e2m9v4k3x5q8w0zr")]
    id: GuardrailId,
    /// Its name, unique; callers read it when it blocks.
    #[schema(example = "No credentials in prompts")]
    name: String,
    /// Whether it is in force.
    enabled: bool,
    /// Prompts pass guardrails by rising position, answers by falling.
    position: i64,
    /// What it does.
    #[schema(value_type = GuardrailDefinition)]
    definition: Definition,
}

impl From<Guardrail> for GuardrailView {
    fn from(guardrail: Guardrail) -> Self {
        Self {
            id: guardrail.id,
            name: guardrail.name,
            enabled: guardrail.enabled,
            position: guardrail.position,
            definition: guardrail.definition,
        }
    }
}

/// Lists all guardrails, in their order.
#[utoipa::path(get, path = "/guardrails", tag = "guardrails", operation_id = "list_guardrails",
    responses((status = 200, description = "All of them: there are at most 200.", body = Page<GuardrailView>)))]
async fn list(State(app): State<Arc<App>>) -> Result<Json<Page<GuardrailView>>, Problem> {
    let guardrails = app.store.guardrails().await?;
    Ok(Json(Page::whole(
        guardrails.into_iter().map(GuardrailView::from).collect(),
    )))
}

/// Shows a guardrail.
#[utoipa::path(get, path = "/guardrails/{id}", tag = "guardrails", operation_id = "get_guardrail",
    params(("id" = String, Path, description = "The guardrail's id.")),
    responses((status = 200, description = "The guardrail.", body = GuardrailView)))]
async fn get(
    State(app): State<Arc<App>>,
    Id(id): Id<GuardrailId>,
) -> Result<Json<GuardrailView>, Problem> {
    Ok(Json(app.store.guardrail(id).await?.into()))
}

/// Works with all rules, beside the threads that answer calls: compiling takes a while.
async fn at_work<T: Send + 'static>(
    app: &App,
    work: impl FnOnce(&Workshop) -> Result<T, Fault> + Send + 'static,
) -> Result<T, Problem> {
    let workshop = app.data_plane.workshop();
    let done = tokio::task::spawn_blocking(move || work(&workshop)).await;
    done.map_err(Problem::internal)?.map_err(|fault| {
        let pointer = format!("/definition/{}", fault.field.replace('.', "/"));
        Problem::field(&pointer, fault.what)
    })
}

/// Refuses a definition that cannot be used.
async fn check(app: &App, name: &str, definition: &Definition) -> Result<(), Problem> {
    let (name, definition) = (name.to_owned(), definition.clone());
    at_work(app, move |workshop| workshop.check(&name, &definition)).await
}
