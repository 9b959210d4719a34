//! Whatever a service answers: nobody panics, and no place is named that is not there.

use http::StatusCode;
use proptest::prelude::*;
use serde_json::{Value, json};
use tidegate_engines::{
    Answered, AwsCredential, AzureContentSafety, AzurePii, Bedrock, Content, CrowdStrike,
    Direction, Engine, GraySwan, Lakera, ModelArmor, OpenAiModeration, Part, Patronus, Presidio,
    Speaker, Verdict, Webhook,
};
use tidegate_types::{Secret, Timestamp};

fn engines() -> Vec<Box<dyn Engine>> {
    let (url, token) = (
        "https://guard.example".to_owned(),
        Secret::new("key".to_owned()),
    );
    let safety = |shield| AzureContentSafety {
        url: url.clone(),
        token: token.clone(),
        shield,
        severity: 4,
        blocklists: Vec::new(),
    };
    vec![
        Box::new(safety(false)),
        Box::new(safety(true)),
        Box::new(AzurePii {
            url: url.clone(),
            token: token.clone(),
            language: "en".into(),
            threshold: 0.5,
        }),
        Box::new(Bedrock {
            url: url.clone(),
            guardrail: "g".into(),
            version: "1".into(),
            credential: AwsCredential::ApiKey(token.clone()),
        }),
        Box::new(CrowdStrike {
            url: url.clone(),
            token: token.clone(),
        }),
        Box::new(GraySwan {
            url: url.clone(),
            token: token.clone(),
            policy: String::new(),
            threshold: 0.5,
        }),
        Box::new(Lakera {
            url: url.clone(),
            token: token.clone(),
            project: String::new(),
        }),
        Box::new(ModelArmor {
            url: url.clone(),
            template: "t".into(),
            token: token.clone(),
        }),
        Box::new(OpenAiModeration {
            url: url.clone(),
            token: token.clone(),
            model: "m".into(),
            threshold: None,
        }),
        Box::new(Patronus {
            url: url.clone(),
            token,
            evaluators: vec!["toxicity".into()],
        }),
        Box::new(Presidio {
            url: url.clone(),
            language: "en".into(),
            entities: Vec::new(),
            threshold: 0.5,
        }),
        Box::new(Webhook {
            url,
            secret: None,
            token: None,
        }),
    ]
}

/// What services call things.
const NAMES: [&str; 40] = [
    "action",
    "additional_info",
    "assessments",
    "attackDetected",
    "blocked",
    "blocklistsMatch",
    "breakdown",
    "categories",
    "categoriesAnalysis",
    "category",
    "category_scores",
    "confidenceScore",
    "content",
    "data",
    "deidentifyResult",
    "detected",
    "detector_type",
    "documents",
    "documentsAnalysis",
    "end",
    "entities",
    "entity_type",
    "errors",
    "evaluation_result",
    "filterResults",
    "flagged",
    "guard_output",
    "id",
    "invocationResult",
    "length",
    "matchState",
    "message_id",
    "messages",
    "offset",
    "outputs",
    "parts",
    "pass",
    "payload",
    "result",
    "results",
];
const MORE: [&str; 12] = [
    "sanitizationResult",
    "score",
    "sdp",
    "severity",
    "start",
    "status",
    "text",
    "transformed",
    "userPromptAnalysis",
    "verdict",
    "violation",
    "error_message",
];
const WORDS: [&str; 12] = [
    "0",
    "1",
    "ANONYMIZED",
    "BLOCKED",
    "GUARDRAIL_INTERVENED",
    "MATCH_FOUND",
    "NONE",
    "SUCCESS",
    "Success",
    "block",
    "pii/email",
    "replace",
];

const STATUSES: [StatusCode; 7] = [
    StatusCode::OK,
    StatusCode::OK,
    StatusCode::NO_CONTENT,
    StatusCode::BAD_REQUEST,
    StatusCode::UNAUTHORIZED,
    StatusCode::TOO_MANY_REQUESTS,
    StatusCode::INTERNAL_SERVER_ERROR,
];

fn answer() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (0_u64..12).prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(|number| json!(number)),
        prop::sample::select(WORDS.to_vec()).prop_map(Value::from),
        "\\PC{0,6}".prop_map(Value::from),
    ];
    let names: Vec<&str> = NAMES.into_iter().chain(MORE).collect();
    leaf.prop_recursive(6, 48, 6, move |inner| {
        let member = (prop::sample::select(names.clone()), inner.clone());
        prop_oneof![
            prop::collection::vec(inner, 0..4).prop_map(Value::from),
            prop::collection::vec(member, 0..8).prop_map(|members| {
                let members = members
                    .into_iter()
                    .map(|(name, value)| (name.to_owned(), value));
                Value::Object(members.collect())
            }),
        ]
    })
}

fn check(engine: &dyn Engine, content: &Content<'_>, status: StatusCode, body: &[u8]) {
    match engine.read(content, &Answered { status, body }) {
        Verdict::Mark(marks) => {
            for mark in marks {
                let text = content.parts[mark.part].text;
                assert!(
                    text.get(mark.span.clone()).is_some(),
                    "{mark:?} in {text:?}"
                );
                assert!(mark.category.len() <= 64 && (0.0..=1.0).contains(&mark.score));
            }
        }
        Verdict::Replace(texts) => assert_eq!(texts.len(), content.parts.len()),
        Verdict::Block { categories, .. } => {
            assert!(!categories.is_empty() && categories.iter().all(|name| name.len() <= 64));
        }
        Verdict::Allow => assert!(status.is_success()),
        Verdict::Failed(failure) => assert!(!failure.says().is_empty()),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn no_answer_is_believed_that_makes_no_sense(
        said in answer(),
        cut in any::<prop::sample::Index>(),
        status in prop::sample::select(STATUSES.to_vec()),
        text in "[a é😀]{0,8}",
    ) {
        let part = |text| Part { speaker: Speaker::User, text };
        let content = Content {
            direction: Direction::Prompt,
            parts: vec![part(&*text), part("é 😀 Ada")],
            model: "m",
        };
        let whole = said.to_string();
        let broken = &whole.as_bytes()[..cut.index(whole.len())];
        for engine in engines() {
            check(&*engine, &content, status, whole.as_bytes());
            check(&*engine, &content, status, broken);
            // Asking about it gives a request, or says why not.
            drop(engine.request(&content, Timestamp::from_micros(1)));
        }
    }
}
