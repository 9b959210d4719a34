//! Names beside ids, wherever a person reads them: looked up for a whole page at once.

use std::{collections::HashMap, fmt::Display};

use crate::{app::App, problem::Problem};

/// The names of some ids.
#[derive(Debug, Default)]
pub(crate) struct Names(HashMap<String, String>);

impl Names {
    /// The names of these ids, as they are printed. Other texts are passed over.
    pub(crate) async fn of(app: &App, mut ids: Vec<String>) -> Result<Self, Problem> {
        ids.sort_unstable();
        ids.dedup();
        Ok(Self(app.store.names(ids).await?))
    }

    /// The name of an id; none where it is of nothing that has one, or of something that is gone.
    pub(crate) fn get(&self, id: impl Display) -> Option<String> {
        self.0.get(&id.to_string()).cloned()
    }

    /// The name of an id that may not be there.
    pub(crate) fn maybe(&self, id: Option<impl Display>) -> Option<String> {
        id.and_then(|id| self.get(id))
    }
}
