//! What the server says about itself (RFC 7643 §5-§7, RFC 7644 §4).

use serde_json::{Map, Value, json};

use crate::schema::{
    Attribute, ENTERPRISE, GROUP, Kind, Mutability, ResourceType, Returned, Schema, USER,
};

const CONFIG: &str = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig";
const TYPE: &str = "urn:ietf:params:scim:schemas:core:2.0:ResourceType";
const SCHEMA: &str = "urn:ietf:params:scim:schemas:core:2.0:Schema";

/// What is supported; `base` is the URL of SCIM here, `results` the most resources of a list.
#[must_use]
pub fn service_provider_config(base: &str, results: usize) -> Value {
    json!({
        "schemas": [CONFIG],
        "patch": { "supported": true },
        "bulk": { "supported": false, "maxOperations": 0, "maxPayloadSize": 0 },
        "filter": { "supported": true, "maxResults": results },
        "changePassword": { "supported": false },
        "sort": { "supported": false },
        "etag": { "supported": true },
        "authenticationSchemes": [{
            "type": "oauthbearertoken",
            "name": "Bearer token",
            "description": "A token for SCIM (`tg-scim-…`) that an administrator created.",
            "specUri": "https://www.rfc-editor.org/info/rfc6750",
            "primary": true,
        }],
        "meta": {
            "resourceType": "ServiceProviderConfig",
            "location": format!("{base}/ServiceProviderConfig"),
        },
    })
}

/// The kinds of resources.
#[must_use]
pub fn resource_types(base: &str) -> Vec<Value> {
    [&USER, &GROUP].map(|kind| resource_type(kind, base)).into()
}

fn resource_type(kind: &'static ResourceType, base: &str) -> Value {
    let name = kind.name;
    let extensions: Vec<Value> = kind
        .extension
        .iter()
        .map(|extension| json!({ "schema": extension.id, "required": false }))
        .collect();
    let mut value = json!({
        "schemas": [TYPE],
        "id": name,
        "name": name,
        "description": kind.about,
        "endpoint": kind.endpoint,
        "schema": kind.schema.id,
        "meta": { "resourceType": "ResourceType", "location": format!("{base}/ResourceTypes/{name}") },
    });
    if !extensions.is_empty() {
        value["schemaExtensions"] = extensions.into();
    }
    value
}

/// The schemas.
#[must_use]
pub fn schemas(base: &str) -> Vec<Value> {
    [&USER.schema, &GROUP.schema, &ENTERPRISE]
        .map(|known| schema(known, base))
        .into()
}

fn schema(schema: &Schema, base: &str) -> Value {
    let id = schema.id;
    let attributes: Vec<Value> = schema.attributes.iter().map(attribute).collect();
    json!({
        "schemas": [SCHEMA],
        "id": id,
        "name": schema.name,
        "description": schema.about,
        "attributes": attributes,
        "meta": { "resourceType": "Schema", "location": format!("{base}/Schemas/{id}") },
    })
}

fn attribute(attribute: &Attribute) -> Value {
    let mut value = Map::new();
    let mut put = |name: &str, what: Value| {
        value.insert(name.to_owned(), what);
    };
    put("name", attribute.name.into());
    put("type", kind(attribute.kind).into());
    put("multiValued", attribute.many.into());
    put("description", attribute.about.into());
    put("required", attribute.required.into());
    put("mutability", mutability(attribute.mutability).into());
    put("returned", returned(attribute.returned).into());
    put(
        "uniqueness",
        if attribute.unique { "server" } else { "none" }.into(),
    );
    if matches!(
        attribute.kind,
        Kind::String | Kind::Reference | Kind::Binary
    ) {
        put("caseExact", attribute.exact.into());
    }
    if !attribute.canonical.is_empty() {
        put("canonicalValues", attribute.canonical.to_vec().into());
    }
    if !attribute.references.is_empty() {
        put("referenceTypes", attribute.references.to_vec().into());
    }
    if !attribute.subs.is_empty() {
        let subs: Vec<Value> = attribute.subs.iter().map(self::attribute).collect();
        put("subAttributes", subs.into());
    }
    Value::Object(value)
}

const fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Binary => "binary",
        Kind::Boolean => "boolean",
        Kind::Complex => "complex",
        Kind::DateTime => "dateTime",
        Kind::Reference => "reference",
        Kind::String => "string",
    }
}

const fn mutability(mutability: Mutability) -> &'static str {
    match mutability {
        Mutability::Immutable => "immutable",
        Mutability::ReadOnly => "readOnly",
        Mutability::ReadWrite => "readWrite",
    }
}

const fn returned(returned: Returned) -> &'static str {
    match returned {
        Returned::Always => "always",
        Returned::Default => "default",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_supported_is_said() {
        let config = service_provider_config("https://gw.example.com/scim/v2", 200);
        for (feature, supported) in [
            ("patch", true),
            ("bulk", false),
            ("sort", false),
            ("filter", true),
            ("changePassword", false),
        ] {
            assert_eq!(config[feature]["supported"], supported, "{feature}");
        }
    }

    #[test]
    fn every_schema_that_a_resource_names_is_described() {
        let described = schemas("x");
        for kind in resource_types("x") {
            let extensions = kind["schemaExtensions"].as_array();
            let named = extensions.into_iter().flatten().map(|one| &one["schema"]);
            for id in named.chain([&kind["schema"]]) {
                assert!(described.iter().any(|schema| &schema["id"] == id), "{id}");
            }
        }
    }
}
