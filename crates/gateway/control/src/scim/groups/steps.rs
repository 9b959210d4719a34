//! Changes of members, from ids as they were sent to users.

use serde_json::json;
use tidegate_scim::{Attr, Filter, GROUP, MemberChange, ScimError, ScimKind};
use tidegate_store::MemberStep;
use tidegate_types::{GroupId, UserId};

use super::view;
use crate::{
    app::App,
    scim::{Refusal, base},
};

/// What becomes of a group's members.
pub(super) async fn of(
    app: &App,
    group: GroupId,
    changes: Vec<MemberChange>,
) -> Result<Vec<MemberStep>, Refusal> {
    let mut steps = Vec::new();
    for change in changes {
        steps.push(match change {
            MemberChange::Add(ids) => MemberStep::Add(users(&ids)?),
            MemberChange::Replace(ids) => MemberStep::Replace(users(&ids)?),
            // Who is no user is no member: there is nothing to remove.
            MemberChange::Remove(ids) => {
                MemberStep::Remove(ids.iter().filter_map(|id| id.parse().ok()).collect())
            }
            MemberChange::RemoveSelected(filter) => {
                MemberStep::Remove(selected(app, group, filter).await?)
            }
        });
    }
    Ok(steps)
}

/// The users with these ids.
pub(super) fn users(ids: &[String]) -> Result<Vec<UserId>, ScimError> {
    let user = |id: &String| {
        id.parse().map_err(|_| {
            let detail = format!("`members`: there is no user `{id}`");
            ScimError::new(ScimKind::InvalidValue, detail)
        })
    };
    ids.iter().map(user).collect()
}

/// The members that a filter selects.
async fn selected(app: &App, group: GroupId, filter: Filter) -> Result<Vec<UserId>, Refusal> {
    let base = base(app);
    let filter = Filter::Element(Attr::plain("members"), Box::new(filter));
    let members = app.store.group_members(group).await?;
    let chosen = members.into_iter().filter(|&member| {
        let alone = json!({ "members": [view::member(member, &base)] });
        filter.matches(&alone, &GROUP)
    });
    Ok(chosen.collect())
}
