//! A notification server that notes what it is to show, and who asked.

use std::{collections::HashMap, path::Path};

use tokio::{net::UnixStream, sync::mpsc};
use zbus::{Connection, OwnedVariant, connection::Builder, fdo, message::Header};

const NAME: &str = "org.freedesktop.Notifications";
const PATH: &str = "/org/freedesktop/Notifications";

/// A notification as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shown {
    pub(crate) sender: String,
    pub(crate) replaces: u32,
    pub(crate) summary: String,
    pub(crate) body: String,
    pub(crate) actions: Vec<String>,
    pub(crate) urgency: Option<u8>,
    pub(crate) expires: i32,
    /// Whose process asked, by the bus.
    pub(crate) uid: u32,
}

/// The server; it is there as long as this is.
#[derive(Debug)]
pub(crate) struct Server {
    _bus: Connection,
    shown: mpsc::Receiver<Shown>,
}

impl Server {
    /// Takes the name on a bus; says that it can do this.
    pub(crate) async fn start(socket: &Path, abilities: &[&str]) -> anyhow::Result<Self> {
        let (show, shown) = mpsc::channel(16);
        let object = Object {
            show,
            abilities: abilities.iter().map(|&name| name.to_owned()).collect(),
            last: 6,
        };
        let bus = builder(socket).await?.serve_at(PATH, object).name(NAME);
        Ok(Self {
            _bus: bus.build().await?,
            shown,
        })
    }

    /// The next notification.
    pub(crate) async fn next(&mut self) -> Option<Shown> {
        self.shown.recv().await
    }
}

/// A connection to be, on a bus at this path.
pub(crate) async fn builder(socket: &Path) -> anyhow::Result<Builder<'static>> {
    let stream = UnixStream::connect(socket).await?.into_std()?;
    Ok(Builder::unix_stream(stream))
}

struct Object {
    show: mpsc::Sender<Shown>,
    abilities: Vec<String>,
    last: u32,
}

#[zbus::interface(name = "org.freedesktop.Notifications")]
impl Object {
    fn get_capabilities(&self) -> Vec<String> {
        self.abilities.clone()
    }

    #[allow(clippy::too_many_arguments, reason = "the specification's")]
    async fn notify(
        &mut self,
        sender: String,
        replaces: u32,
        _icon: String,
        summary: String,
        body: String,
        actions: Vec<String>,
        mut hints: HashMap<String, OwnedVariant>,
        expires: i32,
        #[zbus(header)] header: Header<'_>,
        #[zbus(connection)] bus: &Connection,
    ) -> fdo::Result<u32> {
        let urgency = hints.remove("urgency");
        let shown = Shown {
            sender,
            replaces,
            summary,
            body,
            actions,
            urgency: urgency.and_then(|urgency| u8::try_from(urgency).ok()),
            expires,
            uid: caller(&header, bus).await?,
        };
        // A server keeps the id of what is replaced (specification, "Notify").
        if replaces == 0 {
            self.last += 1;
        }
        self.show
            .try_send(shown)
            .map_err(|_| fdo::Error::LimitsExceeded(String::new()))?;
        Ok(if replaces == 0 { self.last } else { replaces })
    }
}

async fn caller(header: &Header<'_>, bus: &Connection) -> fdo::Result<u32> {
    let sender = header.sender().map(ToString::to_string).unwrap_or_default();
    let reply = bus
        .call_method(
            Some("org.freedesktop.DBus"),
            "/org/freedesktop/DBus",
            Some("org.freedesktop.DBus"),
            "GetConnectionUnixUser",
            &sender,
        )
        .await?;
    Ok(reply.body().deserialize()?)
}
