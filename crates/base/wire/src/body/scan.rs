//! The one pass over a JSON body.

mod values;

use tidegate_types::{ModelName, ServiceTier};

use super::{
    BodyError, Encoding, Field, Inspected, UsageSwitch, batch,
    estimate::Media,
    fields::{Known, Place, Seen},
};
use crate::{
    ModelSource, Operation,
    json::{Cursor, End, Members, Watch},
};

/// Validates a body without reading it.
pub(super) fn skip_all(body: &[u8], watch: &mut impl Watch) -> Result<(), BodyError> {
    let mut cursor = Cursor::new(body);
    cursor.skip(b"", watch)?;
    Ok(cursor.finish()?)
}

/// What the body says, and its long strings.
pub(super) fn scan(operation: Operation, body: &[u8]) -> Result<(Inspected, Vec<End>), BodyError> {
    let mut scan = Scan {
        operation,
        cursor: Cursor::new(body),
        media: Media::default(),
        found: Inspected::new(Encoding::Json),
        prompts: 1,
        best_of: 1,
        start: 0,
    };
    scan.top()?;
    scan.cursor.finish()?;
    let Scan {
        mut found,
        media,
        prompts,
        best_of,
        start,
        ..
    } = scan;
    found.choices = found
        .choices
        .max(best_of)
        .max(1)
        .saturating_mul(prompts.max(1));
    found.input = media.estimate(body.len());
    found.stream |= operation.always_streams();
    if !(found.stream && operation.has_usage_switch()) {
        found.usage_switch = UsageSwitch::None;
    } else if found.usage_switch == UsageSwitch::None {
        found.usage_switch = UsageSwitch::Absent(start);
    }
    Ok((found, media.long))
}

pub(super) struct Scan<'a> {
    operation: Operation,
    pub(super) cursor: Cursor<'a>,
    pub(super) media: Media,
    found: Inspected,
    prompts: u64,
    best_of: u64,
    /// Offset after the body's `{`.
    start: usize,
}

impl<'a> Scan<'a> {
    fn top(&mut self) -> Result<(), BodyError> {
        self.start = self.cursor.open_object()?;
        let mut seen = Seen::default();
        let mut members = Members::First;
        while let Some(key) = self.cursor.member(&mut members)? {
            match seen.take(self.operation, Place::Top, key)? {
                None => {
                    self.cursor.skip(key.raw, &mut self.media)?;
                }
                Some(known) => self.value(known)?,
            }
        }
        Ok(())
    }

    fn value(&mut self, known: Known) -> Result<(), BodyError> {
        match known {
            Known::Background => self.found.background = self.boolean(known)?,
            Known::BestOf => self.best_of = self.count(known)?.unwrap_or(1),
            Known::CandidateCount | Known::N => {
                self.found.choices = self.count(known)?.unwrap_or(1);
            }
            Known::Conversation => self.conversation()?,
            Known::GenerationConfig => self.object(Place::GenerationConfig)?,
            Known::InferenceConfig => self.object(Place::InferenceConfig)?,
            Known::Metadata => self.object(Place::Metadata)?,
            Known::ModelFields => self.object(Place::ModelFields)?,
            Known::Tier => self.object(Place::Tier)?,
            Known::Input if self.operation == Operation::AudioSpeech => self.speech(known)?,
            Known::Input => {
                self.prompts(b"input")?;
            }
            Known::MaxCompletionTokens | Known::MaxOutputTokens | Known::MaxTokens => {
                let cap = self.count(known)?;
                self.found.max_output = self.found.max_output.max(cap);
            }
            Known::Model => self.model()?,
            Known::Prompt => self.prompts = self.prompts(b"prompt")?,
            Known::Quality => self.found.image.quality = self.word(known)?,
            Known::Requests if self.operation == Operation::BatchEmbedContents => {
                self.embed_requests()?;
            }
            Known::Requests => self.found.batch = Some(batch::read(self)?),
            Known::ServiceTier => {
                let word = self.word(known)?;
                let tier = word.as_deref().and_then(values::tier);
                self.found.tier = tier.or(self.found.tier);
            }
            Known::Size => self.found.image.size = self.word(known)?,
            Known::Speed => {
                if self.word(known)?.as_deref() == Some("fast") {
                    self.found.tier = Some(ServiceTier::Priority);
                }
            }
            Known::Stream => self.found.stream = self.boolean(known)?,
            Known::StreamFormat => {
                self.found.stream = self.word(known)?.as_deref() == Some("sse");
            }
            Known::StreamOptions => self.stream_options()?,
            Known::IncludeUsage | Known::Params => {
                self.cursor.skip(b"", &mut self.media)?;
            }
        }
        Ok(())
    }

    fn model(&mut self) -> Result<(), BodyError> {
        if self.cursor.peek() == Some(b'n') {
            self.cursor.skip(b"", &mut ())?;
            return Ok(());
        }
        let field = self.model_name()?;
        if self.operation.model() == ModelSource::Path {
            self.found.inner_models.push(field);
        } else {
            self.found.model = Some(field);
        }
        Ok(())
    }

    pub(super) fn model_name(&mut self) -> Result<Field<ModelName>, BodyError> {
        if self.cursor.peek() != Some(b'"') {
            let (at, expected) = (self.cursor.at(), "a string");
            return Err(BodyError::Type {
                key: "model",
                at,
                expected,
            });
        }
        let text = self.cursor.string("the model's name")?;
        let value = text.decode()?.parse();
        let value = value.map_err(|reason| BodyError::Model {
            at: text.at,
            reason,
        })?;
        Ok(Field {
            value,
            span: text.at..text.end(),
        })
    }

    fn speech(&mut self, known: Known) -> Result<(), BodyError> {
        if self.cursor.peek() != Some(b'"') {
            let at = self.cursor.at();
            return Err(BodyError::Type {
                key: known.name(),
                at,
                expected: "a text",
            });
        }
        let text = self.cursor.string("the text to speak")?;
        self.found.characters = text.decode()?.chars().count() as u64;
        Ok(())
    }

    /// The number of prompts in a text, a list of texts, of token ids, or of lists of token ids.
    fn prompts(&mut self, key: &'static [u8]) -> Result<u64, BodyError> {
        if self.cursor.peek() != Some(b'[') {
            self.cursor.skip(key, &mut self.media)?;
            return Ok(1);
        }
        self.cursor.open_array()?;
        let mut prompts = 0_u64;
        let mut ids = 0_u64;
        let mut members = Members::First;
        while self.cursor.item(&mut members)? {
            let first = self.cursor.peek();
            let start = self.cursor.skip(key, &mut self.media)?;
            match first {
                Some(b'[') => {
                    prompts += 1;
                    ids += memchr::memchr_iter(b',', self.cursor.slice(start)).count() as u64 + 1;
                }
                Some(b'"' | b'{') => prompts += 1,
                _ => ids += 1,
            }
        }
        self.media.ids = self.media.ids.saturating_add(ids);
        Ok(prompts.max(1))
    }

    /// An object of which some members are read.
    fn object(&mut self, place: Place) -> Result<(), BodyError> {
        if self.cursor.peek() != Some(b'{') {
            self.cursor.skip(b"", &mut self.media)?;
            return Ok(());
        }
        self.cursor.open_object()?;
        let mut seen = Seen::default();
        let mut members = Members::First;
        while let Some(key) = self.cursor.member(&mut members)? {
            match seen.take(self.operation, place, key)? {
                Some(known) => self.value(known)?,
                None => {
                    self.cursor.skip(key.raw, &mut self.media)?;
                }
            }
        }
        Ok(())
    }

    fn embed_requests(&mut self) -> Result<(), BodyError> {
        self.cursor.open_array()?;
        let mut items = Members::First;
        while self.cursor.item(&mut items)? {
            self.cursor.open_object()?;
            let mut seen = Seen::default();
            let mut members = Members::First;
            while let Some(key) = self.cursor.member(&mut members)? {
                match seen.take(self.operation, Place::EmbedItem, key)? {
                    Some(_) => self.model()?,
                    None => {
                        self.cursor.skip(key.raw, &mut self.media)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn stream_options(&mut self) -> Result<(), BodyError> {
        match self.cursor.peek() {
            Some(b'{') => {}
            Some(b'n') => {
                let start = self.cursor.skip(b"", &mut ())?;
                self.found.usage_switch = UsageSwitch::Null(start..self.cursor.at());
                return Ok(());
            }
            _ => {
                let (key, at) = (Known::StreamOptions.name(), self.cursor.at());
                return Err(BodyError::Type {
                    key,
                    at,
                    expected: "an object",
                });
            }
        }
        let inside = self.cursor.open_object()?;
        let mut switch = UsageSwitch::Lacking {
            at: inside,
            empty: true,
        };
        let mut seen = Seen::default();
        let mut members = Members::First;
        while let Some(key) = self.cursor.member(&mut members)? {
            if let UsageSwitch::Lacking { empty, .. } = &mut switch {
                *empty = false;
            }
            if seen
                .take(self.operation, Place::StreamOptions, key)?
                .is_some()
            {
                self.cursor.peek();
                let start = self.cursor.at();
                let on = self.boolean(Known::IncludeUsage)?;
                switch = if on {
                    UsageSwitch::On
                } else {
                    UsageSwitch::Off(start..self.cursor.at())
                };
            } else {
                self.cursor.skip(key.raw, &mut self.media)?;
            }
        }
        self.found.usage_switch = switch;
        Ok(())
    }
}
