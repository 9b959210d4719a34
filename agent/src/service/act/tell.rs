//! Telling people that something was refused, or that what they asked for was answered: in the log, and on their
//! desktop.

use nix::unistd::User;
use tidegate_agent_core::{Asked, Notice, Person, Refused};
use tidegate_device_api::Wanted;
use tidegate_policy::AppId;
use tidegate_redirect::Redirector;

use super::Act;

impl<R: Redirector> Act<R> {
    pub(super) fn notify(&self, notice: Notice) {
        let reason = notice.reason.as_deref().unwrap_or("no reason is given");
        let ask = &notice.ask;
        let (app, server) = match &notice.refused {
            Refused::App(app) => {
                tracing::warn!(%app, whom = ?notice.whom, reason, ask, "an app was refused");
                (app, None)
            }
            Refused::McpServer {
                identity,
                name,
                client,
            } => {
                tracing::warn!(server = %identity, name, %client, whom = ?notice.whom, reason, ask, "an MCP server was denied");
                (client, Some(name.clone()))
            }
        };
        if let Some(uid) = notice.whom.and_then(number) {
            self.people.tell(tidegate_split::Notice {
                uid,
                app: app.to_string(),
                server,
                reason: notice.reason,
                ask: Some(notice.ask),
                granted: None,
            });
        }
    }

    /// There is an answer to what a person asked for.
    pub(super) fn answered(&self, asked: Asked) {
        let Some(answer) = asked.answer else { return };
        let (app, server) = match asked.request.wanted {
            Wanted::App { app } => (app, None),
            Wanted::McpServer { identity } => (AppId::unknown(), Some(identity.to_string())),
            Wanted::Support { name } => (AppId::unknown(), Some(name)),
            Wanted::Other => return,
        };
        let (whom, granted) = (asked.request.user, answer.granted);
        tracing::info!(%app, server, whom, granted, note = answer.note, "a request was answered");
        if let Some(uid) = number(Person::Name(whom)) {
            self.people.tell(tidegate_split::Notice {
                uid,
                app: app.to_string(),
                server,
                reason: answer.note,
                ask: None,
                granted: Some(granted),
            });
        }
    }
}

/// The number of a person's user. Asking for a name may take a moment where users are a directory's; it is
/// asked for once for each server that is denied.
fn number(person: Person) -> Option<u32> {
    match person {
        Person::Number(uid) => Some(uid),
        Person::Name(name) => tokio::task::block_in_place(|| {
            let found = User::from_name(&name).ok().flatten();
            found.map(|user| user.uid.as_raw())
        }),
    }
}
