//! Finding groups: there are few, so that those that no index finds are all looked at.

use axum::response::Response;
use serde_json::Value;
use tidegate_scim::{Filter, GROUP};
use tidegate_store::{Group, GroupKey};

use super::view;
use crate::{
    app::App,
    scim::{Refusal, answer, ask::Asked, base},
};

/// Groups that are looked at together.
const PART: usize = 500;

pub(super) async fn find(app: &App, asked: Asked) -> Result<Response, Refusal> {
    let shows = asked.projection.shows("members");
    let Some(filter) = &asked.filter else {
        let (total, groups) = app.store.groups_from(asked.start - 1, asked.count).await?;
        let mut resources = Vec::with_capacity(groups.len());
        for group in &groups {
            resources.push(
                asked
                    .projection
                    .of(resource(app, group, shows).await?, &GROUP),
            );
        }
        return Ok(answer::list(total, asked.start, &resources));
    };
    filter.check(&GROUP)?;
    let judged = filter.mentions("members");
    let page = asked.start..asked.start.saturating_add(asked.count);
    let (mut total, mut resources) = (0_usize, Vec::new());
    for group in candidates(app, filter).await? {
        let mut value = resource(app, &group, judged).await?;
        if !filter.matches(&value, &GROUP) {
            continue;
        }
        total += 1;
        if page.contains(&total) {
            if shows && !judged {
                value = resource(app, &group, true).await?;
            }
            resources.push(asked.projection.of(value, &GROUP));
        }
    }
    Ok(answer::list(total as u64, asked.start, &resources))
}

/// The groups that a filter can hold for.
async fn candidates(app: &App, filter: &Filter) -> Result<Vec<Group>, Refusal> {
    let key = filter.equalities().into_iter().find_map(|(attr, text)| {
        if attr.is("displayName", None) {
            Some(Some(GroupKey::Name(text.to_owned())))
        } else if attr.is("externalId", None) {
            Some(Some(GroupKey::ExternalId(text.to_owned())))
        } else if attr.is("id", None) {
            Some(text.parse().ok().map(GroupKey::Id))
        } else {
            None
        }
    });
    match key {
        Some(Some(key)) => return Ok(app.store.find_groups(key).await?),
        Some(None) => return Ok(Vec::new()),
        None => {}
    }
    let mut all = Vec::new();
    loop {
        let (_, mut part) = app.store.groups_from(all.len(), PART).await?;
        let last = part.len() < PART;
        all.append(&mut part);
        if last {
            return Ok(all);
        }
    }
}

async fn resource(app: &App, group: &Group, members: bool) -> Result<Value, Refusal> {
    let members = if members {
        Some(app.store.group_members(group.id).await?)
    } else {
        None
    };
    Ok(view::of(group, members.as_deref(), &base(app)))
}
