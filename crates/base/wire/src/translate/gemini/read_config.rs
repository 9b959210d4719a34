//! How a client wants its answer drawn: `generationConfig`.

use super::super::{
    Json, Refused,
    fields::Fields,
    talk::{Effort, Format, Request, Sampling, Thinking},
};
use super::{proto, schema};

/// How closely images are looked at, as with `detail` elsewhere; and answers about elections that Google makes
/// more careful by a switch that nobody else has.
const ADVICE: &[&str] = &["enableEnhancedCivicAnswers", "mediaResolution"];

/// What is off unless it is asked for.
const OFF: &[&str] = &["audioTimestamp", "responseLogprobs"];

/// What `topK` is at Google where nobody says anything. Some clients say it all the same, and none of the other
/// providers needs to be told.
const USUAL_TOP_K: [u64; 2] = [40, 64];

/// Reads it into a request.
///
/// # Errors
/// It cannot be translated.
pub(super) fn read<'a>(mut config: Fields<'a>, request: &mut Request<'a>) -> Result<(), Refused> {
    config.advice(ADVICE);
    for name in OFF {
        config.only(name, &Json::Bool(false))?;
    }
    let path = config.at("candidateCount");
    if proto::take_count(&mut config, "candidateCount")?.is_some_and(|count| count != 1) {
        return Err(Refused::unsupported(path));
    }
    let path = config.at("responseModalities");
    let modalities = proto::take_strings(&mut config, "responseModalities")?;
    if modalities
        .iter()
        .any(|word| !word.eq_ignore_ascii_case("text"))
    {
        return Err(Refused::unsupported(path));
    }
    request.sampling = Sampling {
        max_output: proto::take_count(&mut config, "maxOutputTokens")?,
        temperature: proto::take_number(&mut config, "temperature")?,
        top_p: proto::take_number(&mut config, "topP")?,
        top_k: proto::take_count(&mut config, "topK")?.filter(|top_k| !USUAL_TOP_K.contains(top_k)),
        stop: proto::take_strings(&mut config, "stopSequences")?,
        presence_penalty: proto::take_number(&mut config, "presencePenalty")?,
        frequency_penalty: proto::take_number(&mut config, "frequencyPenalty")?,
        seed: proto::take_number(&mut config, "seed")?,
    };
    request.format = format(&mut config)?;
    request.thinking = proto::take_message(&mut config, "thinkingConfig")?
        .map(thinking)
        .transpose()?;
    config.close()
}

fn format<'a>(config: &mut Fields<'a>) -> Result<Format<'a>, Refused> {
    let media_type_at = config.at("responseMimeType");
    let media_type = config.string("responseMimeType")?;
    let openapi_at = config.at("responseSchema");
    let openapi = config.take("responseSchema");
    let plain_at = config.at("responseJsonSchema");
    let plain = config.take("responseJsonSchema");
    let is_json = match media_type.as_deref() {
        None | Some("" | "text/plain") => false,
        Some("application/json") => true,
        Some(_) => return Err(Refused::unsupported(media_type_at)),
    };
    let (at, schema) = match (openapi, plain) {
        (None, None) if is_json => return Ok(Format::Json),
        (None, None) => return Ok(Format::Text),
        (Some(_), Some(_)) => {
            return Err(Refused::invalid(
                openapi_at,
                "stands beside `responseJsonSchema`, and only one of them may be there",
            ));
        }
        (Some(openapi), None) => {
            let schema = schema::json_schema(&openapi_at, openapi)?;
            (openapi_at, schema)
        }
        (None, Some(schema)) => (plain_at, schema),
    };
    if !is_json {
        return Err(Refused::invalid(
            at,
            "needs a `responseMimeType` of `application/json`",
        ));
    }
    Ok(Format::Schema {
        name: None,
        description: None,
        schema,
        strict: None,
    })
}

fn thinking(mut config: Fields<'_>) -> Result<Thinking, Refused> {
    let shown = config.bool("includeThoughts")?;
    let budget_at = config.at("thinkingBudget");
    let budget = proto::take_number(&mut config, "thinkingBudget")?;
    let level_at = config.at("thinkingLevel");
    let level = proto::take_word(&mut config, "thinkingLevel")?;
    config.close()?;
    let effort = match level.as_deref() {
        None => None,
        Some("MINIMAL") => Some(Effort::Minimal),
        Some("LOW") => Some(Effort::Low),
        Some("MEDIUM") => Some(Effort::Medium),
        Some("HIGH") => Some(Effort::High),
        Some(_) => {
            return Err(Refused::invalid(
                level_at,
                "must be `MINIMAL`, `LOW`, `MEDIUM` or `HIGH`",
            ));
        }
    };
    let mut thinking = Thinking {
        on: effort.map(|_| true),
        effort,
        budget: None,
        shown,
    };
    match budget {
        None => {}
        Some(budget) if budget.as_u64() == Some(0) => thinking.on = Some(false),
        // As much as the model finds right.
        Some(budget) if budget.as_i64() == Some(-1) => thinking.on = Some(true),
        Some(budget) => {
            let tokens = budget
                .as_u64()
                .ok_or_else(|| Refused::invalid(budget_at, "must be a whole number from -1 on"))?;
            thinking.on = Some(true);
            thinking.budget = Some(tokens);
        }
    }
    Ok(thinking)
}
