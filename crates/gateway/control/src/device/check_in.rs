//! The check-in: what a device is and has seen goes up, its policy comes down, at once or as soon as
//! there is a newer one.

use std::{sync::Arc, time::Duration};

use axum::{Json, extract::State};
use tidegate_device_api::{CheckInRequest, CheckInResponse, LONGEST_WAIT};

use super::{body::Heard, identity::Caller};
use crate::{
    app::App,
    edge::{Duplicate, EdgeError},
    problem::{Code, Problem},
};

/// `POST /device/v1/check-in`. Its number (`seq`) rises; the last number once more, with the same bytes,
/// is the same check-in again, and is answered anew.
pub(super) async fn check_in(
    State(app): State<Arc<App>>,
    Caller(device): Caller,
    Heard { mut said, digest }: Heard<CheckInRequest>,
) -> Result<Json<CheckInResponse>, Problem> {
    let edge = app.edge()?;
    let told = edge.hear(&device, &mut said, digest).await?;
    let told = told.map_err(duplicate)?;
    let wait = Duration::from_secs(said.wait_seconds.min(LONGEST_WAIT).into());
    let known = (said.revision, said.seq);
    let open = std::mem::take(&mut said.open);
    // Thousands may wait: what they said is not held meanwhile.
    drop(said);
    let answer = edge.answer(&device, known, &open, told, wait).await;
    answer.map(Json).map_err(|error| match error {
        EdgeError::Store(error) => error.into(),
        error => Problem::internal(error),
    })
}

fn duplicate(duplicate: Duplicate) -> Problem {
    let detail = match duplicate {
        Duplicate::Machine => {
            "This device was enrolled on another machine. Enrol this machine as a device of its own."
        }
        Duplicate::Number | Duplicate::Late => {
            "A check-in with this number was here already. Another machine may be using this \
             device's key."
        }
    };
    Problem::new(Code::DeviceDuplicate, detail)
}
