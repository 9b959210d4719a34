//! Who is in a group. Groups are large and members are only ids, so that a change is one of a set and not
//! of a resource.

use serde_json::{Map, Value};

use crate::{
    Attr, Comparison, Filter, Literal, Operation, Path, ScimError, ScimKind, Verb, find,
    resource::take,
};

/// The most members that one request names.
const MOST: usize = 20_000;

/// A change of who is in a group; ids are as they were sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MemberChange {
    /// These too.
    Add(Vec<String>),
    /// Not these.
    Remove(Vec<String>),
    /// Not those that the filter selects, by what is answered of a member.
    RemoveSelected(Filter),
    /// These and no others.
    Replace(Vec<String>),
}

/// A PATCH of a group, in two parts that do not touch each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupPatch {
    /// What becomes of the members, in this order.
    pub members: Vec<MemberChange>,
    /// What becomes of all else.
    pub rest: Vec<Operation>,
}

/// The ids in a list of members.
///
/// # Errors
/// `invalidValue` when one has no id, is no user, or there are more than 20,000.
pub fn members(value: Option<&Value>) -> Result<Vec<String>, ScimError> {
    let list = match value {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Array(items)) => items.as_slice(),
        Some(single) => std::slice::from_ref(single),
    };
    if list.len() > MOST {
        return Err(ScimError::value("a request names at most 20000 members"));
    }
    list.iter().map(member).collect()
}

fn member(value: &Value) -> Result<String, ScimError> {
    let kind = find(value, "type").and_then(Value::as_str);
    if kind.is_some_and(|kind| !kind.eq_ignore_ascii_case("User")) {
        return Err(ScimError::value("only users can be members of a group"));
    }
    let id = if value.is_object() {
        find(value, "value")
    } else {
        Some(value)
    };
    match id.and_then(Value::as_str) {
        Some(id) if !id.is_empty() => Ok(id.to_owned()),
        _ => Err(ScimError::value(
            "a member needs the id of a user as `value`",
        )),
    }
}

/// Takes what concerns members out of the operations of a PATCH.
///
/// # Errors
/// As of [`members`]; `mutability` when a member itself is to be changed.
pub fn group_patch(operations: Vec<Operation>) -> Result<GroupPatch, ScimError> {
    let mut patch = GroupPatch {
        members: Vec::new(),
        rest: Vec::new(),
    };
    for mut operation in operations {
        match &operation.path {
            Some(Path::Attribute { attr, filter }) if attr.name.eq_ignore_ascii_case("members") => {
                let change = change(operation.verb, attr, filter.as_ref(), &operation.value)?;
                patch.members.push(change);
                continue;
            }
            None => {
                let fields = operation.value.as_object_mut();
                if let Some(list) = fields.and_then(|fields| take(fields, "members")) {
                    let ids = members(Some(&list))?;
                    patch.members.push(match operation.verb {
                        Verb::Add => MemberChange::Add(ids),
                        _ => MemberChange::Replace(ids),
                    });
                    if operation.value.as_object().is_some_and(Map::is_empty) {
                        continue;
                    }
                }
            }
            Some(_) => {}
        }
        patch.rest.push(operation);
    }
    Ok(patch)
}

fn change(
    verb: Verb,
    attr: &Attr,
    filter: Option<&Filter>,
    value: &Value,
) -> Result<MemberChange, ScimError> {
    match (verb, attr.sub.as_deref(), filter) {
        (_, Some(_), _) | (Verb::Add | Verb::Replace, None, Some(_)) => Err(ScimError::new(
            ScimKind::Mutability,
            "members can be added and removed, not changed",
        )),
        (Verb::Add, None, None) => members(Some(value)).map(MemberChange::Add),
        (Verb::Replace, None, None) => members(Some(value)).map(MemberChange::Replace),
        (Verb::Remove, None, None) if value.is_null() => Ok(MemberChange::Replace(Vec::new())),
        (Verb::Remove, None, None) => members(Some(value)).map(MemberChange::Remove),
        (Verb::Remove, None, Some(filter)) => Ok(named(filter).map_or_else(
            || MemberChange::RemoveSelected(filter.clone()),
            MemberChange::Remove,
        )),
    }
}

/// The ids that a filter names, if it does nothing else.
fn named(filter: &Filter) -> Option<Vec<String>> {
    match filter {
        Filter::Compare(attr, Comparison::Equal, Literal::Text(id)) if attr.is("value", None) => {
            Some(vec![id.clone()])
        }
        Filter::Or(parts) => {
            let each: Option<Vec<_>> = parts.iter().map(named).collect();
            each.map(|each| each.into_iter().flatten().collect())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(operations: Value) -> Result<GroupPatch, ScimError> {
        group_patch(crate::operations(json!({ "Operations": operations }))?)
    }

    fn ids(ids: &[&str]) -> Vec<String> {
        ids.iter().map(|&id| id.to_owned()).collect()
    }

    #[test]
    fn members_come_and_go_in_every_way_it_is_written() {
        let a = json!({ "value": "a", "display": "Ada", "$ref": null });
        for (operation, change) in [
            (
                json!({ "op": "add", "path": "members", "value": [a] }),
                MemberChange::Add(ids(&["a"])),
            ),
            (
                json!({ "op": "Add", "path": "members", "value": a }),
                MemberChange::Add(ids(&["a"])),
            ),
            (
                json!({ "op": "add", "value": { "members": [a] } }),
                MemberChange::Add(ids(&["a"])),
            ),
            (
                json!({ "op": "Remove", "path": "members", "value": [a] }),
                MemberChange::Remove(ids(&["a"])),
            ),
            (
                json!({ "op": "remove", "path": "members" }),
                MemberChange::Replace(ids(&[])),
            ),
            (
                json!({ "op": "remove", "path": "members[value eq \"a\" or value eq \"b\"]" }),
                MemberChange::Remove(ids(&["a", "b"])),
            ),
            (
                json!({ "op": "replace", "path": "members", "value": ["a"] }),
                MemberChange::Replace(ids(&["a"])),
            ),
            (
                json!({ "op": "replace", "value": { "Members": [] } }),
                MemberChange::Replace(ids(&[])),
            ),
        ] {
            let patch = of(json!([operation])).unwrap();
            assert_eq!(
                (patch.members, patch.rest),
                (vec![change], vec![]),
                "{operation}"
            );
        }
        let patch = of(json!([{ "op": "remove", "path": "members[display sw \"A\"]" }])).unwrap();
        assert!(matches!(
            patch.members.as_slice(),
            [MemberChange::RemoveSelected(_)]
        ));
    }

    #[test]
    fn what_is_no_member_is_refused() {
        for (operation, kind) in [
            (
                json!({ "op": "add", "path": "members", "value": [{}] }),
                ScimKind::InvalidValue,
            ),
            (
                json!({ "op": "add", "path": "members", "value": [7] }),
                ScimKind::InvalidValue,
            ),
            (
                json!({ "op": "add", "path": "members", "value": [{ "value": "x", "type": "Group" }] }),
                ScimKind::InvalidValue,
            ),
            (
                json!({ "op": "replace", "path": "members[value eq \"a\"].display", "value": "x" }),
                ScimKind::Mutability,
            ),
        ] {
            assert_eq!(
                of(json!([operation])).unwrap_err().kind,
                kind,
                "{operation}"
            );
        }
    }

    #[test]
    fn the_rest_is_left_to_the_rest() {
        let patch = of(
            json!([{ "op": "replace", "value": { "id": "g", "displayName": "X", "members": ["a"] } }]),
        );
        let patch = patch.unwrap();
        assert_eq!(patch.members, [MemberChange::Replace(ids(&["a"]))]);
        assert_eq!(
            patch.rest[0].value,
            json!({ "id": "g", "displayName": "X" })
        );
    }
}
