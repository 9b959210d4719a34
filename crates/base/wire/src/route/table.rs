//! The routes themselves, one match per mount.

use super::{Operation, path::is_id};

/// Which table a path is looked up in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    Anthropic,
    Bedrock,
    Gemini,
    Live,
    OpenAi,
    Unified,
}

/// What a path allows.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Methods {
    delete: Option<Operation>,
    get: Option<Operation>,
    post: Option<Operation>,
}

impl Methods {
    pub(super) fn operation(self, method: &str) -> Option<Operation> {
        match method {
            "DELETE" => self.delete,
            "GET" => self.get,
            "POST" => self.post,
            _ => None,
        }
    }

    pub(super) const fn allow(self) -> &'static str {
        match (
            self.delete.is_some(),
            self.get.is_some(),
            self.post.is_some(),
        ) {
            (true, true, true) => "DELETE, GET, POST",
            (true, true, false) => "DELETE, GET",
            (true, false, true) => "DELETE, POST",
            (true, false, false) => "DELETE",
            (false, true, true) => "GET, POST",
            (false, true, false) => "GET",
            (false, false, true) => "POST",
            (false, false, false) => "",
        }
    }
}

const fn get(op: Operation) -> Methods {
    Methods {
        delete: None,
        get: Some(op),
        post: None,
    }
}

const fn post(op: Operation) -> Methods {
    Methods {
        delete: None,
        get: None,
        post: Some(op),
    }
}

const fn get_delete(get: Operation, delete: Operation) -> Methods {
    Methods {
        delete: Some(delete),
        get: Some(get),
        post: None,
    }
}

const fn get_post(get: Operation, post: Operation) -> Methods {
    Methods {
        delete: None,
        get: Some(get),
        post: Some(post),
    }
}

/// A known path.
pub(super) struct Matched<'a> {
    pub(super) methods: Methods,
    /// The model that it names, as it is spelled there, and its offset.
    pub(super) model: Option<(usize, &'a str)>,
}

/// What comes before the model's name in a path that has one.
const MODELS: &str = "models/";

/// The same in Bedrock's API.
const MODEL: &str = "model/";

/// What may follow a model's name and a slash there.
const BEDROCK: [(&str, Operation); 4] = [
    ("converse", Operation::Converse),
    ("converse-stream", Operation::ConverseStream),
    ("invoke", Operation::InvokeModel),
    ("invoke-with-response-stream", Operation::InvokeModelStream),
];

/// What may follow a model's name and a colon in Gemini's API.
pub(crate) const VERBS: [(&str, Operation); 5] = [
    ("batchEmbedContents", Operation::BatchEmbedContents),
    ("countTokens", Operation::CountTokens),
    ("embedContent", Operation::EmbedContent),
    ("generateContent", Operation::GenerateContent),
    ("streamGenerateContent", Operation::StreamGenerateContent),
];

const MOST_SEGMENTS: usize = 6;

/// Looks up the path below the version.
pub(super) fn find(family: Family, below: &str) -> Option<Matched<'_>> {
    if family == Family::Bedrock {
        let (model, verb) = below.strip_prefix(MODEL)?.rsplit_once('/')?;
        let (_, op) = BEDROCK.iter().find(|(name, _)| *name == verb)?;
        return Some(Matched {
            methods: post(*op),
            model: Some((MODEL.len(), model)),
        });
    }
    if let Some(model) = below.strip_prefix(MODELS) {
        return models(family, model);
    }
    let mut segments = [""; MOST_SEGMENTS];
    let mut count = 0;
    for segment in below.split('/') {
        *segments.get_mut(count)? = segment;
        count += 1;
    }
    let segments = segments.get(..count)?;
    let methods = match family {
        Family::Anthropic => anthropic(segments),
        Family::Bedrock => None,
        Family::Gemini => gemini(segments),
        Family::Live => live(segments),
        Family::OpenAi => openai(segments),
        Family::Unified => unified(segments),
    }?;
    Some(Matched {
        methods,
        model: None,
    })
}

fn models(family: Family, rest: &str) -> Option<Matched<'_>> {
    let item = |op| {
        Some(Matched {
            methods: get(op),
            model: Some((MODELS.len(), rest)),
        })
    };
    match family {
        Family::Anthropic => item(Operation::AnthropicModelsGet),
        Family::Bedrock | Family::Live => None,
        Family::OpenAi => item(Operation::ModelsGet),
        Family::Unified => item(Operation::UnifiedModelsGet),
        Family::Gemini => {
            let Some((model, verb)) = rest.rsplit_once(':') else {
                return item(Operation::GeminiModelsGet);
            };
            let (_, op) = VERBS.iter().find(|(name, _)| *name == verb)?;
            Some(Matched {
                methods: post(*op),
                model: Some((MODELS.len(), model)),
            })
        }
    }
}

fn openai(segments: &[&str]) -> Option<Methods> {
    use Operation as Op;
    Some(match segments {
        ["audio", "speech"] => post(Op::AudioSpeech),
        ["audio", "transcriptions"] => post(Op::AudioTranscriptions),
        ["audio", "translations"] => post(Op::AudioTranslations),
        ["batches"] => get_post(Op::BatchesList, Op::BatchesCreate),
        ["batches", id] if is_id(id) => get(Op::BatchesGet),
        ["batches", id, "cancel"] if is_id(id) => post(Op::BatchesCancel),
        ["chat", "completions"] => post(Op::ChatCompletions),
        ["completions"] => post(Op::Completions),
        ["embeddings"] => post(Op::Embeddings),
        ["files"] => get_post(Op::FilesList, Op::FilesCreate),
        ["files", id] if is_id(id) => get_delete(Op::FilesGet, Op::FilesDelete),
        ["files", id, "content"] if is_id(id) => get(Op::FilesContent),
        ["images", "edits"] => post(Op::ImagesEdits),
        ["images", "generations"] => post(Op::ImagesGenerations),
        ["images", "variations"] => post(Op::ImagesVariations),
        ["models"] => get(Op::ModelsList),
        ["moderations"] => post(Op::Moderations),
        ["realtime"] => get(Op::Realtime),
        ["responses"] => post(Op::Responses),
        ["responses", "compact"] => post(Op::ResponsesCompact),
        ["responses", "input_tokens"] => post(Op::ResponsesInputTokens),
        ["responses", id] if is_id(id) => get_delete(Op::ResponsesGet, Op::ResponsesDelete),
        ["responses", id, "cancel"] if is_id(id) => post(Op::ResponsesCancel),
        ["responses", id, "input_items"] if is_id(id) => get(Op::ResponsesInputItems),
        _ => return None,
    })
}

fn anthropic(segments: &[&str]) -> Option<Methods> {
    use Operation as Op;
    Some(match segments {
        ["files"] => get_post(Op::AnthropicFilesList, Op::AnthropicFilesCreate),
        ["files", id] if is_id(id) => get_delete(Op::AnthropicFilesGet, Op::AnthropicFilesDelete),
        ["files", id, "content"] if is_id(id) => get(Op::AnthropicFilesContent),
        ["messages"] => post(Op::Messages),
        ["messages", "batches"] => get_post(Op::MessagesBatchesList, Op::MessagesBatchesCreate),
        ["messages", "batches", id] if is_id(id) => {
            get_delete(Op::MessagesBatchesGet, Op::MessagesBatchesDelete)
        }
        ["messages", "batches", id, "cancel"] if is_id(id) => post(Op::MessagesBatchesCancel),
        ["messages", "batches", id, "results"] if is_id(id) => get(Op::MessagesBatchesResults),
        ["messages", "count_tokens"] => post(Op::MessagesCountTokens),
        ["models"] => get(Op::AnthropicModelsList),
        _ => return None,
    })
}

fn gemini(segments: &[&str]) -> Option<Methods> {
    match segments {
        ["models"] => Some(get(Operation::GeminiModelsList)),
        _ => None,
    }
}

/// The one method of Google's service that is spoken over a WebSocket, in the versions that have it.
fn live(segments: &[&str]) -> Option<Methods> {
    match segments {
        [
            "google.ai.generativelanguage.v1.GenerativeService.BidiGenerateContent"
            | "google.ai.generativelanguage.v1alpha.GenerativeService.BidiGenerateContent"
            | "google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent",
        ] => Some(get(Operation::Live)),
        _ => None,
    }
}

fn unified(segments: &[&str]) -> Option<Methods> {
    use Operation as Op;
    Some(match segments {
        ["chat", "completions"] => post(Op::ChatCompletions),
        ["completions"] => post(Op::Completions),
        ["embeddings"] => post(Op::Embeddings),
        ["messages"] => post(Op::Messages),
        ["messages", "count_tokens"] => post(Op::MessagesCountTokens),
        ["models"] => get(Op::UnifiedModelsList),
        ["realtime"] => get(Op::Realtime),
        ["responses"] => post(Op::Responses),
        _ => return None,
    })
}
