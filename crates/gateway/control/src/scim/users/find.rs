//! Finding users. The store finds candidates by what a filter demands, if it demands what the store has an
//! index for, or else all of them, part by part; the filter judges each.

use axum::response::Response;
use serde_json::Value;
use tidegate_scim::{Filter, ScimError, ScimKind, USER};
use tidegate_store::{ProvisionedUser, UserKey};

use super::view::View;
use crate::{
    app::App,
    scim::{Refusal, answer, ask::Asked, base},
};

/// Users that are looked at together.
const PART: usize = 500;

/// The most users that a filter without an index looks at.
const MOST: usize = 100_000;

pub(super) async fn find(app: &App, asked: Asked) -> Result<Response, Refusal> {
    let view = View::new(&base(app));
    let shown = |value: Value| asked.projection.of(value, &USER);
    let Some(filter) = &asked.filter else {
        let (total, users) = app
            .store
            .provisioned_users(asked.start - 1, asked.count)
            .await?;
        let users: Vec<Value> = users.iter().map(|user| shown(view.of(user))).collect();
        return Ok(answer::list(total, asked.start, &users));
    };
    filter.check(&USER)?;
    let mut found = Found {
        view: view.clone(),
        filter,
        total: 0,
        page: asked.start..asked.start.saturating_add(asked.count),
        users: Vec::new(),
    };
    match key(filter) {
        Some(Some(key)) => found.look(app.store.find_provisioned_users(key).await?),
        Some(None) => {}
        None => scan(app, &mut found).await?,
    }
    let users = found.users;
    let users = app.store.groups_of_provisioned_users(users).await?;
    let resources: Vec<Value> = users.iter().map(|user| shown(view.of(user))).collect();
    Ok(answer::list(found.total as u64, asked.start, &resources))
}

async fn scan(app: &App, found: &mut Found<'_>) -> Result<(), Refusal> {
    // Whose groups nobody asks for are not looked up.
    let groups = found.filter.mentions("groups");
    let (mut after, mut seen) = (None, 0);
    loop {
        let mut part = app.store.provisioned_users_after(after, PART).await?;
        if groups {
            part = app.store.groups_of_provisioned_users(part).await?;
        }
        let last = part.len() < PART;
        seen += part.len();
        after = part.last().map(|user| user.user.id);
        found.look(part);
        if last {
            return Ok(());
        }
        if seen >= MOST {
            let detail = "this filter would look at more than 100000 users; ask for `userName`, \
                 `externalId` or `id` with `eq`";
            return Err(ScimError::new(ScimKind::TooMany, detail).into());
        }
    }
}

/// What a filter found: how many, and those of the page.
struct Found<'a> {
    view: View,
    filter: &'a Filter,
    total: usize,
    page: std::ops::Range<usize>,
    users: Vec<ProvisionedUser>,
}

impl Found<'_> {
    fn look(&mut self, users: Vec<ProvisionedUser>) {
        for user in users {
            if !self.filter.matches(&self.view.untagged(&user), &USER) {
                continue;
            }
            self.total += 1;
            if self.page.contains(&self.total) {
                self.users.push(user);
            }
        }
    }
}

/// By what the store finds every user that the filter can hold for: by nothing (`None`), or by a key, of
/// which there may be none that could be meant.
fn key(filter: &Filter) -> Option<Option<UserKey>> {
    filter.equalities().into_iter().find_map(|(attr, text)| {
        if attr.is("userName", None) {
            Some(Some(UserKey::UserName(text.to_owned())))
        } else if attr.is("externalId", None) {
            Some(Some(UserKey::ExternalId(text.to_owned())))
        } else if attr.is("id", None) {
            Some(text.parse().ok().map(UserKey::Id))
        } else {
            None
        }
    })
}
