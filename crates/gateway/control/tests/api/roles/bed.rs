//! Two teams with everything that can belong to a team, and somebody signed in for each role.

use std::{sync::Arc, time::Duration};

use axum::body::Body;
use http::{Request, StatusCode};
use serde_json::{Value, json};
use tidegate_governance::record::{Content, CostBasis, Outcome, Record, RequestRow};
use tidegate_store::{Account, Actor, NewAccount, NewGuardrail, NewSession, RecorderConfig};
use tidegate_types::{
    AccountId, Grant, MicroUsd, PlainKey, RequestId, Role, Secret, TeamId, Usage, UsageSource,
};

use super::Operation;
use crate::{
    devices, fleet,
    harness::{Answer, Api},
};

/// Who calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Caller {
    /// Without a credential.
    Nobody,
    /// A signed-in account of this role; a team's admin is the admin of the team that is tried.
    Role(Role),
    /// The admin of the other team.
    OtherTeam,
}

pub(crate) struct Bed {
    pub(crate) api: Api,
    pub(crate) team: String,
    pub(crate) other_team: String,
    pub(crate) user: String,
    pub(crate) key: String,
    pub(crate) device: String,
    pub(crate) request: String,
    budget: String,
    limit: String,
    asked: String,
    enrolment: String,
    rule: String,
    token: String,
    /// The account of the team's admin, and one of their sessions that is not used otherwise.
    account: String,
    session: String,
    view: String,
    guardrail: String,
    device_group: String,
    /// A user of the team who has nothing and can go.
    leaver: String,
    accounts: Vec<(Caller, AccountId)>,
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

const NAMES: [&str; 4] = ["blue-team", "blue-user", "blue-key", "blue-host"];

impl Bed {
    pub(crate) async fn new() -> Self {
        let api = Api::managing(10).await;
        api.reload_prices().await;
        let blue = Things::new(&api, "blue").await;
        let green = Things::new(&api, "green").await;
        let asked = fleet::with_server(&api, &blue.device_key).await;
        let rule = json!({ "identity": "npm:@acme/tool", "decision": "denied" });
        let rule = api.call("PUT", "/edge/mcp-rules", Some(rule)).await.json();
        let app = json!({ "decision": "denied" });
        api.call("PUT", "/edge/apps/codex", Some(app)).await;
        let host = json!({ "treatment": "governed" });
        api.call("PUT", "/edge/hosts/x.example.com", Some(host))
            .await;
        let price = json!({ "family": "openai", "model": "mine", "input": "1", "output": "2" });
        api.call("PUT", "/prices/overrides", Some(price)).await;
        let token = api.post("/tokens", json!({ "name": "ci" })).await;
        let device_group = api
            .post("/device-groups", json!({ "name": "laptops" }))
            .await;
        let mut bed = Self {
            team: blue.team,
            other_team: green.team,
            user: blue.user,
            key: blue.key,
            device: blue.device,
            request: blue.request,
            budget: blue.budget,
            limit: blue.limit,
            enrolment: blue.enrolment,
            asked: asked[0].clone(),
            rule: text(&rule["id"]),
            token: text(&token["token"]["id"]),
            account: String::new(),
            session: String::new(),
            view: String::new(),
            guardrail: guardrail(&api).await,
            device_group: text(&device_group["id"]),
            leaver: String::new(),
            accounts: Vec::new(),
            api,
        };
        bed.sign_up().await;
        bed
    }

    async fn sign_up(&mut self) {
        for role in Role::ALL {
            let team = (role == Role::TeamAdmin).then(|| self.team.parse().unwrap());
            let account = self
                .account(role.name(), Grant::new(role, team).unwrap())
                .await;
            self.accounts.push((Caller::Role(role), account.id));
            if team.is_some() {
                self.account = account.id.to_string();
                self.session = self.sign_in(account.id).await.1;
            }
        }
        let leaver = json!({ "email": "blue-leaver@example.com", "name": "blue-user" });
        let leaver = self.own("POST", "/users", Some(leaver)).await.json();
        self.leaver = text(&leaver["id"]);
        let view = json!({ "page": "devices", "name": "mine", "query": "os=linux" });
        let view = self.own("POST", "/views", Some(view)).await.json();
        self.view = text(&view["id"]);
        let green: TeamId = self.other_team.parse().unwrap();
        let other = self.account("green", Grant::TeamAdmin(green)).await;
        self.accounts.push((Caller::OtherTeam, other.id));
    }

    async fn account(&self, name: &str, grant: Grant) -> Account {
        let new = NewAccount {
            email: format!("{name}@example.com"),
            name: String::new(),
            grant,
            // Nobody signs in by it: hashing one takes long.
            password_hash: Some(Secret::new("unused".to_owned())),
        };
        let account = self.api.store.create_account(Actor::Cli, new).await;
        account.unwrap()
    }

    /// The token and the id of a new session.
    async fn sign_in(&self, account: AccountId) -> (String, String) {
        let secret = PlainKey::generate(PlainKey::SESSION).unwrap();
        let new = NewSession {
            account,
            hash: secret.hash(),
            provider: None,
            address: "192.0.2.1".to_owned(),
            user_agent: String::new(),
            replaces: None,
        };
        let hour = Duration::from_secs(3_600);
        let session = self.api.store.create_session(new, hour).await.unwrap();
        (secret.expose().to_owned(), session.id.to_string())
    }

    async fn token_of(&self, caller: Caller) -> String {
        let found = self.accounts.iter().find(|(known, _)| *known == caller);
        match found {
            Some((_, account)) => self.sign_in(*account).await.0,
            None => String::new(),
        }
    }

    /// Calls an operation on the team's things, by a session that is opened for it.
    pub(crate) async fn call(&self, caller: Caller, operation: &Operation) -> Answer {
        let token = self.token_of(caller).await;
        let path = self.fill(&operation.path);
        let path = match operation.name.as_str() {
            "delete_user" => path.replace(&self.user, &self.leaver),
            "get_usage" => format!("{path}?from=2026-11-01T00:00:00Z&to=2026-12-01T00:00:00Z"),
            "try_budget" => format!("{path}?scope={}&cap_micro_usd=1&window=1d", self.team),
            _ => path,
        };
        let mut request = Request::builder()
            .method(operation.method.as_str())
            .uri(path)
            .header("host", "localhost");
        if !token.is_empty() {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let body = match self.body(caller, &operation.name) {
            Some(body) => {
                request = request.header("content-type", "application/json");
                Body::from(body.to_string())
            }
            None => Body::empty(),
        };
        let request = request.body(body).unwrap();
        if streams(operation) {
            return self.api.head(request).await;
        }
        self.api.send(request).await
    }

    async fn of(&self, caller: Caller, method: &str, path: &str, body: Option<Value>) -> Answer {
        let token = self.token_of(caller).await;
        self.api.call_as(&token, method, path, body).await
    }

    pub(crate) async fn as_role(
        &self,
        role: Role,
        method: &str,
        path: &str,
        body: Option<Value>,
    ) -> Answer {
        self.of(Caller::Role(role), method, path, body).await
    }

    pub(crate) async fn own(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        self.as_role(Role::TeamAdmin, method, path, body).await
    }

    pub(crate) async fn other(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        self.of(Caller::OtherTeam, method, path, body).await
    }

    /// The path of the team's thing.
    fn fill(&self, path: &str) -> String {
        let id: &str = match path.trim_start_matches("/api/v1").split('/').nth(1) {
            Some("accounts") => &self.account,
            Some("budgets") => &self.budget,
            Some("device-groups") => &self.device_group,
            Some("devices") => &self.device,
            Some("enrolment-tokens") => &self.enrolment,
            Some("guardrails") => &self.guardrail,
            Some("keys") => &self.key,
            Some("limits") => &self.limit,
            Some("requests") => &self.request,
            Some("sessions") => &self.session,
            Some("teams") => &self.team,
            Some("tokens") => &self.token,
            // No team has any: who may call it finds nothing.
            Some("groups" | "scim-tokens") => &self.token,
            Some("users") => &self.user,
            Some("views") => &self.view,
            // For the role `admin` alone: whether there is one does not matter.
            Some("identity-providers") => "idp_00000000000000000000000000",
            Some("edge") if path.contains("mcp-rules") => &self.rule,
            Some("edge") => &self.asked,
            _ => "",
        };
        let filled = path
            .replace("{app}", "codex")
            .replace("{host}", "x.example.com")
            .replace("{identity}", "npm%3A%40acme%2Ftool")
            .replace("/overrides/{name}", "/overrides/openai%2Fmine")
            .replace("{name}", "openai");
        assert!(
            !id.is_empty() || !filled.contains("{id}"),
            "what is {path}?"
        );
        filled.replace("{id}", id)
    }

    /// Whether the call is about one thing of the team, or of an account of it.
    pub(crate) fn is_of_the_team(&self, path: &str) -> bool {
        path.contains("{id}") || path.ends_with("/what-if")
    }

    /// A body that a team's admin may send. The others need none: they are let in or not before.
    fn body(&self, caller: Caller, operation: &str) -> Option<Value> {
        let made = match caller {
            Caller::OtherTeam => "other@example.com",
            Caller::Nobody | Caller::Role(_) => "made@example.com",
        };
        Some(match operation {
            "change_budget" => json!({ "cap_micro_usd": 7 }),
            "change_key" | "change_user" => json!({ "name": "renamed" }),
            "change_limit" => json!({ "concurrency": 7 }),
            "create_budget" => {
                json!({ "scope": self.user, "cap_micro_usd": 7, "window": "1d" })
            }
            "create_key" => json!({ "name": "made" }),
            "create_limit" => json!({ "scope": self.user, "concurrency": 7 }),
            "create_user" => json!({ "email": made, "name": "Made" }),
            "rotate_key" => json!({}),
            "save_view" => json!({ "page": "devices", "name": "made", "query": "" }),
            _ => return None,
        })
    }

    /// Fails where an answer holds an id or a name of the team.
    pub(crate) fn nothing_of_the_team_in(&self, answer: &str, what: &str) {
        let ids = [
            &self.team,
            &self.user,
            &self.key,
            &self.device,
            &self.request,
            &self.budget,
            &self.limit,
            &self.asked,
            &self.enrolment,
            &self.account,
            &self.session,
            &self.view,
            &self.leaver,
        ];
        let ids = ids.into_iter().map(String::as_str);
        for secret in ids.chain(NAMES).chain(["team_admin@example.com"]) {
            assert!(!answer.contains(secret), "{what} shows {secret}: {answer}");
        }
    }
}

/// A guardrail of the organization's. It is never compiled here.
async fn guardrail(api: &Api) -> String {
    let text = r#"{"detect":{"kind":"terms","words":["x"]},"action":{"do":"log"}}"#;
    let new = NewGuardrail {
        name: "words".to_owned(),
        enabled: false,
        position: None,
        definition: serde_json::from_str(text).unwrap(),
    };
    let made = api.store.create_guardrail(Actor::Cli, new).await.unwrap();
    made.id.to_string()
}

/// Answers that do not end.
fn streams(operation: &Operation) -> bool {
    operation.path == "/api/v1/events" && operation.method == "GET"
}

/// What belongs to one team.
struct Things {
    team: String,
    user: String,
    key: String,
    budget: String,
    limit: String,
    enrolment: String,
    device: String,
    device_key: String,
    request: String,
}

impl Things {
    async fn new(api: &Api, color: &str) -> Self {
        let name = |what: &str| format!("{color}-{what}");
        let team = text(&api.post("/teams", json!({ "name": name("team") })).await["id"]);
        let email = format!("{color}-user@example.com");
        let new = json!({ "email": email, "name": name("user"), "team": team });
        let user = text(&api.post("/users", new).await["id"]);
        let new = json!({ "name": name("key"), "team": team, "user": user });
        let key = text(&api.post("/keys", new).await["key"]["id"]);
        let budget = json!({ "scope": team, "cap_micro_usd": 5, "window": "1h" });
        let budget = text(&api.post("/budgets", budget).await["id"]);
        let limit = json!({ "scope": key, "concurrency": 1 });
        let limit = text(&api.post("/limits", limit).await["id"]);
        let new = json!({
            "name": name("enrolment"), "team": team, "user": user,
            "expires_at": "2026-12-01T00:00:00Z",
        });
        let enrolment = api.post("/enrolment-tokens", new).await;
        let machine = devices::machine(&text(&enrolment["secret"]), &name("host"));
        let device = devices::call(api, "enrol", "", &machine).await;
        assert_eq!(device.status, StatusCode::CREATED, "{}", device.text);
        let device = device.json();
        let request = call_of(api, &team, &user, &key).await;
        Self {
            team,
            user,
            key,
            budget,
            limit,
            enrolment: text(&enrolment["token"]["id"]),
            device: text(&device["device_id"]),
            device_key: text(&device["device_key"]),
            request,
        }
    }
}

/// Logs a call with prompt and answer; its id.
async fn call_of(api: &Api, team: &str, user: &str, key: &str) -> String {
    let (recorder, handle) = api.store.recorder(RecorderConfig::default()).await.unwrap();
    api.clock_forward();
    let id = RequestId::generate(api.now());
    let row = RequestRow {
        id,
        started_at: api.now(),
        duration_us: 1_500,
        overhead_us: 40,
        ttft_us: None,
        key: Some(key.parse().unwrap()),
        team: Some(team.parse().unwrap()),
        user: Some(user.parse().unwrap()),
        operation: "chat.completions",
        provider: Some("openai".parse().unwrap()),
        model: Some("gpt-4o".parse().unwrap()),
        status: 200,
        code: None,
        outcome: Outcome::Completed,
        streamed: false,
        usage: Usage {
            input: 100,
            source: UsageSource::Reported,
            ..Usage::default()
        },
        cost: MicroUsd::from_micros(350),
        cost_basis: CostBasis::Priced,
        request_bytes: 1,
        response_bytes: 1,
        trace_id: None,
        content: Some(Box::new(Content {
            prompt: b"question".to_vec(),
            answer: b"answer".to_vec(),
        })),
        edge: None,
        guardrails: Vec::new(),
        cache: None,
        attempts: Vec::new(),
        shadow_of: None,
    };
    let charges = Default::default();
    recorder.record(Record { row, charges });
    handle.flush().await.unwrap();
    drop(Arc::clone(&recorder));
    handle.shutdown().await.unwrap();
    id.to_string()
}
