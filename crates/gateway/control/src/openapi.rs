//! The OpenAPI document, generated from the handlers. What every operation has in common is added
//! here once: the security scheme, and the errors that the guards around handlers give.

use std::sync::{Arc, OnceLock};

use axum::response::{IntoResponse, Response};
use http::header;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        Components, Content, Info, License, OpenApi, OpenApiBuilder, RefOr, ResponseBuilder,
        extensions::Extensions,
        path::{Operation, ParameterIn, PathItem},
        schema::{AdditionalProperties, ArrayItems, Object, Ref, Schema},
        security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme},
        tag::TagBuilder,
    },
};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::App,
    guard::permissions::{self, Found},
    problem::{Code, FieldError, Problem},
};

const ABOUT: &str = "The admin API of the Tidegate gateway. Every call needs \
    `Authorization: Bearer` with an API token (`tg-admin-…`) or a session token \
    (`tg-session-…`), or the console's cookie. `x-tidegate-roles` names the roles that may call an \
    operation; who is confined to a team finds only what belongs to it, and anything else is `404`. Ids carry their kind as a prefix. Money is whole millionths of a US dollar. \
    Times are RFC 3339 in UTC. Lists come in pages: pass `next_cursor` as `cursor` to read on. \
    Unknown fields and parameters are refused. Errors are `application/problem+json` (RFC 9457), \
    with a `code` from a closed list, and name all wrong fields at once.";

const TAGS: [(&str, &str); 23] = [
    ("accounts", "People who sign in to this API."),
    ("audit", "Who changed what."),
    ("budgets", "Caps on spend."),
    ("cache", "Answers that are kept."),
    ("device-groups", "Groups of devices, which guardrails name."),
    ("devices", "Managed machines."),
    ("edge", "What devices obey, and whom they trust."),
    ("enrolment", "Tokens that enrol devices."),
    ("health", "What monitors ask."),
    ("identity-providers", "Through whom people sign in."),
    (
        "guardrails",
        "What is looked for in prompts and answers, and what is done about it.",
    ),
    ("info", "This node."),
    ("keys", "Virtual keys, which callers present."),
    ("limits", "Caps on the rate of calls."),
    ("prices", "What models cost."),
    (
        "providers",
        "Where calls go. Configured in the config file.",
    ),
    (
        "provisioning",
        "Users and groups that identity providers send by SCIM.",
    ),
    ("requests", "The log of calls."),
    ("sessions", "Signing in and out."),
    ("teams", "Teams of users and keys."),
    ("tokens", "Credentials for programs that use this API."),
    ("usage", "Usage and cost over time."),
    ("users", "People and services that call models."),
];

/// The document that the routers' handlers are collected into.
pub(crate) fn base() -> OpenApi {
    let info = Info::builder()
        .title("Tidegate admin API")
        .version("1")
        .description(Some(ABOUT))
        .license(Some(
            License::builder()
                .name("Apache-2.0")
                .identifier(Some("Apache-2.0"))
                .build(),
        ))
        .build();
    let scheme = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some(
            "An API token (`tg-admin-…`) or a session token (`tg-session-…`).",
        ))
        .build();
    let components = Components::builder()
        .security_scheme("token", SecurityScheme::Http(scheme))
        .schema("Problem", Problem::schema())
        .schema("Code", Code::schema())
        .schema("FieldError", FieldError::schema())
        .build();
    let tags = TAGS.map(|(name, about)| {
        TagBuilder::new()
            .name(name)
            .description(Some(about))
            .build()
    });
    OpenApiBuilder::new()
        .info(info)
        .components(Some(components))
        .security(Some([SecurityRequirement::new(
            "token",
            Vec::<String>::new(),
        )]))
        .tags(Some(tags))
        .build()
}

/// Adds to every operation what the handlers do not say themselves.
pub(crate) fn complete(mut document: OpenApi) -> OpenApi {
    for (path, item) in &mut document.paths.paths {
        let api = path.starts_with("/api/");
        for (method, operation) in operations(item) {
            roles(operation, method, path);
            errors(operation, api);
        }
    }
    if let Some(components) = &mut document.components {
        let names: Vec<String> = components.schemas.keys().cloned().collect();
        for (name, schema) in &mut components.schemas {
            let RefOr::T(Schema::Object(object)) = schema else {
                continue;
            };
            refer(object, name, &names);
            if !SOMETIMES_ABSENT.contains(&name.as_str()) {
                require(object);
            }
        }
    }
    document
}

/// Answers that leave a field out instead of sending null.
const SOMETIMES_ABSENT: [&str; 2] = ["FieldError", "Problem"];

/// The items of a page, which come inlined, are a reference like everywhere else.
fn refer(page: &mut Object, name: &str, names: &[String]) {
    let item = name
        .strip_prefix("Page_")
        .filter(|item| names.iter().any(|name| name == item));
    if let (Some(item), Some(RefOr::T(Schema::Array(items)))) =
        (item, page.properties.get_mut("items"))
    {
        items.items = ArrayItems::RefOrSchema(Box::new(Ref::from_schema_name(item).into()));
    }
}

/// An answer always holds all of its fields, null ones too. What callers send is another matter:
/// those schemas refuse unknown fields, and answers may grow.
fn require(answer: &mut Object) {
    let sent = matches!(
        answer.additional_properties.as_deref(),
        Some(AdditionalProperties::FreeForm(false))
    );
    if !sent {
        answer.required = answer.properties.keys().cloned().collect();
    }
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = (&'static str, &mut Operation)> {
    [
        ("GET", &mut item.get),
        ("PUT", &mut item.put),
        ("POST", &mut item.post),
        ("DELETE", &mut item.delete),
        ("PATCH", &mut item.patch),
    ]
    .into_iter()
    .filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
}

/// The roles that may call it. An operation that needs no credential names none, and neither does one
/// that is in no row of the table: a test fails on that.
fn roles(operation: &mut Operation, method: &str, path: &str) {
    let Found::Operation(roles) = permissions::find(method, path) else {
        return;
    };
    let names: Vec<&str> = roles.iter().map(|role| role.name()).collect();
    let roles = Extensions::from_iter([("x-tidegate-roles", names)]);
    operation.extensions.get_or_insert_default().merge(roles);
}

fn errors(operation: &mut Operation, api: bool) {
    let open = operation.security.is_some();
    let mut common = Vec::new();
    if api && !open {
        common.push(("401", "No valid credential was presented."));
        common.push((
            "403",
            "The caller's role may not do this; `x-tidegate-roles` names those that may.",
        ));
    }
    let parameters = operation.parameters.as_deref().unwrap_or_default();
    let has = |place: ParameterIn| {
        parameters.iter().any(
            |parameter| matches!(parameter, RefOr::T(parameter) if parameter.parameter_in == place),
        )
    };
    if has(ParameterIn::Path) {
        common.push(("404", "There is nothing of this name."));
    }
    if operation.request_body.is_some() {
        common.push(("400", "The body is not valid JSON."));
        common.push(("413", "The body has more than 1 MiB."));
        common.push(("415", "The body is not declared as JSON."));
    }
    if operation.request_body.is_some() || has(ParameterIn::Query) {
        common.push((
            "422",
            "Some fields or parameters are not valid; `errors` names them.",
        ));
    }
    if api {
        common.push(("503", "The database does not answer, or it took too long."));
    }
    let responses = &mut operation.responses.responses;
    for (status, description) in common {
        responses
            .entry(status.to_owned())
            .or_insert_with(|| RefOr::T(ResponseBuilder::new().description(description).build()));
    }
    for (status, response) in responses {
        if let RefOr::T(response) = response
            && status.starts_with(['4', '5'])
            && response.content.is_empty()
        {
            let problem = Content::new(Some(Ref::from_schema_name(Problem::name())));
            response
                .content
                .insert("application/problem+json".to_owned(), RefOr::T(problem));
        }
    }
}

pub(crate) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(show))
}

/// The document as it is served and committed: indented, with a line end.
pub(crate) fn text() -> &'static str {
    static TEXT: OnceLock<String> = OnceLock::new();
    TEXT.get_or_init(|| {
        // A document of plain strings and maps always serialises.
        crate::router::document()
            .to_pretty_json()
            .map(|text| text + "\n")
            .unwrap_or_default()
    })
}

/// Shows this document.
#[utoipa::path(get, path = "/openapi.json", tag = "info", operation_id = "get_openapi",
    security(()),
    responses((status = 200, description = "The document.", content_type = "application/json",
        body = Object)))]
async fn show() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], text()).into_response()
}
