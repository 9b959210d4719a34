//! The agent in the person's tray (StatusNotifierItem and its menu, over the session's D-Bus): an icon whose
//! shape says how it is, and a menu of what `tidegate_agent_core::Face` has to say. It decides nothing and
//! knows no agent: faces go in, [`Click`]s come out.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod icon;
mod item;
mod menu;

use ksni::TrayMethods;
use tidegate_agent_core::Face;
use tidegate_device_api::Wanted;
use tokio::sync::mpsc;

use item::Item;

/// What a person chose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Click {
    /// To ask for something that is denied.
    Ask(Wanted),
    /// To sign in.
    SignIn,
    /// To sign out.
    SignOut,
    /// That the gateway is asked now.
    Sync,
    /// The console, in the browser.
    OpenConsole,
}

/// Why there is no tray.
#[derive(Debug, thiserror::Error)]
#[error("no tray can be shown in this session: {0}")]
pub struct TrayError(String);

/// The item in the tray; it goes with this.
pub struct Tray(ksni::Handle<Item>);

impl Tray {
    /// Shows an item. Where the desktop has no place for it yet, it is shown as soon as there is one. Clicks
    /// that nobody takes are lost.
    ///
    /// # Errors
    /// There is no session bus.
    pub async fn show(face: Face, clicks: mpsc::Sender<Click>) -> Result<Self, TrayError> {
        let item = Item::new(face, clicks);
        let shown = item.assume_sni_available(true).spawn().await;
        shown
            .map(Self)
            .map_err(|error| TrayError(error.to_string()))
    }

    /// Shows another face. False where the session is gone.
    pub async fn update(&self, face: Face) -> bool {
        self.0.update(|item| item.turn(face)).await.is_some()
    }

    /// Whether the session is gone.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.0.is_closed()
    }
}
