//! `/Groups`: groups as the identity provider keeps them.

mod find;
mod steps;
mod view;

use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode, header};
use serde_json::{Map, Value};
use tidegate_scim::{
    GROUP, GroupPatch, MemberChange, Operation, Projection, ScimError, apply, group_patch, members,
    operations, read, take,
};
use tidegate_store::{Group, GroupInput};
use tidegate_types::GroupId;

use super::{
    Refusal, Shared, answer,
    ask::{Asked, Body, Id, Wanted},
    base, etag,
    identity::Caller,
};
use crate::app::App;

/// Lists groups, or finds them.
pub(super) async fn list(app: Shared, asked: Asked) -> Result<Response, Refusal> {
    find::find(&app, asked).await
}

/// The same, with the question in the body (RFC 7644 §3.4.3).
pub(super) async fn search(app: Shared, Body(body): Body) -> Result<Response, Refusal> {
    find::find(&app, Asked::read(&body)?).await
}

/// Creates a group.
pub(super) async fn create(
    app: Shared,
    caller: Caller,
    Wanted(projection): Wanted,
    Body(body): Body,
) -> Result<Response, Refusal> {
    let (input, who) = input(body)?;
    let members = steps::users(&who)?;
    let group = app
        .store
        .create_group(caller.actor(), input, members)
        .await?;
    shown(&app, StatusCode::CREATED, &group, &projection).await
}

/// Shows a group.
pub(super) async fn show(
    app: Shared,
    Id(id): Id<GroupId>,
    Wanted(projection): Wanted,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let group = app.store.group(id).await?;
    let bare = view::of(&group, None, &base(&app));
    if etag::known(&headers, &bare) {
        return Ok(answer::not_modified(&bare));
    }
    shown(&app, StatusCode::OK, &group, &projection).await
}

/// Puts another group in the place of one.
pub(super) async fn replace(
    app: Shared,
    caller: Caller,
    Id(id): Id<GroupId>,
    Wanted(projection): Wanted,
    headers: HeaderMap,
    Body(body): Body,
) -> Result<Response, Refusal> {
    let (input, who) = input(body)?;
    let change = Changes {
        resource: Change::To(input),
        members: vec![MemberChange::Replace(who)],
    };
    let group = changed(&app, caller, id, &headers, change).await?;
    shown(&app, StatusCode::OK, &group, &projection).await
}

/// Changes parts of a group, its members first of all. The answer is empty, since a group may be large,
/// unless attributes are asked for (RFC 7644 §3.5.2).
pub(super) async fn patch(
    app: Shared,
    caller: Caller,
    Id(id): Id<GroupId>,
    Wanted(projection): Wanted,
    headers: HeaderMap,
    Body(body): Body,
) -> Result<Response, Refusal> {
    let GroupPatch { members, rest } = group_patch(operations(body)?)?;
    let change = Changes {
        resource: Change::By(rest),
        members,
    };
    let group = changed(&app, caller, id, &headers, change).await?;
    if projection == Projection::All {
        let tag = etag::by_version(group.version);
        return Ok((StatusCode::NO_CONTENT, [(header::ETAG, tag)]).into_response());
    }
    shown(&app, StatusCode::OK, &group, &projection).await
}

/// Deletes a group.
pub(super) async fn delete(
    app: Shared,
    caller: Caller,
    Id(id): Id<GroupId>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let wanted = etag::given(&headers, &header::IF_MATCH);
    let check =
        move |group: &Group| etag::unchanged(wanted.as_deref(), &etag::by_version(group.version));
    app.store.delete_group(caller.actor(), id, check).await??;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// What becomes of a group.
struct Changes {
    resource: Change,
    members: Vec<MemberChange>,
}

enum Change {
    By(Vec<Operation>),
    To(GroupInput),
}

/// Reads, changes and writes a group in one transaction.
async fn changed(
    app: &App,
    caller: Caller,
    id: GroupId,
    headers: &HeaderMap,
    Changes { resource, members }: Changes,
) -> Result<Group, Refusal> {
    let steps = steps::of(app, id, members).await?;
    let wanted = etag::given(headers, &header::IF_MATCH);
    let change = move |group: &Group| {
        etag::unchanged(wanted.as_deref(), &etag::by_version(group.version))?;
        let input = match resource {
            Change::To(input) => input,
            Change::By(operations) => written(apply(view::resource(group), &operations, &GROUP)?),
        };
        Ok::<_, Refusal>((input, steps))
    };
    app.store.change_group(caller.actor(), id, change).await?
}

/// What a body comes to, and the ids of its members.
fn input(body: Value) -> Result<(GroupInput, Vec<String>), ScimError> {
    let mut resource = read(body, &GROUP)?;
    let who = take(&mut resource, "members");
    Ok((written(resource), members(who.as_ref())?))
}

fn written(resource: Map<String, Value>) -> GroupInput {
    let text = |name: &str| {
        resource
            .get(name)
            .and_then(Value::as_str)
            .map(str::to_owned)
    };
    GroupInput {
        name: text("displayName").unwrap_or_default(),
        external_id: text("externalId"),
        resource: Value::Object(resource).to_string(),
    }
}

async fn shown(
    app: &App,
    status: StatusCode,
    group: &Group,
    projection: &Projection,
) -> Result<Response, Refusal> {
    let members = if projection.shows("members") {
        Some(app.store.group_members(group.id).await?)
    } else {
        None
    };
    let whole = view::of(group, members.as_deref(), &base(app));
    let shown = projection.of(whole.clone(), &GROUP);
    Ok(answer::resource(status, &whole, &shown))
}
