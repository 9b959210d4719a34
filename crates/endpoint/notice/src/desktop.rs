//! One notification on one session's bus. Runs as the session's user.

use std::{collections::HashMap, io, num::NonZeroU32, path::Path, path::PathBuf};

use serde::{Deserialize, Serialize};
use tokio::net::UnixStream;
use zbus::{Connection, Variant, connection::Builder, fdo};

use crate::{Notice, notice::Abilities};

mod graphical;

const NOTIFICATIONS: &str = "org.freedesktop.Notifications";
const NOTIFICATIONS_PATH: &str = "/org/freedesktop/Notifications";
/// What the notification's header says, where a desktop shows one.
const SENDER: &str = "Tidegate Edge";
/// From the icon naming specification: every theme has it.
const ICON: &str = "dialog-warning";
/// Neither hidden while a presentation runs for being low, nor there until it is clicked away.
const URGENCY_NORMAL: u8 = 1;
/// The desktop decides when it goes.
const EXPIRES: i32 = -1;

/// The sockets to ask.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bus {
    /// The user's.
    pub session: PathBuf,
    /// The machine's, where the login manager answers.
    pub system: PathBuf,
}

impl Bus {
    /// A session's bus, and this machine's.
    #[must_use]
    pub fn of(session: &Path) -> Self {
        Self {
            session: session.to_owned(),
            system: "/run/dbus/system_bus_socket".into(),
        }
    }
}

/// Why nothing was shown.
#[derive(Debug, thiserror::Error)]
pub enum ShowError {
    /// Nobody listens there, or nobody may be told.
    #[error("no bus listens at {0}: {1}")]
    Connect(PathBuf, io::Error),
    /// The bus, or the notification server behind it, does not do as it should.
    #[error("the bus: {0}")]
    Bus(#[from] zbus::Error),
}

/// Shows a notice to the user whose process this is, in place of an earlier one where `replaces` names
/// it. Returns the notification's id; none where there is no desktop to show it on.
///
/// There is no limit in time: put one around it.
///
/// # Errors
/// The bus cannot be reached or refuses.
pub async fn show(
    bus: &Bus,
    notice: &Notice,
    replaces: Option<NonZeroU32>,
) -> Result<Option<NonZeroU32>, ShowError> {
    let session = match connect(&bus.session).await {
        Err(ShowError::Connect(_, error)) if error.kind() == io::ErrorKind::NotFound => {
            return Ok(None);
        }
        session => session?,
    };
    // Some desktops start their notification server with the first notification. Where there is no
    // desktop nothing is to be started.
    if !has_owner(&session).await? && !graphical::is_there(&bus.system).await {
        return Ok(None);
    }
    let abilities = match abilities(&session).await {
        Err(zbus::Error::FDO(error)) if is_nobody(&error) => return Ok(None),
        abilities => abilities?,
    };
    let (summary, body) = notice.words(abilities);
    let hints = HashMap::from([
        ("urgency", Variant::U8(URGENCY_NORMAL)),
        ("category", Variant::from("network.error")),
    ]);
    let actions: &[&str] = &[];
    let replaces = replaces.map_or(0, NonZeroU32::get);
    let call = (
        SENDER, replaces, ICON, summary, body, actions, hints, EXPIRES,
    );
    let reply = session
        .call_method(
            Some(NOTIFICATIONS),
            NOTIFICATIONS_PATH,
            Some(NOTIFICATIONS),
            "Notify",
            &call,
        )
        .await?;
    let id: u32 = reply.body().deserialize()?;
    Ok(NonZeroU32::new(id))
}

/// Connects as whoever this process is (the EXTERNAL mechanism: the kernel says so).
async fn connect(path: &Path) -> Result<Connection, ShowError> {
    let stream = UnixStream::connect(path).await;
    let stream = stream.and_then(UnixStream::into_std);
    let stream = stream.map_err(|error| ShowError::Connect(path.to_owned(), error))?;
    Ok(Builder::unix_stream(stream).build().await?)
}

async fn has_owner(bus: &Connection) -> zbus::Result<bool> {
    const DBUS: &str = "org.freedesktop.DBus";
    let reply = bus
        .call_method(
            Some(DBUS),
            "/org/freedesktop/DBus",
            Some(DBUS),
            "NameHasOwner",
            &NOTIFICATIONS,
        )
        .await?;
    reply.body().deserialize()
}

async fn abilities(bus: &Connection) -> zbus::Result<Abilities> {
    let reply = bus
        .call_method(
            Some(NOTIFICATIONS),
            NOTIFICATIONS_PATH,
            Some(NOTIFICATIONS),
            "GetCapabilities",
            &(),
        )
        .await?;
    let body = reply.body();
    let names: Vec<&str> = body.deserialize()?;
    Ok(Abilities {
        body: names.contains(&"body"),
        markup: names.contains(&"body-markup"),
    })
}

/// No server, and none that could be started.
const fn is_nobody(error: &fdo::Error) -> bool {
    matches!(
        error,
        fdo::Error::ServiceUnknown(_) | fdo::Error::NameHasNoOwner(_)
    )
}
