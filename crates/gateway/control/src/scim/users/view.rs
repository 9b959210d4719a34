//! A user as a resource: what was sent, with what is true here over it.

use serde_json::{Map, Value, json};
use tidegate_scim::{GROUP, USER, derived_name};
use tidegate_store::ProvisionedUser;

use super::whole;
use crate::scim::etag;

/// How users are shown to a client.
#[derive(Debug, Clone)]
pub(super) struct View {
    base: String,
}

impl View {
    pub(super) fn new(base: &str) -> Self {
        Self {
            base: base.to_owned(),
        }
    }

    pub(super) fn of(&self, user: &ProvisionedUser) -> Value {
        let mut value = self.untagged(user);
        let tag = etag::by_content(&value);
        value["meta"]["version"] = tag.into();
        value
    }

    /// The user's entity tag.
    pub(super) fn tag(&self, user: &ProvisionedUser) -> String {
        etag::by_content(&self.untagged(user))
    }

    /// The user without an entity tag, for a filter to judge.
    pub(super) fn untagged(&self, user: &ProvisionedUser) -> Value {
        let (base, id) = (&self.base, user.user.id);
        let mut fields = resource(user);
        let endpoint = GROUP.endpoint();
        let groups: Vec<Value> = user
            .groups
            .iter()
            .map(|(id, name)| {
                json!({
                    "value": id, "$ref": format!("{base}{endpoint}/{id}"), "display": name,
                    "type": "direct",
                })
            })
            .collect();
        if !groups.is_empty() {
            fields.insert("groups".to_owned(), groups.into());
        }
        let meta = json!({
            "resourceType": USER.name(),
            "created": user.user.created_at,
            "lastModified": user.changed_at,
            "location": format!("{base}{}/{id}", USER.endpoint()),
        });
        whole(fields, id, meta)
    }
}

/// What a client may change of a user, as it is now. What was changed in the console is not what was sent.
pub(super) fn resource(user: &ProvisionedUser) -> Map<String, Value> {
    let sent = user.resource.as_deref().unwrap_or_default();
    let mut fields = serde_json::from_str(sent).unwrap_or_else(|_| made_here(user));
    fields.insert("userName".to_owned(), user.user_name.as_str().into());
    fields.insert("active".to_owned(), (!user.user.disabled).into());
    match &user.external_id {
        Some(id) => drop(fields.insert("externalId".to_owned(), id.as_str().into())),
        None => drop(fields.remove("externalId")),
    }
    if derived_name(&fields) != user.user.name {
        fields.insert("displayName".to_owned(), user.user.name.as_str().into());
    }
    fields
}

/// Of a user that no provider has sent yet.
fn made_here(user: &ProvisionedUser) -> Map<String, Value> {
    let email = json!([{ "value": user.user.email, "type": "work", "primary": true }]);
    Map::from_iter([
        ("displayName".to_owned(), user.user.name.as_str().into()),
        ("emails".to_owned(), email),
    ])
}
