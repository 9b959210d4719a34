//! Whether the user sits at a desktop: asked of the login manager (org.freedesktop.login1(5)).

use std::{collections::HashMap, path::Path};

use zbus::{Connection, OwnedObjectPath, OwnedVariant};

const LOGIN: &str = "org.freedesktop.login1";
/// Sessions of one user that are looked at.
const MOST: usize = 16;

/// A session in the manager's list: id, user, name, seat, object.
type Listed = (String, u32, String, String, OwnedObjectPath);

/// Whether this user has a graphical session in use. Where that cannot be learned there is none.
pub(super) async fn is_there(system: &Path) -> bool {
    let Ok(bus) = super::connect(system).await else {
        return false;
    };
    any(&bus).await.unwrap_or(false)
}

async fn any(bus: &Connection) -> zbus::Result<bool> {
    let me = rustix::process::geteuid().as_raw();
    let reply = bus
        .call_method(
            Some(LOGIN),
            "/org/freedesktop/login1",
            Some("org.freedesktop.login1.Manager"),
            "ListSessions",
            &(),
        )
        .await?;
    let sessions: Vec<Listed> = reply.body().deserialize()?;
    let own = sessions.iter().filter(|session| session.1 == me);
    for session in own.take(MOST) {
        // It may have ended meanwhile.
        if matches!(is_graphical(bus, &session.4).await, Ok(true)) {
            return Ok(true);
        }
    }
    Ok(false)
}

async fn is_graphical(bus: &Connection, session: &OwnedObjectPath) -> zbus::Result<bool> {
    let reply = bus
        .call_method(
            Some(LOGIN),
            session,
            Some("org.freedesktop.DBus.Properties"),
            "GetAll",
            &"org.freedesktop.login1.Session",
        )
        .await?;
    let mut properties: HashMap<String, OwnedVariant> = reply.body().deserialize()?;
    let mut text = |name: &str| {
        properties
            .remove(name)
            .and_then(|value| String::try_from(value).ok())
    };
    let (kind, class) = (text("Type"), text("Class"));
    let active = properties
        .remove("Active")
        .and_then(|value| bool::try_from(value).ok());
    Ok(active == Some(true)
        && class.is_some_and(|class| class.starts_with("user"))
        && matches!(kind.as_deref(), Some("x11" | "wayland" | "mir")))
}
