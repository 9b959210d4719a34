//! The allow-list lets through what it names and nothing beside it.

use super::*;

fn op(method: &str, target: &str) -> Result<Operation, RouteError> {
    resolve(method, target).map(|route| route.operation)
}

const OPENAI: RouteError = RouteError::Unknown {
    dialect: Dialect::OpenAi,
};

const ROUTES: &[(&str, &str, &str)] = &[
    ("POST", "/openai/v1/audio/speech", "audio.speech"),
    (
        "POST",
        "/openai/v1/audio/transcriptions",
        "audio.transcriptions",
    ),
    (
        "POST",
        "/openai/v1/audio/translations",
        "audio.translations",
    ),
    ("GET", "/openai/v1/batches?limit=2", "batches.list"),
    ("POST", "/openai/v1/batches", "batches.create"),
    ("GET", "/openai/v1/batches/batch_1", "batches.get"),
    (
        "POST",
        "/openai/v1/batches/batch_1/cancel",
        "batches.cancel",
    ),
    ("POST", "/openai/v1/chat/completions", "chat.completions"),
    ("POST", "/openai/v1/completions", "completions"),
    ("POST", "/openai/v1/embeddings", "embeddings"),
    ("GET", "/openai/v1/files", "files.list"),
    ("POST", "/openai/v1/files", "files.create"),
    ("GET", "/openai/v1/files/file-1", "files.get"),
    ("DELETE", "/openai/v1/files/file-1", "files.delete"),
    ("GET", "/openai/v1/files/file-1/content", "files.content"),
    ("POST", "/openai/v1/images/edits", "images.edits"),
    (
        "POST",
        "/openai/v1/images/generations",
        "images.generations",
    ),
    ("POST", "/openai/v1/images/variations", "images.variations"),
    ("GET", "/openai/v1/models", "models.list"),
    ("GET", "/openai/v1/models/gpt-4o", "models.get"),
    ("POST", "/openai/v1/moderations", "moderations"),
    ("POST", "/openai/v1/responses", "responses"),
    ("POST", "/openai/v1/responses/compact", "responses.compact"),
    ("GET", "/openai/v1/realtime?model=gpt-realtime", "realtime"),
    (
        "GET",
        "/genai/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent",
        "live",
    ),
    (
        "GET",
        "/genai/ws/google.ai.generativelanguage.v1.GenerativeService.BidiGenerateContent",
        "live",
    ),
    (
        "POST",
        "/openai/v1/responses/input_tokens",
        "responses.input_tokens",
    ),
    (
        "GET",
        "/openai/v1/responses/resp_1?stream=true",
        "responses.get",
    ),
    ("DELETE", "/openai/v1/responses/resp_1", "responses.delete"),
    (
        "POST",
        "/openai/v1/responses/resp_1/cancel",
        "responses.cancel",
    ),
    (
        "GET",
        "/openai/v1/responses/resp_1/input_items",
        "responses.input_items",
    ),
    ("GET", "/anthropic/v1/files", "anthropic.files.list"),
    (
        "POST",
        "/anthropic/v1/files?beta=true",
        "anthropic.files.create",
    ),
    ("GET", "/anthropic/v1/files/file_1", "anthropic.files.get"),
    (
        "DELETE",
        "/anthropic/v1/files/file_1",
        "anthropic.files.delete",
    ),
    (
        "GET",
        "/anthropic/v1/files/file_1/content",
        "anthropic.files.content",
    ),
    ("POST", "/anthropic/v1/messages?beta=true", "messages"),
    (
        "POST",
        "/anthropic/v1/messages/count_tokens",
        "messages.count_tokens",
    ),
    (
        "GET",
        "/anthropic/v1/messages/batches",
        "messages.batches.list",
    ),
    (
        "POST",
        "/anthropic/v1/messages/batches",
        "messages.batches.create",
    ),
    (
        "GET",
        "/anthropic/v1/messages/batches/msgbatch_1",
        "messages.batches.get",
    ),
    (
        "DELETE",
        "/anthropic/v1/messages/batches/msgbatch_1",
        "messages.batches.delete",
    ),
    (
        "POST",
        "/anthropic/v1/messages/batches/msgbatch_1/cancel",
        "messages.batches.cancel",
    ),
    (
        "GET",
        "/anthropic/v1/messages/batches/msgbatch_1/results",
        "messages.batches.results",
    ),
    ("GET", "/anthropic/v1/models", "anthropic.models.list"),
    (
        "GET",
        "/anthropic/v1/models/claude-x",
        "anthropic.models.get",
    ),
    ("GET", "/genai/v1beta/models", "gemini.models.list"),
    ("GET", "/genai/v1/models/gemini-x", "gemini.models.get"),
    (
        "POST",
        "/genai/v1beta/models/gemini-x:generateContent",
        "generate_content",
    ),
    (
        "POST",
        "/genai/v1beta/models/gemini-x:streamGenerateContent?alt=sse",
        "stream_generate_content",
    ),
    (
        "POST",
        "/genai/v1/models/gemini-x:embedContent",
        "embed_content",
    ),
    (
        "POST",
        "/genai/v1beta/models/gemini-x:batchEmbedContents",
        "batch_embed_contents",
    ),
    (
        "POST",
        "/genai/v1beta/models/gemini-x:countTokens",
        "count_tokens",
    ),
    ("POST", "/bedrock/model/x/converse", "converse"),
    (
        "POST",
        "/bedrock/model/x/converse-stream",
        "converse_stream",
    ),
    ("POST", "/bedrock/model/x/invoke", "invoke_model"),
    (
        "POST",
        "/bedrock/model/x/invoke-with-response-stream",
        "invoke_model_stream",
    ),
    ("GET", "/v1/models", "unified.models.list"),
    ("GET", "/v1/models/openai/gpt-4o", "unified.models.get"),
];

#[test]
fn every_operation_has_a_route() {
    let mut missing: Vec<_> = Operation::ALL.to_vec();
    for (method, target, name) in ROUTES {
        let found = op(method, target).unwrap_or_else(|e| panic!("{target}: {e}"));
        assert_eq!(found.name(), *name, "{target}");
        missing.retain(|op| *op != found);
    }
    assert_eq!(missing, []);
}

#[test]
fn unified_routes_share_operations() {
    for (path, expected) in [
        ("/v1/chat/completions", Operation::ChatCompletions),
        ("/v1/responses", Operation::Responses),
        ("/v1/completions", Operation::Completions),
        ("/v1/embeddings", Operation::Embeddings),
        ("/v1/messages", Operation::Messages),
        ("/v1/messages/count_tokens", Operation::MessagesCountTokens),
    ] {
        let route = resolve("POST", path).unwrap();
        assert_eq!((route.mount, route.operation), (Mount::Unified, expected));
        assert_eq!(route.upstream_path, path);
    }
}

#[test]
fn a_session_names_its_model_once_in_the_query_and_says_nothing_else_there() {
    for (target, path) in [
        (
            "/openai/v1/realtime?model=gpt-realtime&call_id=rtc_1",
            "/v1/realtime",
        ),
        (
            "/v1/realtime?intent=transcription&model=openai%2Fgpt-realtime",
            "/v1/realtime",
        ),
    ] {
        let route = resolve("GET", target).unwrap();
        assert_eq!((&*route.upstream_path, &route.query), (path, &None));
        assert!(route.path_model.as_ref().unwrap().ends_with("gpt-realtime"));
        assert_eq!(
            route.upstream_path_for("gpt-4o:x"),
            "/v1/realtime?model=gpt-4o:x"
        );
        assert_eq!(
            route.upstream_path_for("a&b=c"),
            "/v1/realtime?model=a%26b%3Dc"
        );
    }
    assert_eq!(resolve("GET", "/v1/realtime").unwrap().path_model, None);
    for target in [
        "/v1/realtime?model=a&model=b",
        "/v1/realtime?model=%zz",
        "/v1/realtime?model=",
    ] {
        let refused = resolve("GET", target);
        assert!(
            matches!(refused, Err(RouteError::Malformed { .. })),
            "{target}: {refused:?}"
        );
    }
    // Other ways into the same API, whose sound nobody here would hear.
    for path in [
        "/v1/realtime/calls",
        "/openai/v1/realtime/client_secrets",
        "/v1/realtime/sessions",
    ] {
        assert_eq!(resolve("POST", path), Err(OPENAI), "{path}");
    }
}

#[test]
fn unknown_paths_answer_in_the_dialect_of_their_mount() {
    let anthropic = RouteError::Unknown {
        dialect: Dialect::Anthropic,
    };
    let gemini = RouteError::Unknown {
        dialect: Dialect::Gemini,
    };
    let bedrock = RouteError::Unknown {
        dialect: Dialect::Bedrock,
    };
    for (path, error) in [
        ("/bedrock/model/x/count-tokens", bedrock),
        ("/bedrock/model/converse", bedrock),
        ("/bedrock/guardrail/x/version/1/apply", bedrock),
        ("/bedrockx/model/x/converse", OPENAI),
        (
            "/",
            RouteError::Malformed {
                dialect: Dialect::OpenAi,
            },
        ),
        ("/openai/v1/fine_tuning/jobs", OPENAI),
        ("/openai/v2/chat/completions", OPENAI),
        ("/openai/v1/chat/completions/x", OPENAI),
        ("/openaiv1/chat/completions", OPENAI),
        ("/v1/files", OPENAI),
        ("/v1/messages/batches", anthropic),
        ("/v1/messagesx", OPENAI),
        ("/anthropic/v1/complete", anthropic),
        ("/anthropic/v1/organizations/users", anthropic),
        ("/genai/v1beta/models/x:predict", gemini),
        ("/genai/v1beta/cachedContents", gemini),
        ("/genai/v1alpha/models", gemini),
        ("/openai/v1/a/b/c/d/e/f/g/h", OPENAI),
    ] {
        assert_eq!(op("POST", path), Err(error), "{path}");
    }
}

#[test]
fn a_wrong_method_says_which_are_right() {
    let allowed = |method, path| match op(method, path) {
        Err(RouteError::MethodNotAllowed { allow, .. }) => allow,
        other => panic!("{other:?}"),
    };
    assert_eq!(allowed("GET", "/v1/responses"), "POST");
    assert_eq!(
        allowed("POST", "/openai/v1/responses/resp_1"),
        "DELETE, GET"
    );
    assert_eq!(allowed("PUT", "/openai/v1/files"), "GET, POST");
    assert_eq!(allowed("get", "/openai/v1/models"), "GET");
}

#[test]
fn crooked_paths_are_malformed() {
    for path in [
        "",
        "v1/models",
        "//v1/models",
        "/v1//models",
        "/v1/models/",
        "/v1/./models",
        "/openai/v1/../v1/models",
        "/v1/models/..",
        "/v1/models/a%2F..%2Fb",
        "/v1/models/a%2e",
        "/v1/models/a%2",
        "/v1/models/%00",
        "/v1/models/a b",
        "/v1/models/a\\b",
        "/v1/models/é",
        "/v1/models/a;b",
        "/v1/models?x=\u{1}",
        "/v1/models?x#y",
        "http://host/v1/models",
    ] {
        let found = op("GET", path);
        assert!(
            matches!(found, Err(RouteError::Malformed { .. })),
            "{path:?}: {found:?}"
        );
    }
    let long = format!("/v1/models/{}", "a".repeat(MAX_PATH));
    assert!(matches!(
        op("GET", &long),
        Err(RouteError::Malformed { .. })
    ));
    // Only a model may be percent-encoded.
    assert_eq!(op("GET", "/openai/v1/%66iles"), Err(OPENAI));
    assert_eq!(op("GET", "/openai/v1/files/a%2Fb"), Err(OPENAI));
}

#[test]
fn a_model_in_the_path_can_be_replaced() {
    let route = resolve(
        "POST",
        "/genai/v1beta/models/google/gemini-x:streamGenerateContent?alt=sse",
    )
    .unwrap();
    assert_eq!(route.path_model.as_deref(), Some("google/gemini-x"));
    assert_eq!(
        route.upstream_path_for("gemini-x"),
        "/v1beta/models/gemini-x:streamGenerateContent"
    );
    assert_eq!(
        route.upstream_path,
        "/v1beta/models/google/gemini-x:streamGenerateContent"
    );
    let route = resolve("GET", "/openai/v1/models/openai%2Fft%3Agpt").unwrap();
    assert_eq!(route.path_model.as_deref(), Some("openai/ft:gpt"));
    assert_eq!(
        route.upstream_path_for("ft:gpt/4?x"),
        "/v1/models/ft:gpt%2F4%3Fx"
    );
    assert_eq!(route.upstream_path_for(".."), "/v1/models/%2E%2E");
    let route = resolve(
        "POST",
        "/bedrock/model/aws%2Feu.anthropic.claude-v1%3A0/converse?x=y",
    )
    .unwrap();
    assert_eq!(
        route.path_model.as_deref(),
        Some("aws/eu.anthropic.claude-v1:0")
    );
    assert_eq!(
        route.upstream_path_for("eu.anthropic.claude-v1:0"),
        "/model/eu.anthropic.claude-v1%3A0/converse"
    );
    assert_eq!(route.query, None);
    let plain = resolve("POST", "/bedrock/model/aws/a.b-v1:0/converse").unwrap();
    assert_eq!(plain.path_model.as_deref(), Some("aws/a.b-v1:0"));
    let route = resolve("POST", "/v1/responses").unwrap();
    assert_eq!(route.upstream_path_for("x"), "/v1/responses");
}

#[test]
fn queries_lose_what_must_not_pass() {
    let query = |target: &str| resolve("POST", target).unwrap().query;
    let base = "/genai/v1beta/models/x:generateContent";
    let with = |q: &str| query(format!("{base}?{q}").as_str());
    assert_eq!(with("key=sk-tg-1&alt=sse").as_deref(), Some("alt=sse"));
    assert_eq!(
        with("k%65y=1&access_token=2&fields=candidates&alt=proto&callback=f"),
        None
    );
    assert_eq!(
        with("$alt=json;enum-encoding=int").as_deref(),
        Some("$alt=json;enum-encoding=int")
    );
    assert_eq!(
        query("/anthropic/v1/messages?beta=true").as_deref(),
        Some("beta=true")
    );
    assert_eq!(query("/anthropic/v1/messages?"), None);
    assert_eq!(query("/anthropic/v1/messages"), None);
}
