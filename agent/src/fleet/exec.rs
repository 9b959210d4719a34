//! Refuses the start of denied apps' programs, as long as the hands live.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use serde::{Deserialize, Serialize};
use tidegate_device_api::{Effect, EffectItem, EffectState, Means};
use tidegate_policy::{AppId, Decision};
use tidegate_redirector_user::exec::{DeniedFile, ExecGuard, Refused};
use tokio::sync::{Mutex as AsyncMutex, mpsc};

use super::{DeniedProgram, child::own_file};

/// The longest detail of an effect, in characters.
const LONGEST: usize = 300;

/// A start that was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// The app.
    pub app: AppId,
    /// Its file.
    pub path: String,
    /// Whose process tried, where that is known.
    pub uid: Option<u32>,
}

/// Refuses what it was told last.
pub struct Guard {
    guard: Result<Arc<Mutex<ExecGuard>>, String>,
    refused: AsyncMutex<Option<mpsc::Receiver<Refused>>>,
}

impl Guard {
    /// Where the system does not let it, each effect says why.
    #[must_use]
    pub fn open() -> Self {
        match ExecGuard::open() {
            Ok((guard, refused)) => Self {
                guard: Ok(Arc::new(Mutex::new(guard))),
                refused: AsyncMutex::new(Some(refused)),
            },
            Err(error) => Self {
                guard: Err(error.to_string()),
                refused: AsyncMutex::default(),
            },
        }
    }

    /// Refuses these from now on, and no others; what came of it.
    pub async fn set(&self, programs: &[DeniedProgram]) -> Vec<Effect> {
        let (mut files, mut results) = (Vec::new(), Vec::new());
        for program in programs {
            // A home's word holds for that home: nobody can have another's program refused.
            let path = match &program.home {
                Some(home) => own_file(home, &program.path),
                None => Some(program.path.clone()),
            };
            match path {
                Some(path) => files.push(DeniedFile {
                    path,
                    app: program.app.clone(),
                    script: program.script,
                }),
                None => {
                    let why = "it is not the user's own file in their home";
                    results.push((
                        program.app.clone(),
                        Err(format!("{}: {why}", program.path.display())),
                    ));
                }
            }
        }
        match &self.guard {
            Ok(guard) => results.extend(set(guard, files).await),
            Err(why) => {
                return files
                    .into_iter()
                    .map(|file| unable(file.app, why))
                    .collect();
            }
        }
        effects(results)
    }

    /// The next start that is refused; never, where none can be.
    pub async fn refused(&self) -> Refusal {
        let mut refused = self.refused.lock().await;
        let next = match refused.as_mut() {
            Some(refused) => refused.recv().await,
            None => None,
        };
        match next {
            Some(refused) => Refusal {
                app: refused.app,
                path: refused.path.to_string_lossy().into_owned(),
                uid: refused.uid,
            },
            None => std::future::pending().await,
        }
    }
}

/// What became of a program of an app.
type Became = (AppId, Result<(), String>);

/// File systems are asked, and may not answer: so on a thread of its own.
async fn set(guard: &Arc<Mutex<ExecGuard>>, files: Vec<DeniedFile>) -> Vec<Became> {
    let guard = Arc::clone(guard);
    let apps: Vec<AppId> = files.iter().map(|file| file.app.clone()).collect();
    let set = tokio::task::spawn_blocking(move || {
        let mut guard = guard.lock().unwrap_or_else(PoisonError::into_inner);
        let results = guard.set(&files);
        results
            .into_iter()
            .map(|(path, result)| result.map_err(|error| format!("{}: {error}", path.display())))
            .collect::<Vec<_>>()
    });
    match set.await {
        Ok(results) => apps.into_iter().zip(results).collect(),
        Err(_) => {
            let failed = |app| (app, Err("starting it is not refused".to_owned()));
            apps.into_iter().map(failed).collect()
        }
    }
}

/// The app's connections are refused all the same.
fn unable(app: AppId, why: &str) -> Effect {
    Effect {
        item: EffectItem::App { app },
        decision: Decision::Denied,
        state: EffectState::Unsupported,
        means: Vec::new(),
        detail: Some(format!("starting it is not refused: {why}")),
    }
}

/// One effect for each app: all of its programs, or why not.
fn effects(results: Vec<Became>) -> Vec<Effect> {
    let mut apps: BTreeMap<AppId, Vec<String>> = BTreeMap::new();
    for (app, result) in results {
        apps.entry(app).or_default().extend(result.err());
    }
    apps.into_iter()
        .map(|(app, problems)| Effect {
            item: EffectItem::App { app },
            decision: Decision::Denied,
            state: match problems.is_empty() {
                true => EffectState::Verified,
                false => EffectState::Failed,
            },
            means: vec![Means::Exec],
            detail: (!problems.is_empty())
                .then(|| problems.join("; ").chars().take(LONGEST).collect()),
        })
        .collect()
}
