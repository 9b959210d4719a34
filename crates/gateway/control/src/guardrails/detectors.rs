//! The rules that guardrails can name.

use std::sync::Arc;

use axum::{Json, extract::State};
use serde::Serialize;
use tidegate_governance::guardrail::Group;
use tidegate_guards::{Detector, Workshop};
use utoipa::ToSchema;

use super::{at_work, schema::GroupName};
use crate::{app::App, page::Page, problem::Problem};

/// A rule that finds something in a text.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Detector)]
pub(super) struct DetectorView {
    /// Its name.
    #[schema(example = "github-pat")]
    id: String,
    /// What it finds.
    description: String,
    /// The group that it belongs to.
    #[schema(value_type = GroupName)]
    group: Group,
    /// The countries that it is for, as ISO 3166-1 alpha-2 in lower case; empty: all.
    #[schema(value_type = Vec<String>)]
    regions: Vec<&'static str>,
    /// The score of a match that nothing more speaks for, 0 to 1.
    score: f32,
}

impl From<Detector> for DetectorView {
    fn from(detector: Detector) -> Self {
        Self {
            id: detector.id,
            description: detector.description,
            group: detector.group,
            regions: detector.regions,
            score: detector.score,
        }
    }
}

/// Lists the rules that guardrails can name: ours, and those of the operator's files.
#[utoipa::path(get, path = "/guardrails/detectors", tag = "guardrails", operation_id = "list_detectors",
    responses((status = 200, description = "All of them.", body = Page<DetectorView>)))]
pub(super) async fn list(State(app): State<Arc<App>>) -> Result<Json<Page<DetectorView>>, Problem> {
    let detectors = at_work(&app, Workshop::detectors).await?;
    Ok(Json(Page::whole(
        detectors.into_iter().map(DetectorView::from).collect(),
    )))
}
