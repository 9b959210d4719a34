//! Whether a filter holds for a resource.

use serde_json::Value;
use tidegate_types::Timestamp;

use super::{Comparison, Filter, Literal};
use crate::{
    Attr, ScimError, find,
    schema::{Attribute, Kind, ResourceType},
};

/// What names in a filter refer to.
#[derive(Clone, Copy)]
enum Scope {
    Resource(&'static ResourceType),
    /// One value of this attribute; of one that no schema knows, `None`.
    Element(Option<&'static Attribute>),
}

impl Scope {
    fn attribute(self, attr: &Attr) -> Option<&'static Attribute> {
        match self {
            Self::Resource(kind) => kind.attribute(attr.schema.as_deref(), &attr.name),
            Self::Element(attribute) => attribute?.sub(&attr.name),
        }
    }

    /// The attribute's values in what the scope is about, each without its wrapping.
    fn values<'v>(self, attr: &Attr, of: &'v Value) -> Vec<&'v Value> {
        let whole = match (self, attr.schema.as_deref()) {
            (Self::Resource(kind), Some(urn)) if !urn.eq_ignore_ascii_case(kind.schema.id) => {
                find(of, urn)
            }
            _ => Some(of),
        };
        let found = match (self, whole) {
            // A value that is no object is its own `value`.
            (Self::Element(_), Some(plain)) if !plain.is_object() => {
                attr.name.eq_ignore_ascii_case("value").then_some(plain)
            }
            (_, whole) => whole.and_then(|whole| find(whole, &attr.name)),
        };
        let each: Vec<&Value> = match found {
            Some(Value::Array(items)) => items.iter().collect(),
            Some(Value::Null) | None => Vec::new(),
            Some(one) => vec![one],
        };
        match &attr.sub {
            Some(sub) => each
                .into_iter()
                .filter_map(|item| find(item, sub))
                .collect(),
            None => each,
        }
    }
}

impl Filter {
    /// Refuses what cannot be compared.
    ///
    /// # Errors
    /// `invalidFilter`: truth values and bytes have no order (RFC 7644 §3.4.2.2).
    pub fn check(&self, kind: &'static ResourceType) -> Result<(), ScimError> {
        self.check_in(Scope::Resource(kind))
    }

    fn check_in(&self, scope: Scope) -> Result<(), ScimError> {
        match self {
            Self::And(parts) | Self::Or(parts) => {
                parts.iter().try_for_each(|part| part.check_in(scope))
            }
            Self::Compare(attr, comparison, _) => {
                let ordered = matches!(
                    comparison,
                    Comparison::Greater
                        | Comparison::GreaterOrEqual
                        | Comparison::Less
                        | Comparison::LessOrEqual
                );
                let kind = leaf(scope.attribute(attr), attr).map(|attribute| attribute.kind);
                if ordered && matches!(kind, Some(Kind::Boolean | Kind::Binary)) {
                    return Err(ScimError::filter(format!("{attr} has no order")));
                }
                Ok(())
            }
            Self::Element(attr, inner) => inner.check_in(Scope::Element(scope.attribute(attr))),
            Self::Not(inner) => inner.check_in(scope),
            Self::Present(_) => Ok(()),
        }
    }

    /// Whether it holds for a resource of this kind.
    #[must_use]
    pub fn matches(&self, resource: &Value, kind: &'static ResourceType) -> bool {
        self.holds(resource, Scope::Resource(kind))
    }

    fn holds(&self, of: &Value, scope: Scope) -> bool {
        match self {
            Self::And(parts) => parts.iter().all(|part| part.holds(of, scope)),
            Self::Compare(attr, comparison, literal) => {
                let attribute = leaf(scope.attribute(attr), attr);
                let exact = attribute.is_some_and(|attribute| attribute.exact);
                let dated = attribute.is_some_and(|attribute| attribute.kind == Kind::DateTime);
                let values = scope.values(attr, of);
                let any = |comparison| {
                    values.iter().any(|value| {
                        let value = plain(value);
                        compare(value, comparison, literal, exact, dated)
                    })
                };
                match (comparison, literal) {
                    (Comparison::Equal, Literal::Null) => !values.iter().any(|value| filled(value)),
                    (Comparison::NotEqual, Literal::Null) => {
                        values.iter().any(|value| filled(value))
                    }
                    (Comparison::NotEqual, _) => !any(Comparison::Equal),
                    (comparison, _) => any(*comparison),
                }
            }
            Self::Element(attr, inner) => {
                let scope_in = Scope::Element(scope.attribute(attr));
                let values = scope.values(attr, of);
                values.into_iter().any(|value| inner.holds(value, scope_in))
            }
            Self::Not(inner) => !inner.holds(of, scope),
            Self::Or(parts) => parts.iter().any(|part| part.holds(of, scope)),
            Self::Present(attr) => scope.values(attr, of).into_iter().any(filled),
        }
    }
}

/// Whether one of an attribute's values is selected by a filter in brackets.
pub(crate) fn element_matches(
    filter: &Filter,
    element: &Value,
    attribute: Option<&'static Attribute>,
) -> bool {
    filter.holds(element, Scope::Element(attribute))
}

/// The attribute whose values are compared: that which is named, its part, or its `value`.
fn leaf(attribute: Option<&'static Attribute>, attr: &Attr) -> Option<&'static Attribute> {
    let attribute = attribute?;
    match &attr.sub {
        Some(sub) => attribute.sub(sub),
        None if attribute.kind == Kind::Complex => attribute.sub("value"),
        None => Some(attribute),
    }
}

/// Of an object with a `value`, that.
fn plain(value: &Value) -> &Value {
    if value.is_object() {
        find(value, "value").unwrap_or(value)
    } else {
        value
    }
}

/// Whether there is something in it (RFC 7644 §3.4.2.2, `pr`).
fn filled(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => items.iter().any(filled),
        Value::Object(fields) => fields.values().any(filled),
        Value::Bool(_) | Value::Number(_) => true,
    }
}

fn compare(
    value: &Value,
    comparison: Comparison,
    literal: &Literal,
    exact: bool,
    dated: bool,
) -> bool {
    match (value, literal) {
        (Value::String(ours), Literal::Text(theirs)) => {
            let times = dated.then(|| (ours.parse(), theirs.parse()));
            if let Some((Ok::<Timestamp, _>(ours), Ok::<Timestamp, _>(theirs))) = times {
                return ordered(comparison, ours.cmp(&theirs));
            }
            if exact {
                texts(ours, comparison, theirs)
            } else {
                texts(&ours.to_lowercase(), comparison, &theirs.to_lowercase())
            }
        }
        (Value::Bool(ours), Literal::Bool(theirs)) => {
            comparison == Comparison::Equal && ours == theirs
        }
        // Entra ID writes truth values as texts.
        (Value::Bool(ours), Literal::Text(theirs)) => {
            comparison == Comparison::Equal && theirs.eq_ignore_ascii_case(&ours.to_string())
        }
        (Value::Number(ours), Literal::Number(theirs)) => match (ours.as_i64(), theirs.as_i64()) {
            (Some(ours), Some(theirs)) => ordered(comparison, ours.cmp(&theirs)),
            _ => {
                let pair = ours.as_f64().zip(theirs.as_f64());
                pair.and_then(|(ours, theirs)| ours.partial_cmp(&theirs))
                    .is_some_and(|order| ordered(comparison, order))
            }
        },
        _ => false,
    }
}

fn texts(ours: &str, comparison: Comparison, theirs: &str) -> bool {
    match comparison {
        Comparison::Contains => ours.contains(theirs),
        Comparison::EndsWith => ours.ends_with(theirs),
        Comparison::StartsWith => ours.starts_with(theirs),
        _ => ordered(comparison, ours.cmp(theirs)),
    }
}

fn ordered(comparison: Comparison, order: std::cmp::Ordering) -> bool {
    match comparison {
        Comparison::Equal => order.is_eq(),
        Comparison::Greater => order.is_gt(),
        Comparison::GreaterOrEqual => order.is_ge(),
        Comparison::Less => order.is_lt(),
        Comparison::LessOrEqual => order.is_le(),
        Comparison::NotEqual => order.is_ne(),
        Comparison::Contains | Comparison::EndsWith | Comparison::StartsWith => false,
    }
}

/// Whether two values of an attribute are the same: texts in any case, unless the case matters.
pub(crate) fn same(ours: &Value, theirs: &Value, attribute: Option<&'static Attribute>) -> bool {
    match (ours, theirs) {
        (Value::String(a), Value::String(b)) if !attribute.is_some_and(|one| one.exact) => {
            a.to_lowercase() == b.to_lowercase()
        }
        _ => ours == theirs,
    }
}
