//! The item: what the desktop asks of it, answered from a face.

use ksni::{Category, Icon, MenuItem, Status, ToolTip, Tray};
use tidegate_agent_core::{Face, Mood};
use tokio::sync::mpsc;

use crate::{Click, icon, menu};

/// What is shown.
#[derive(Debug)]
pub(crate) struct Item {
    face: Face,
    clicks: mpsc::Sender<Click>,
}

impl Item {
    pub(crate) const fn new(face: Face, clicks: mpsc::Sender<Click>) -> Self {
        Self { face, clicks }
    }

    pub(crate) fn turn(&mut self, face: Face) {
        self.face = face;
    }

    /// A person chose something. Who clicks faster than it is done is not heard.
    pub(crate) fn click(&self, click: Click) {
        drop(self.clicks.try_send(click));
    }
}

impl Tray for Item {
    // A click shows the menu: there is no window.
    const MENU_ON_ACTIVATE: bool = true;

    fn id(&self) -> String {
        "tidegate-edge".into()
    }

    fn title(&self) -> String {
        "Tidegate Edge".into()
    }

    fn category(&self) -> Category {
        Category::SystemServices
    }

    fn status(&self) -> Status {
        match self.face.state {
            Mood::Connected | Mood::Connecting => Status::Active,
            Mood::Attention | Mood::Degraded | Mood::SignedOut | Mood::Stopped => {
                Status::NeedsAttention
            }
        }
    }

    fn icon_pixmap(&self) -> Vec<Icon> {
        icon::of(self.face.state)
    }

    fn attention_icon_pixmap(&self) -> Vec<Icon> {
        icon::of(self.face.state)
    }

    fn tool_tip(&self) -> ToolTip {
        ToolTip {
            title: "Tidegate Edge".into(),
            description: markup(&menu::state(&self.face)),
            ..ToolTip::default()
        }
    }

    fn menu(&self) -> Vec<MenuItem<Self>> {
        menu::of(&self.face)
    }
}

/// The description of a tooltip may be read as markup.
fn markup(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
