//! `/Users`: people as the identity provider keeps them.

mod find;
mod view;

use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode, header};
use serde_json::Value;
use tidegate_scim::{Person, ScimError, USER, apply, complete, operations, read};
use tidegate_store::{ProvisionedUser, UserInput};
use tidegate_types::UserId;

use self::view::View;
use super::{
    Refusal, Shared, answer,
    ask::{Asked, Body, Id, Wanted},
    base, etag,
    identity::Caller,
};

/// Lists users, or finds them.
pub(super) async fn list(app: Shared, asked: Asked) -> Result<Response, Refusal> {
    find::find(&app, asked).await
}

/// The same, with the question in the body (RFC 7644 §3.4.3).
pub(super) async fn search(app: Shared, Body(body): Body) -> Result<Response, Refusal> {
    find::find(&app, Asked::read(&body)?).await
}

/// Creates a user.
pub(super) async fn create(
    app: Shared,
    caller: Caller,
    Wanted(projection): Wanted,
    Body(body): Body,
) -> Result<Response, Refusal> {
    let input = input(body, true)?;
    let store = &app.store;
    let user = store.create_provisioned_user(caller.actor(), input).await?;
    let whole = View::new(&base(&app)).of(&user);
    let shown = projection.of(whole.clone(), &USER);
    Ok(answer::resource(StatusCode::CREATED, &whole, &shown))
}

/// Shows a user.
pub(super) async fn show(
    app: Shared,
    Id(id): Id<UserId>,
    Wanted(projection): Wanted,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let user = app.store.provisioned_user(id).await?;
    let whole = View::new(&base(&app)).of(&user);
    if etag::known(&headers, &whole) {
        return Ok(answer::not_modified(&whole));
    }
    let shown = projection.of(whole.clone(), &USER);
    Ok(answer::resource(StatusCode::OK, &whole, &shown))
}

/// Puts another user in the place of one.
pub(super) async fn replace(
    app: Shared,
    caller: Caller,
    Id(id): Id<UserId>,
    Wanted(projection): Wanted,
    headers: HeaderMap,
    Body(body): Body,
) -> Result<Response, Refusal> {
    // Read before the store is asked, so that what is wrong is said even of a user who is not there.
    let new = read(body, &USER)?;
    let change = move |_: &ProvisionedUser| Ok(new);
    changed(app, caller, id, projection, &headers, change).await
}

/// Changes parts of a user.
pub(super) async fn patch(
    app: Shared,
    caller: Caller,
    Id(id): Id<UserId>,
    Wanted(projection): Wanted,
    headers: HeaderMap,
    Body(body): Body,
) -> Result<Response, Refusal> {
    let operations = operations(body)?;
    let change = move |user: &ProvisionedUser| apply(view::resource(user), &operations, &USER);
    changed(app, caller, id, projection, &headers, change).await
}

/// Deletes a user.
pub(super) async fn delete(
    app: Shared,
    caller: Caller,
    Id(id): Id<UserId>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let wanted = etag::given(&headers, &header::IF_MATCH);
    let view = View::new(&base(&app));
    let check = move |user: &ProvisionedUser| etag::unchanged(wanted.as_deref(), &view.tag(user));
    let store = &app.store;
    store
        .delete_provisioned_user(caller.actor(), id, check)
        .await??;
    Ok(StatusCode::NO_CONTENT.into_response())
}

type Resource = serde_json::Map<String, Value>;

/// Reads, changes and writes a user in one transaction.
async fn changed(
    app: Shared,
    caller: Caller,
    id: UserId,
    projection: tidegate_scim::Projection,
    headers: &HeaderMap,
    change: impl FnOnce(&ProvisionedUser) -> Result<Resource, ScimError> + Send + 'static,
) -> Result<Response, Refusal> {
    let wanted = etag::given(headers, &header::IF_MATCH);
    let view = View::new(&base(&app));
    let tags = view.clone();
    let change = move |user: &ProvisionedUser| {
        etag::unchanged(wanted.as_deref(), &tags.tag(user))?;
        // Whoever is inactive stays so until it is said: a client that leaves it out means nothing by it.
        Ok::<_, Refusal>(written(change(user)?, !user.user.disabled))
    };
    let store = &app.store;
    let user = store
        .change_provisioned_user(caller.actor(), id, change)
        .await??;
    let whole = view.of(&user);
    let shown = projection.of(whole.clone(), &USER);
    Ok(answer::resource(StatusCode::OK, &whole, &shown))
}

fn input(body: Value, active: bool) -> Result<UserInput, ScimError> {
    Ok(written(read(body, &USER)?, active))
}

/// What a resource comes to in columns, beside the whole of it.
fn written(resource: Resource, active: bool) -> UserInput {
    let person = Person::of(&resource);
    UserInput {
        user_name: person.user_name,
        external_id: person.external_id,
        email: person.email,
        name: person.name,
        active: person.active.unwrap_or(active),
        resource: Value::Object(resource).to_string(),
    }
}

/// The resource with an id and what the server says of it.
fn whole(resource: Resource, id: UserId, meta: Value) -> Value {
    complete(resource, &USER, &id.to_string(), meta)
}
