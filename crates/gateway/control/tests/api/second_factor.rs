//! The second factor: setting it up, signing in with it, guessing it, losing it.

use std::time::Duration;

use http::StatusCode;
use serde_json::{Value, json};
use totp_rs::{Builder, Secret, Totp};

use crate::harness::{Answer, Api};

const EMAIL: &str = "admin@example.com";
const PASSWORD: &str = "correct horse battery";

/// An authenticator app with a secret in base 32.
pub(crate) fn app(secret: &str) -> Totp {
    let secret = Secret::try_from_base32(secret).unwrap();
    let builder = Builder::new().with_secret(secret).with_account_name("x");
    builder.build().unwrap()
}

/// Whoever has the secret in an app.
struct Person<'a> {
    api: &'a Api,
    app: Totp,
    recovery: Vec<String>,
    session: String,
}

impl<'a> Person<'a> {
    async fn new(api: &'a Api) -> Self {
        api.account(EMAIL, PASSWORD).await;
        let session = api.sign_in(EMAIL, PASSWORD).await;
        let begun = api
            .call_as(
                &session,
                "POST",
                "/accounts/current/totp",
                Some(json!({ "password": PASSWORD })),
            )
            .await;
        assert_eq!(begun.status, StatusCode::OK, "{}", begun.text);
        let begun = begun.json();
        let secret = begun["secret"].as_str().unwrap();
        assert!(begun["uri"].as_str().unwrap().contains(secret));
        let mut person = Self {
            api,
            app: app(secret),
            recovery: Vec::new(),
            session,
        };
        person.sign_in(None).await.json()["token"]
            .as_str()
            .expect("it is not in force yet");
        let confirmed = person.confirm(&person.code(0)).await;
        assert_eq!(confirmed.status, StatusCode::OK, "{}", confirmed.text);
        let codes = confirmed.json()["recovery_codes"]
            .as_array()
            .unwrap()
            .clone();
        person.recovery = codes
            .iter()
            .map(|code| code.as_str().unwrap().to_owned())
            .collect();
        assert_eq!(person.recovery.len(), 10);
        person
    }

    /// The code of a step from now on.
    fn code(&self, steps: i64) -> String {
        let now = self.api.now().micros() / 1_000_000 + 30 * steps;
        self.app.generate(u64::try_from(now).unwrap()).to_string()
    }

    async fn confirm(&self, code: &str) -> Answer {
        let body = Some(json!({ "code": code }));
        self.api
            .call_as(&self.session, "PUT", "/accounts/current/totp", body)
            .await
    }

    async fn sign_in(&self, code: Option<&str>) -> Answer {
        self.try_in(PASSWORD, code).await
    }

    async fn try_in(&self, password: &str, code: Option<&str>) -> Answer {
        let mut body = json!({ "email": EMAIL, "password": password });
        if let Some(code) = code {
            body["code"] = json!(code);
        }
        self.api.call_as("", "POST", "/sessions", Some(body)).await
    }

    fn wait(&self, steps: u64) {
        self.api.clock.advance(Duration::from_secs(30 * steps));
    }
}

#[tokio::test]
async fn a_code_is_asked_for_and_accepted_once() {
    let api = Api::start().await;
    let ada = Person::new(&api).await;
    let asked = ada.sign_in(None).await;
    assert_eq!(
        (asked.status, asked.code().as_str()),
        (StatusCode::UNAUTHORIZED, "totp_required")
    );
    let confirmed = ada.code(0);
    assert_eq!(
        ada.sign_in(Some(&confirmed)).await.code(),
        "totp_wrong",
        "it confirmed"
    );
    ada.wait(2);
    let code = ada.code(0);
    let spaced = format!("{} {}", &code[..3], &code[3..]);
    assert_eq!(ada.sign_in(Some(&spaced)).await.status, StatusCode::CREATED);
    assert_eq!(
        ada.sign_in(Some(&code)).await.code(),
        "totp_wrong",
        "it was used"
    );
    let before = ada.code(-1);
    assert_eq!(
        ada.sign_in(Some(&before)).await.code(),
        "totp_wrong",
        "nor one before it"
    );
    let next = ada.code(1);
    assert_eq!(
        ada.sign_in(Some(&next)).await.status,
        StatusCode::CREATED,
        "a fast clock"
    );
    ada.wait(10);
    let old = ada.code(-2);
    assert_eq!(ada.sign_in(Some(&old)).await.code(), "totp_wrong");
    let current = api
        .call_as(&ada.session, "GET", "/sessions/current", None)
        .await;
    assert_eq!(current.json()["totp"], true);
}

#[tokio::test]
async fn the_code_tells_nothing_about_the_password_and_guesses_are_limited() {
    let api = Api::start().await;
    let ada = Person::new(&api).await;
    ada.wait(10);
    let code = ada.code(0);
    for given in [None, Some(code.as_str()), Some("000000")] {
        let answer = ada.try_in("wrong password!", given).await;
        assert_eq!(answer.code(), "sign_in_failed", "{given:?}");
    }
    for _ in 0..2 {
        assert_eq!(ada.sign_in(Some("abcdef")).await.code(), "totp_wrong");
    }
    let limited = ada.sign_in(Some(&code)).await;
    assert_eq!(
        limited.code(),
        "too_many_attempts",
        "wrong codes count as wrong passwords"
    );
    let audit = api.get("/audit?limit=2").await;
    for entry in audit["items"].as_array().unwrap() {
        assert_eq!(entry["action"], "session.refuse");
        assert_eq!(entry["detail"]["second_factor"], true);
        assert!(!entry.to_string().contains("abcdef"));
    }
}

#[tokio::test]
async fn codes_that_would_set_up_or_remove_one_are_limited_too() {
    let api = Api::start().await;
    let ada = Person::new(&api).await;
    let path = "/accounts/current/totp";
    let body = || Some(json!({ "code": "000000" }));
    for _ in 0..5 {
        let wrong = api.call_as(&ada.session, "DELETE", path, body()).await;
        assert_eq!(wrong.code(), "totp_wrong", "{}", wrong.text);
    }
    let limited = api.call_as(&ada.session, "DELETE", path, body()).await;
    assert_eq!(limited.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(limited.code(), "too_many_attempts");
}

#[tokio::test]
async fn a_recovery_code_opens_once_and_none_is_kept_in_plain() {
    let api = Api::start().await;
    let ada = Person::new(&api).await;
    let lost = ada.recovery[3].to_uppercase().replace('-', " ");
    assert_eq!(ada.sign_in(Some(&lost)).await.status, StatusCode::CREATED);
    assert_eq!(ada.sign_in(Some(&lost)).await.code(), "totp_wrong");
    let audit = api.get("/audit?limit=4").await.to_string();
    assert!(
        audit.contains("account.recovery_code") && audit.contains("\"left\":9"),
        "{audit}"
    );
    let database = api.database_bytes();
    let secret = ada.app.secret().as_bytes();
    let base32 = ada.app.secret().to_base32();
    let codes = ada.recovery.iter().map(String::as_bytes);
    for plain in codes.chain([secret, base32.as_bytes()]) {
        let found = database.windows(plain.len()).any(|bytes| bytes == plain);
        assert!(!found, "a secret lies in the database");
    }
}

#[tokio::test]
async fn it_is_removed_by_a_code_or_reset_by_an_admin() {
    let api = Api::start().await;
    let ada = Person::new(&api).await;
    let path = "/accounts/current/totp";
    let own = Some(json!({ "password": PASSWORD }));
    let again = api.call_as(&ada.session, "POST", path, own).await;
    assert_eq!(
        again.code(),
        "conflict",
        "a stolen session does not replace it"
    );
    let twice = ada.confirm(&ada.code(1)).await;
    assert_eq!(twice.code(), "conflict");
    let remove = |code: String| {
        let body = Some(json!({ "code": code }));
        api.call_as(&ada.session, "DELETE", path, body)
    };
    assert_eq!(remove("000000".into()).await.code(), "totp_wrong");
    let gone = remove(ada.recovery[0].clone()).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT, "{}", gone.text);
    assert_eq!(remove(ada.code(1)).await.code(), "conflict");
    assert_eq!(ada.sign_in(None).await.status, StatusCode::CREATED);

    let other = Api::start().await;
    let bob = Person::new(&other).await;
    let id = other.get("/accounts").await["items"][0]["id"].clone();
    let reset = format!("/accounts/{}/reset-totp", id.as_str().unwrap());
    other.post(&reset, json!({})).await;
    let ended = other.call_as(&bob.session, "GET", "/info", None).await;
    assert_eq!(ended.code(), "unauthenticated");
    assert_eq!(bob.sign_in(None).await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn a_session_alone_does_not_begin_one() {
    let api = Api::start().await;
    api.account(EMAIL, PASSWORD).await;
    let session = api.sign_in(EMAIL, PASSWORD).await;
    let begin = |body: Value| api.call_as(&session, "POST", "/accounts/current/totp", Some(body));
    assert_eq!(begin(json!({})).await.places(), ["/password"]);
    for wrong in ["", "correct horse batterz"] {
        let answer = begin(json!({ "password": wrong })).await;
        assert_eq!(
            answer.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{}",
            answer.text
        );
        assert_eq!(answer.places(), ["/password"], "{wrong:?}");
    }
    let begun = begin(json!({ "password": PASSWORD })).await;
    assert_eq!(begun.status, StatusCode::OK, "{}", begun.text);
    // Guessing goes no faster here than at the door.
    let mut last = String::new();
    for _ in 0..20 {
        last = begin(json!({ "password": "not it at all" })).await.code();
    }
    assert_eq!(last, "too_many_attempts");
}

#[tokio::test]
async fn a_one_time_password_needs_the_code_too_and_does_not_use_it_up() {
    let api = Api::start().await;
    let ada = Person::new(&api).await;
    let id = api.get("/accounts").await["items"][0]["id"].clone();
    let reset = format!("/accounts/{}/reset-password", id.as_str().unwrap());
    let once = api.post(&reset, json!({})).await["one_time_password"].clone();
    ada.wait(10);
    let code = ada.code(0);
    let once = once.as_str().unwrap();
    assert_eq!(ada.try_in(once, None).await.code(), "totp_required");
    let change = ada.try_in(once, Some(&code)).await;
    assert_eq!(change.code(), "password_change_required");
    let body = json!({
        "email": EMAIL, "password": once, "new_password": "another horse battery", "code": code,
    });
    let done = api.call_as("", "POST", "/sessions", Some(body)).await;
    assert_eq!(
        done.status,
        StatusCode::CREATED,
        "the code was still good: {}",
        done.text
    );
}

#[tokio::test]
async fn a_token_has_no_second_factor() {
    let api = Api::start().await;
    let code = Some(json!({ "code": "123456" }));
    let password = Some(json!({ "password": PASSWORD }));
    for (method, body) in [("POST", password), ("PUT", code.clone()), ("DELETE", code)] {
        let answer = api.call(method, "/accounts/current/totp", body).await;
        assert_eq!(answer.code(), "session_required", "{method}");
    }
    let _: Value = api.get("/info").await;
}
