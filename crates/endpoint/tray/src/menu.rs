//! The menu: lines that say something, and lines that do something.

use ksni::{MenuItem, menu::StandardItem};
use tidegate_agent_core::{DeniedItem, Face, FaceAction};

use crate::{Click, item::Item};

/// The longest line, in characters: panels cut, or grow over the screen.
const LONGEST: usize = 90;
/// Lines of one kind at most.
const MOST: usize = 5;

/// The state in one line.
pub(crate) fn state(face: &Face) -> String {
    match &face.todo {
        Some(todo) => format!("{}: {todo}", face.headline),
        None => face.headline.clone(),
    }
}

pub(crate) fn of(face: &Face) -> Vec<MenuItem<Item>> {
    let mut menu = vec![says(&face.headline)];
    menu.extend(face.todo.as_deref().map(says));
    let person = match (&face.user, &face.team) {
        (Some(user), Some(team)) => Some(format!("{user}, {team}")),
        (Some(user), None) => Some(user.clone()),
        (None, _) => None,
    };
    menu.extend(person.as_deref().map(says));
    menu.extend(face.budgets.iter().take(MOST).map(|line| says(line)));
    let restarts = face.restarts.iter().take(MOST);
    menu.extend(restarts.map(|client| says(&format!("Restart {client}"))));
    if !face.denied.is_empty() {
        menu.push(MenuItem::Separator);
        menu.extend(face.denied.iter().take(MOST).map(denied));
    }
    menu.push(MenuItem::Separator);
    menu.extend(face.actions.iter().map(|action| acts(*action)));
    menu
}

/// A line that only says something.
fn says(text: &str) -> MenuItem<Item> {
    StandardItem {
        label: label(text),
        enabled: false,
        ..StandardItem::default()
    }
    .into()
}

fn does(text: &str, click: Click) -> MenuItem<Item> {
    StandardItem {
        label: label(text),
        activate: Box::new(move |item: &mut Item| item.click(click.clone())),
        ..StandardItem::default()
    }
    .into()
}

fn denied(item: &DeniedItem) -> MenuItem<Item> {
    match item.asked {
        true => says(&format!("{} is denied: you asked for it", item.label)),
        false => does(
            &format!("{} is denied: ask for access…", item.label),
            Click::Ask(item.wanted.clone()),
        ),
    }
}

fn acts(action: FaceAction) -> MenuItem<Item> {
    match action {
        FaceAction::SignIn => does("Sign in…", Click::SignIn),
        FaceAction::SignOut => does("Sign out", Click::SignOut),
        FaceAction::Sync => does("Sync now", Click::Sync),
        FaceAction::OpenConsole => does("Open console", Click::OpenConsole),
    }
}

/// As menus show it: in one line, and an underscore would make the next letter a key.
fn label(text: &str) -> String {
    let plain = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    let mut short: String = plain.clone().take(LONGEST).collect();
    if plain.count() > LONGEST {
        short.push('…');
    }
    short.replace('_', "__")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_one_short_line_without_keys() {
        assert_eq!(label("my_app\n\x1b[2J"), "my__app  [2J");
        assert_eq!(label(&"x".repeat(200)).chars().count(), 91);
    }

    #[test]
    fn an_agent_that_does_not_answer_has_a_menu_too() {
        let face = Face::of(None, Default::default());
        let labels: Vec<String> = of(&face)
            .into_iter()
            .filter_map(|item| match item {
                MenuItem::Standard(item) => Some(item.label),
                _ => None,
            })
            .collect();
        assert_eq!(labels[0], "Tidegate Edge does not answer");
        assert!(
            labels[1].contains("systemctl start tidegate-edge"),
            "{labels:?}"
        );
        assert!(state(&face).starts_with("Tidegate Edge does not answer: "));
    }
}
