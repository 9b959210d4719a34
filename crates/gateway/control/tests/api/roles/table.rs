//! `docs/roles.md`: the table of operations × roles, for people. It is made from the document that the
//! tests beside this hold against what happens.

use std::{collections::BTreeMap, fmt::Write as _};

use tidegate_types::Role;

use super::{Operation, operations};

const COMMITTED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../docs/roles.md");

const ABOUT: &str = "\
# Who may do what

Each account and each API token has one role. This page is made from the admin API's OpenAPI document
(`x-tidegate-roles`) by a test that calls every operation as every role (`make openapi` writes it anew).

| role | for | in short |
|---|---|---|
| `admin` | who runs the gateway | everything |
| `security` | who decides about the fleet | devices, apps, MCP servers, requests from users, enrolment; reads the request log with prompts, and the audit log |
| `read_only` | who looks | reads everything that shows no secret and no prompt; changes nothing but its own sign-in |
| `team_admin` | who runs a team | users, keys, budgets and limits of that team, and what they did; anything of another team is answered as if it were not there (404) |

✓ may · **team** only what belongs to the own team · **own** only what is the caller's own · – may not (403
`forbidden`). What is not in this table, nobody may. Without a credential everything is 401, but for the
operations at the end.
";

/// How a role's cell reads.
fn cell(operation: &Operation, role: Role) -> &'static str {
    let roles = operation.roles.as_deref().unwrap_or_default();
    let own = ["/sessions", "/accounts/current/", "/views"];
    let own = own.iter().any(|start| below(operation).starts_with(start))
        || operation.path.ends_with("/sign-out");
    let shared = ["info", "prices", "providers"].contains(&operation.tag.as_str());
    if !roles.contains(&role) {
        "–"
    } else if own && (role != Role::Admin || operation.path.contains("/current")) {
        "own"
    } else if role == Role::TeamAdmin && !shared {
        "team"
    } else {
        "✓"
    }
}

fn below(operation: &Operation) -> &str {
    let path = operation.path.as_str();
    path.strip_prefix("/api/v1").unwrap_or(path)
}

fn table() -> String {
    let mut areas: BTreeMap<String, Vec<Operation>> = BTreeMap::new();
    let (guarded, open): (Vec<_>, Vec<_>) = operations()
        .into_iter()
        .partition(|operation| operation.roles.is_some());
    for operation in guarded {
        areas
            .entry(operation.tag.clone())
            .or_default()
            .push(operation);
    }
    let mut page = ABOUT.to_owned();
    for (area, operations) in areas {
        write!(
            page,
            "\n## {area}\n\n| operation | | admin | security | read_only | team_admin |\n"
        )
        .unwrap();
        page.push_str("|---|---|---|---|---|---|\n");
        for operation in operations {
            let (method, path) = (&operation.method, below(&operation));
            write!(
                page,
                "| `{method} {path}` | {} |",
                operation.summary.trim_end_matches('.').replace('\n', " ")
            )
            .unwrap();
            for role in [Role::Admin, Role::Security, Role::ReadOnly, Role::TeamAdmin] {
                write!(page, " {} |", cell(&operation, role)).unwrap();
            }
            page.push('\n');
        }
    }
    page.push_str("\n## Without a credential\n\n");
    for operation in open {
        let (method, summary) = (&operation.method, operation.summary.replace('\n', " "));
        writeln!(page, "- `{method} {}`: {summary}", operation.path).unwrap();
    }
    page
}

/// To regenerate: `make openapi`.
#[test]
fn the_committed_table_is_fresh() {
    let fresh = table();
    if std::env::var_os("UPDATE_OPENAPI").is_some() {
        std::fs::write(COMMITTED, &fresh).unwrap();
    }
    let committed = std::fs::read_to_string(COMMITTED).unwrap_or_default();
    assert!(
        committed == fresh,
        "docs/roles.md is stale; run `make openapi`"
    );
}
