//! A group as a resource.

use serde_json::{Map, Value, json};
use tidegate_scim::{GROUP, USER, complete};
use tidegate_store::Group;
use tidegate_types::UserId;

use crate::scim::etag;

/// The group, with its members where they are known.
pub(super) fn of(group: &Group, members: Option<&[UserId]>, base: &str) -> Value {
    let mut fields = resource(group);
    let members = members.unwrap_or_default();
    if !members.is_empty() {
        let members: Vec<Value> = members.iter().map(|&id| member(id, base)).collect();
        fields.insert("members".to_owned(), members.into());
    }
    let id = group.id.to_string();
    let meta = json!({
        "resourceType": GROUP.name(),
        "created": group.created_at,
        "lastModified": group.changed_at,
        "location": format!("{base}{}/{id}", GROUP.endpoint()),
        "version": etag::by_version(group.version),
    });
    complete(fields, &GROUP, &id, meta)
}

/// A member as it is answered.
pub(super) fn member(id: UserId, base: &str) -> Value {
    json!({
        "value": id, "$ref": format!("{base}{}/{id}", USER.endpoint()), "type": USER.name(),
    })
}

/// What a client may change of a group but its members.
pub(super) fn resource(group: &Group) -> Map<String, Value> {
    let mut fields: Map<String, Value> = serde_json::from_str(&group.resource).unwrap_or_default();
    fields.insert("displayName".to_owned(), group.name.as_str().into());
    fields
}
