//! A panel: it has the place for items, and clicks on them.

use std::{collections::HashMap, path::Path, time::Duration};

use anyhow::Context;
use tokio::{net::UnixStream, sync::mpsc};
use zbus::{Connection, OwnedVariant, Variant, connection::Builder, fdo, message::Header};

const NAME: &str = "org.kde.StatusNotifierWatcher";
const ITEM: (&str, &str) = ("/StatusNotifierItem", "org.kde.StatusNotifierItem");
const MENU: (&str, &str) = ("/MenuBar", "com.canonical.dbusmenu");
const PROPERTIES: &str = "org.freedesktop.DBus.Properties";
const HANGS: Duration = Duration::from_secs(60);

pub(crate) type Fields = HashMap<String, OwnedVariant>;

struct Watcher(mpsc::Sender<String>);

#[zbus::interface(name = "org.kde.StatusNotifierWatcher")]
impl Watcher {
    fn register_status_notifier_item(
        &self,
        _service: String,
        #[zbus(header)] header: Header<'_>,
    ) -> fdo::Result<()> {
        let sender = header.sender().map(ToString::to_string).unwrap_or_default();
        let told = self.0.try_send(sender);
        told.map_err(|_| fdo::Error::LimitsExceeded(String::new()))
    }

    fn register_status_notifier_host(&self, _service: String) {}

    #[zbus(property)]
    fn is_status_notifier_host_registered(&self) -> bool {
        true
    }

    #[zbus(property)]
    fn registered_status_notifier_items(&self) -> Vec<String> {
        Vec::new()
    }

    #[zbus(property)]
    fn protocol_version(&self) -> i32 {
        0
    }
}

/// The panel, and the item that came.
pub(crate) struct Panel {
    bus: Connection,
    registered: mpsc::Receiver<String>,
    item: String,
}

impl Panel {
    pub(crate) async fn open(socket: &Path) -> anyhow::Result<Self> {
        let (sender, registered) = mpsc::channel(4);
        let stream = UnixStream::connect(socket).await?.into_std()?;
        let builder =
            Builder::unix_stream(stream).serve_at("/StatusNotifierWatcher", Watcher(sender));
        Ok(Self {
            bus: builder.name(NAME).build().await?,
            registered,
            item: String::new(),
        })
    }

    /// Waits for an item.
    pub(crate) async fn item(&mut self) -> anyhow::Result<()> {
        let came = tokio::time::timeout(HANGS, self.registered.recv()).await?;
        self.item = came.context("no item")?;
        Ok(())
    }

    /// What the item says of itself.
    pub(crate) async fn properties(&self) -> anyhow::Result<Fields> {
        let (path, interface) = ITEM;
        let reply = self
            .bus
            .call_method(
                Some(self.item.as_str()),
                path,
                Some(PROPERTIES),
                "GetAll",
                &interface,
            )
            .await?;
        Ok(reply.body().deserialize()?)
    }

    /// The menu's lines: number, label, and whether it can be clicked.
    pub(crate) async fn menu(&self) -> anyhow::Result<Vec<(i32, String, bool)>> {
        let (path, interface) = MENU;
        let everything = (Vec::<i32>::new(), Vec::<String>::new());
        let reply = self
            .bus
            .call_method(
                Some(self.item.as_str()),
                path,
                Some(interface),
                "GetGroupProperties",
                &everything,
            )
            .await?;
        let lines: Vec<(i32, Fields)> = reply.body().deserialize()?;
        let line = |(id, mut fields): (i32, Fields)| {
            let label = String::try_from(fields.remove("label")?).ok()?;
            let off = fields.remove("enabled").map(bool::try_from);
            Some((id, label, !matches!(off, Some(Ok(false)))))
        };
        let mut lines: Vec<_> = lines.into_iter().filter_map(line).collect();
        lines.sort();
        Ok(lines)
    }

    /// The menu, once it has a line.
    pub(crate) async fn menu_with(&self, label: &str) -> anyhow::Result<Vec<String>> {
        let looking = async {
            loop {
                let menu = self.menu().await?;
                let labels: Vec<String> = menu.into_iter().map(|(_, label, _)| label).collect();
                if labels.iter().any(|found| found == label) {
                    return anyhow::Ok(labels);
                }
            }
        };
        let looked = tokio::time::timeout(HANGS, looking).await;
        looked.with_context(|| format!("no line {label:?}"))?
    }

    pub(crate) async fn click(&self, label: &str) -> anyhow::Result<()> {
        let menu = self.menu().await?;
        let (id, _, can) = menu
            .iter()
            .find(|(_, found, _)| found == label)
            .with_context(|| format!("no line {label:?} in {menu:?}"))?;
        anyhow::ensure!(can, "{label:?} cannot be clicked");
        let (path, interface) = MENU;
        let event = (*id, "clicked", Variant::I32(0), 0_u32);
        self.bus
            .call_method(
                Some(self.item.as_str()),
                path,
                Some(interface),
                "Event",
                &event,
            )
            .await?;
        Ok(())
    }
}
