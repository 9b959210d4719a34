//! The table is one that can be used, and the page that shows it says what it says.

use tidegate_wire::body::{Act, Within};

use super::*;
use crate::endpoint::{ClearText, Endpoint};

#[test]
fn every_profile_is_whole() {
    let names = |list: &[Profile]| list.iter().map(|one| one.name).collect::<Vec<_>>();
    assert!(names(table::PROFILES).is_sorted() && names(clouds::PROFILES).is_sorted());
    assert!(all().count() > 20);
    for profile in all() {
        let name = profile.name;
        assert!(
            !profile.title.is_empty() && !profile.sources.is_empty(),
            "{name}"
        );
        assert!(
            name.parse::<tidegate_types::ProviderName>().is_ok(),
            "{name}"
        );
        let url = match profile.home {
            Home::At(url) | Home::Own(url) => url,
            Home::ByLocation => "https://aiplatform.googleapis.com",
        };
        let endpoint = Endpoint::parse(url, ClearText::Loopback).unwrap();
        assert_eq!(
            profile.wants_project(),
            profile.home == Home::ByLocation,
            "{name}"
        );
        assert!(endpoint.tls() || profile.keyless, "{name}");
        assert!(
            profile
                .languages
                .iter()
                .all(|language| language.dialect() == profile.dialect),
            "{name}"
        );
        assert_eq!(find(name), Some(profile));
        assert!(
            profile
                .price_family()
                .as_str()
                .parse::<PriceFamily>()
                .is_ok(),
            "{name}"
        );
    }
    assert_eq!(find("nobody"), None);
}

#[test]
fn paths_begin_as_each_provider_has_them() {
    for (name, ours, theirs) in [
        ("groq", "/v1/chat/completions", "/v1/chat/completions"),
        ("databricks", "/v1/chat/completions", "/chat/completions"),
        ("gemini-openai", "/v1/models/x", "/models/x"),
        ("perplexity", "/v1/responses", "/v1/responses"),
        (
            "vertex-gemini",
            "/v1beta/models/g:generateContent",
            "/v1/projects/p/locations/l/publishers/google/models/g:generateContent",
        ),
        (
            "vertex-anthropic",
            "/v1/messages",
            "/v1/projects/p/locations/l/publishers/anthropic/models/c@1:streamRawPredict",
        ),
        (
            "vertex-anthropic",
            "/v1/messages/count_tokens",
            "/v1/projects/p/locations/l/publishers/anthropic/models/count-tokens:rawPredict",
        ),
    ] {
        let paths = find(name).unwrap().paths("p", "l");
        assert_eq!(paths.spell("", ours, Some("c@1"), true), theirs, "{name}");
    }
}

#[test]
fn a_provider_that_reports_usage_unasked_is_never_asked() {
    for profile in all() {
        let drops = profile
            .chat
            .iter()
            .any(|quirk| quirk.name == "stream_options" && quirk.act == Act::Drop);
        assert_eq!(
            drops,
            profile.usage == StreamUsage::Unasked,
            "{}",
            profile.name
        );
    }
}

/// `docs/providers.md` has the table between two marks; `TIDEGATE_WRITE_DOCS=1` writes it anew.
#[test]
fn the_page_says_what_the_table_says() {
    const BEGIN: &str = "<!-- profiles: begin -->\n";
    const END: &str = "<!-- profiles: end -->";
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../docs/providers.md");
    let page = std::fs::read_to_string(path).unwrap();
    let (head, rest) = page.split_once(BEGIN).unwrap();
    let (_, tail) = rest.split_once(END).unwrap();
    let wanted = format!("{head}{BEGIN}{}{END}{tail}", table());
    if std::env::var_os("TIDEGATE_WRITE_DOCS").is_some() {
        std::fs::write(path, &wanted).unwrap();
        return;
    }
    assert!(page == wanted, "docs/providers.md is out of date");
}

fn table() -> String {
    let mut out = String::new();
    for profile in all() {
        let (home, own) = match profile.home {
            Home::At(url) => (url, ""),
            Home::Own(url) => (url, " (an example: `base_url` is needed)"),
            Home::ByLocation => (
                "https://LOCATION-aiplatform.googleapis.com",
                ", by `location`; `project` is needed",
            ),
        };
        let languages: Vec<_> = profile.languages.iter().map(|l| format!("`{l}`")).collect();
        out.push_str(&format!(
            "\n### `{}`: {}\n\n`{home}`{own}; {}",
            profile.name,
            profile.title,
            languages.join(", ")
        ));
        for (ours, theirs) in profile.paths {
            out.push_str(&format!("; `{ours}…` is `{theirs}…` there"));
        }
        for (name, scheme) in Scheme::ALL {
            if profile.scheme == Some(*scheme) {
                out.push_str(&format!("; told who asks by `{name}`"));
            }
        }
        if !profile.entra_scope.is_empty() {
            out.push_str(&format!(
                "; takes tokens of Microsoft Entra ID for `{}`",
                profile.entra_scope
            ));
        }
        if profile.keyless {
            out.push_str("; usually without a key");
        }
        out.push_str(".\n");
        if !profile.note.is_empty() {
            out.push_str(&format!("{}\n", profile.note));
        }
        let quirks = [profile.chat, profile.messages].concat();
        if !quirks.is_empty() {
            out.push_str("\n| member | what is done |\n|---|---|\n");
        }
        for quirk in &quirks {
            let place = match quirk.within {
                Within::Body => "",
                Within::Message => "messages[].",
                Within::Tool => "tools[].function.",
            };
            out.push_str(&format!(
                "| `{place}{}` | {} |\n",
                quirk.name,
                said(quirk.act)
            ));
        }
        if let Some(taken) = profile.betas {
            let names: Vec<_> = taken
                .iter()
                .map(|(asked, sent)| match asked == sent {
                    true => format!("`{asked}`"),
                    false => format!("`{asked}` (sent as `{sent}`)"),
                })
                .collect();
            out.push_str(&format!(
                "\nBetas that are passed on: {}.\n",
                names.join(", ")
            ));
        }
        let sources: Vec<_> = profile.sources.iter().map(|s| source(s)).collect();
        out.push_str(&format!("\nFrom {}.\n", sources.join(", ")));
    }
    out
}

fn source(page: &str) -> String {
    match page.split_once(' ') {
        Some((url, rest)) => format!("<{url}> {rest}"),
        None => format!("<{page}>"),
    }
}

fn said(act: Act) -> String {
    match act {
        Act::Drop => "left out".to_owned(),
        Act::DropIf(values) => {
            let values: Vec<_> = values.iter().map(|value| format!("`{value}`")).collect();
            format!("left out where it is {}, else refused", values.join(" or "))
        }
        Act::Put(value) => format!("always sent as `{value}`"),
        Act::Rename(to) => format!("sent as `{to}`"),
        Act::Spell(words) => {
            let words: Vec<_> = words
                .iter()
                .map(|(asked, sent)| format!("`{asked}` is sent as `{sent}`"))
                .collect();
            words.join(", ")
        }
    }
}
