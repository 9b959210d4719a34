//! Every operation the gateway lets through, with what governance must know about each.

use crate::Dialect;

/// What a request body is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyKind {
    /// A JSON object.
    Json,
    /// `multipart/form-data` (RFC 7578).
    Multipart,
    /// None is expected; what comes is not read and must be small.
    None,
}

/// Where a request names its model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ModelSource {
    /// In `model` of the JSON body.
    Body,
    /// In the form field `model`.
    Form,
    /// Nowhere, or (batches) many times.
    None,
    /// In the path.
    Path,
    /// In the parameter `model` of the query.
    Query,
}

/// How a call is paid for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Billing {
    /// Later, by tokens at batch prices.
    Batch,
    /// Not at all.
    Free,
    /// By tokens.
    Tokens,
    /// By images, characters or seconds, for some models by tokens.
    Units,
}

macro_rules! operations {
    ($($(#[$doc:meta])* $variant:ident $name:literal $dialect:ident $body:ident $model:ident
        $billing:ident $streams:literal;)*) => {
        /// A thing that may be called.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Operation {
            $($(#[$doc])* $variant,)*
        }

        impl Operation {
            /// All of them, ordered by variant name.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name in allow-lists, logs and metrics.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// Whose language it is.
            #[must_use]
            pub const fn dialect(self) -> Dialect {
                match self { $(Self::$variant => Dialect::$dialect,)* }
            }

            /// What its body is.
            #[must_use]
            pub const fn body(self) -> BodyKind {
                match self { $(Self::$variant => BodyKind::$body,)* }
            }

            /// Where it names the model.
            #[must_use]
            pub const fn model(self) -> ModelSource {
                match self { $(Self::$variant => ModelSource::$model,)* }
            }

            /// How it is paid for.
            #[must_use]
            pub const fn billing(self) -> Billing {
                match self { $(Self::$variant => Billing::$billing,)* }
            }

            /// Whether the answer can be a stream.
            #[must_use]
            pub const fn streams(self) -> bool {
                match self { $(Self::$variant => $streams,)* }
            }
        }
    };
}

operations! {
    /// The content of a file (Anthropic).
    AnthropicFilesContent "anthropic.files.content" Anthropic None None Free false;
    /// Uploads a file (Anthropic).
    AnthropicFilesCreate "anthropic.files.create" Anthropic Multipart None Free false;
    /// Deletes a file (Anthropic).
    AnthropicFilesDelete "anthropic.files.delete" Anthropic None None Free false;
    /// A file's metadata (Anthropic).
    AnthropicFilesGet "anthropic.files.get" Anthropic None None Free false;
    /// Lists files (Anthropic).
    AnthropicFilesList "anthropic.files.list" Anthropic None None Free false;
    /// One model (Anthropic).
    AnthropicModelsGet "anthropic.models.get" Anthropic None Path Free false;
    /// Lists models (Anthropic).
    AnthropicModelsList "anthropic.models.list" Anthropic None None Free false;
    /// Text to speech.
    AudioSpeech "audio.speech" OpenAi Json Body Units true;
    /// Speech to text.
    AudioTranscriptions "audio.transcriptions" OpenAi Multipart Form Units true;
    /// Speech to English text.
    AudioTranslations "audio.translations" OpenAi Multipart Form Units false;
    /// Embeds many contents in one call (Gemini).
    BatchEmbedContents "batch_embed_contents" Gemini Json Path Tokens false;
    /// Cancels a batch.
    BatchesCancel "batches.cancel" OpenAi None None Free false;
    /// Starts a batch from an uploaded file.
    BatchesCreate "batches.create" OpenAi Json None Batch false;
    /// One batch.
    BatchesGet "batches.get" OpenAi None None Free false;
    /// Lists batches.
    BatchesList "batches.list" OpenAi None None Free false;
    /// Chat Completions.
    ChatCompletions "chat.completions" OpenAi Json Body Tokens true;
    /// Completions, the older text API.
    Completions "completions" OpenAi Json Body Tokens true;
    /// A conversation (Bedrock).
    Converse "converse" Bedrock Json Path Tokens false;
    /// A conversation whose answer is a stream (Bedrock).
    ConverseStream "converse_stream" Bedrock Json Path Tokens true;
    /// Counts tokens (Gemini).
    CountTokens "count_tokens" Gemini Json Path Free false;
    /// Embeds one content (Gemini).
    EmbedContent "embed_content" Gemini Json Path Tokens false;
    /// Embeddings.
    Embeddings "embeddings" OpenAi Json Body Tokens false;
    /// The content of a file.
    FilesContent "files.content" OpenAi None None Free false;
    /// Uploads a file.
    FilesCreate "files.create" OpenAi Multipart None Free false;
    /// Deletes a file.
    FilesDelete "files.delete" OpenAi None None Free false;
    /// A file's metadata.
    FilesGet "files.get" OpenAi None None Free false;
    /// Lists files.
    FilesList "files.list" OpenAi None None Free false;
    /// One model (Gemini).
    GeminiModelsGet "gemini.models.get" Gemini None Path Free false;
    /// Lists models (Gemini).
    GeminiModelsList "gemini.models.list" Gemini None None Free false;
    /// Generates an answer (Gemini).
    GenerateContent "generate_content" Gemini Json Path Tokens false;
    /// Edits images.
    ImagesEdits "images.edits" OpenAi Multipart Form Units true;
    /// Generates images.
    ImagesGenerations "images.generations" OpenAi Json Body Units true;
    /// Varies an image.
    ImagesVariations "images.variations" OpenAi Multipart Form Units false;
    /// A model's own body (Bedrock).
    InvokeModel "invoke_model" Bedrock Json Path Tokens false;
    /// A model's own body, and the answer as a stream (Bedrock).
    InvokeModelStream "invoke_model_stream" Bedrock Json Path Tokens true;
    /// Messages (Anthropic).
    Messages "messages" Anthropic Json Body Tokens true;
    /// Cancels a message batch.
    MessagesBatchesCancel "messages.batches.cancel" Anthropic None None Free false;
    /// Starts a message batch.
    MessagesBatchesCreate "messages.batches.create" Anthropic Json None Batch false;
    /// Deletes a message batch.
    MessagesBatchesDelete "messages.batches.delete" Anthropic None None Free false;
    /// One message batch.
    MessagesBatchesGet "messages.batches.get" Anthropic None None Free false;
    /// Lists message batches.
    MessagesBatchesList "messages.batches.list" Anthropic None None Free false;
    /// The results of a message batch, one JSON object a line.
    MessagesBatchesResults "messages.batches.results" Anthropic None None Free false;
    /// Counts tokens (Anthropic).
    MessagesCountTokens "messages.count_tokens" Anthropic Json Body Free false;
    /// One model.
    ModelsGet "models.get" OpenAi None Path Free false;
    /// Lists models.
    ModelsList "models.list" OpenAi None None Free false;
    /// Classifies text and images; free of charge, the model may be left out.
    Moderations "moderations" OpenAi Json Body Free false;
    /// A session over a WebSocket, each of whose responses is a call (Realtime).
    Realtime "realtime" OpenAi Json Query Tokens true;
    /// Responses.
    Responses "responses" OpenAi Json Body Tokens true;
    /// Cancels a background response.
    ResponsesCancel "responses.cancel" OpenAi None None Free false;
    /// Compacts a conversation.
    ResponsesCompact "responses.compact" OpenAi Json Body Tokens false;
    /// Deletes a stored response.
    ResponsesDelete "responses.delete" OpenAi None None Free false;
    /// A stored response; with `?stream=true` as a stream.
    ResponsesGet "responses.get" OpenAi None None Free true;
    /// What a stored response was asked.
    ResponsesInputItems "responses.input_items" OpenAi None None Free false;
    /// Counts the tokens of a would-be response.
    ResponsesInputTokens "responses.input_tokens" OpenAi Json Body Free false;
    /// Generates an answer as a stream (Gemini).
    StreamGenerateContent "stream_generate_content" Gemini Json Path Tokens true;
    /// One model of any provider, answered by the gateway.
    UnifiedModelsGet "unified.models.get" OpenAi None Path Free false;
    /// Lists the models of all providers, answered by the gateway.
    UnifiedModelsList "unified.models.list" OpenAi None None Free false;
}

impl Operation {
    /// Whether its answer is a stream, whatever its body says.
    #[must_use]
    pub const fn always_streams(self) -> bool {
        matches!(
            self,
            Self::ConverseStream | Self::InvokeModelStream | Self::StreamGenerateContent
        )
    }

    /// Whether streams of it report usage only when asked by `stream_options.include_usage`.
    #[must_use]
    pub const fn has_usage_switch(self) -> bool {
        matches!(self, Self::ChatCompletions | Self::Completions)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn names_are_unique_and_variants_sorted() {
        let names: HashSet<_> = Operation::ALL.iter().map(|op| op.name()).collect();
        assert_eq!(names.len(), Operation::ALL.len());
        let variants: Vec<_> = Operation::ALL.iter().map(|op| format!("{op:?}")).collect();
        assert!(variants.is_sorted(), "{variants:?}");
    }

    #[test]
    fn whatever_is_paid_for_says_which_model() {
        for op in Operation::ALL {
            let named = op.model() != ModelSource::None || op.billing() == Billing::Batch;
            assert!(op.billing() == Billing::Free || named, "{op:?}");
        }
    }
}
