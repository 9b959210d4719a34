//! Dated names of a model: `gpt-4o-2024-08-06` is `gpt-4o` at a date, and costs the same unless it
//! has a row of its own. And the longest name of a model, an ARN.

/// The name without its suffix, when it has one of the forms providers use: `-2024-08-06`,
/// `-20250929`, `-latest`, `-001`. Anything else is another model.
pub(super) fn without_suffix(model: &str) -> Option<&str> {
    // As Vertex AI writes them: `claude-sonnet-4-5@20250929`.
    if let Some((base, date)) = model.rsplit_once('@') {
        return (is_compact_date(date) && !base.is_empty()).then_some(base);
    }
    let (base, suffix) = model.rsplit_once('-')?;
    let stem = if suffix == "latest" || is_revision(suffix) || is_compact_date(suffix) {
        base
    } else {
        without_dashed_date(model)?
    };
    (!stem.is_empty()).then_some(stem)
}

/// The model's id in the ARN of a model or of a profile that AWS defines, like
/// `arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.anthropic.claude-sonnet-4-6`. What else an ARN may
/// name (an application's profile, provisioned throughput) does not say which model it is.
pub(super) fn of_arn(model: &str) -> Option<&str> {
    let arn = model.strip_prefix("arn:aws:bedrock:")?;
    let (_region, rest) = arn.split_once(':')?;
    let (_account, resource) = rest.split_once(':')?;
    let id = resource
        .strip_prefix("foundation-model/")
        .or_else(|| resource.strip_prefix("inference-profile/"))?;
    (!id.is_empty()).then_some(id)
}

/// Gemini's stable revisions: `001` to `009`.
fn is_revision(text: &str) -> bool {
    matches!(text.as_bytes(), [b'0', b'0', b'1'..=b'9'])
}

/// `20250929`.
fn is_compact_date(text: &str) -> bool {
    text.len() == 8 && text.is_ascii() && is_date(&text[..4], &text[4..6], &text[6..])
}

/// The part before `-2024-08-06`.
fn without_dashed_date(model: &str) -> Option<&str> {
    let (rest, day) = model.rsplit_once('-')?;
    let (rest, month) = rest.rsplit_once('-')?;
    let (stem, year) = rest.rsplit_once('-')?;
    is_date(year, month, day).then_some(stem)
}

fn is_date(year: &str, month: &str, day: &str) -> bool {
    let number = |text: &str, digits: usize| {
        let plain = text.len() == digits && text.bytes().all(|b| b.is_ascii_digit());
        plain.then(|| text.parse::<u16>().ok()).flatten()
    };
    number(year, 4).is_some_and(|year| (2020..2100).contains(&year))
        && number(month, 2).is_some_and(|month| (1..=12).contains(&month))
        && number(day, 2).is_some_and(|day| (1..=31).contains(&day))
}

/// Whether a text is a date like `2026-01-31`, as rows carry it.
pub(super) fn is_iso_date(text: &str) -> bool {
    let mut parts = text.splitn(3, '-');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(year), Some(month), Some(day)) => is_date(year, month, day),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_known_suffixes_come_off() {
        for (model, stem) in [
            ("gpt-4o-2024-08-06", Some("gpt-4o")),
            ("claude-sonnet-4-5-20250929", Some("claude-sonnet-4-5")),
            ("claude-3-5-haiku-latest", Some("claude-3-5-haiku")),
            ("gemini-2.0-flash-001", Some("gemini-2.0-flash")),
            ("claude-sonnet-4-5@20250929", Some("claude-sonnet-4-5")),
            ("claude-sonnet-4-5@latest", None),
            ("gpt-4o", None),
            ("gpt-4o-mini", None),
            ("gpt-4o-2024-13-06", None),
            ("gpt-4o-20241306", None),
            ("gpt-4o-2024", None),
            ("gpt-3.5-turbo-0125", None),
            ("embedding-011", None),
            ("model-000", None),
            ("2024-08-06", None),
            ("-latest", None),
            ("latest", None),
            ("", None),
            ("x-2024é-01", None),
        ] {
            assert_eq!(without_suffix(model), stem, "{model}");
        }
    }

    #[test]
    fn an_arn_names_a_model_where_it_says_which() {
        let sonnet = "anthropic.claude-sonnet-4-5-20250929-v1:0";
        let plain = format!("arn:aws:bedrock:us-east-1::foundation-model/{sonnet}");
        assert_eq!(of_arn(&plain), Some(sonnet));
        let profile =
            "arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.amazon.nova-2-lite-v1:0";
        assert_eq!(of_arn(profile), Some("eu.amazon.nova-2-lite-v1:0"));
        for other in [
            "arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile/abcdefghijkl",
            "arn:aws:bedrock:eu-west-1:123456789012:provisioned-model/abcdefghijkl",
            "arn:aws-us-gov:bedrock:us-gov-west-1::foundation-model/amazon.nova-pro-v1:0",
            "arn:aws:bedrock:us-east-1::foundation-model/",
            "arn:aws:bedrock:",
            sonnet,
        ] {
            assert_eq!(of_arn(other), None, "{other}");
        }
    }

    #[test]
    fn dates_are_dates() {
        assert!(is_iso_date("2026-11-05"));
        for bad in ["2026-11", "2026-11-5", "26-11-05", "2026-11-05x", "soon"] {
            assert!(!is_iso_date(bad), "{bad}");
        }
    }
}
