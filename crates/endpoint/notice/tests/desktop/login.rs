//! A login manager that lists one session.

use std::path::Path;

use zbus::{Connection, OwnedObjectPath};

use crate::server;

const PATH: &str = "/org/freedesktop/login1/session/_32";

/// What the session is.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    pub(crate) uid: u32,
    pub(crate) kind: &'static str,
    pub(crate) class: &'static str,
    pub(crate) active: bool,
}

/// Answers on a bus as long as what is returned is there.
pub(crate) async fn start(socket: &Path, session: Session) -> anyhow::Result<Connection> {
    let manager = Manager(session.uid);
    let builder = server::builder(socket).await?;
    let builder = builder.serve_at("/org/freedesktop/login1", manager);
    let builder = builder.serve_at(PATH, session);
    Ok(builder.name("org.freedesktop.login1").build().await?)
}

struct Manager(u32);

#[zbus::interface(name = "org.freedesktop.login1.Manager")]
impl Manager {
    fn list_sessions(&self) -> Vec<(String, u32, String, String, OwnedObjectPath)> {
        let path = OwnedObjectPath::try_from(PATH).unwrap();
        vec![("2".into(), self.0, "ann".into(), "seat0".into(), path)]
    }
}

#[zbus::interface(name = "org.freedesktop.login1.Session")]
impl Session {
    #[zbus(property)]
    fn active(&self) -> bool {
        self.active
    }

    #[zbus(property)]
    fn class(&self) -> String {
        self.class.into()
    }

    #[zbus(property, name = "Type")]
    fn kind(&self) -> String {
        self.kind.into()
    }
}
