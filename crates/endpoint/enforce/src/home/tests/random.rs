//! Any configuration, any denial: approved again, every byte is as it was.

use proptest::prelude::*;
use tidegate_discovery::Format;

use super::Lab;
use crate::Settings;

/// A file of entries in some style, one of which is ours.
fn jsonc() -> impl Strategy<Value = String> {
    let style = (
        prop::sample::select(vec!["\n", "\r\n"]),
        prop::sample::select(vec!["", "  ", "\t", "    "]),
    );
    let extras = (any::<[bool; 4]>(), 0..5_usize);
    (style, extras, "[a-zäß\\\\ ]{0,8}").prop_map(|((end, indent), (flags, at), junk)| {
        let [comments, trailing, tight, bom] = flags;
        let end = if tight { "" } else { end };
        let note = |text: &str| match (comments, tight) {
            (true, true) => format!("/*{text}*/"),
            (true, false) => format!(" // {text}"),
            (false, _) => String::new(),
        };
        let text = serde_json::to_string(&junk).expect("a string");
        let mut entries: Vec<String> = (0..4)
            .map(|n| format!("\"s{n}\": {{\"command\": {text},{end}{indent}\"x{n}\":[{n}, null]}}"))
            .collect();
        entries.insert(at.min(4), "\"b\": {\"command\": \"npx\"}".into());
        let mut out = String::new();
        let bom = if bom { "\u{feff}" } else { "" };
        out += &format!("{bom}{{{}{end}{indent}", note("top"));
        out += &format!("\"other\": {text},{end}{indent}\"mcpServers\": {{{end}");
        for (nth, entry) in entries.iter().enumerate() {
            let comma = if nth < 4 || trailing { "," } else { "" };
            out += &format!("{indent}{indent}{entry}{comma}{}{end}", note(&junk));
        }
        out += &format!("{indent}}}{end}}}{end}");
        out
    })
}

fn toml() -> impl Strategy<Value = String> {
    let end = prop::sample::select(vec!["\n", "\r\n"]);
    (end, any::<[bool; 4]>(), "[a-zäß ]{0,8}").prop_map(|(end, flags, junk)| {
        let [comment, inline, spaced, last] = flags;
        let note = if comment { format!(" # {junk}") } else { String::new() };
        let blank = if spaced { end } else { "" };
        let ours = if inline {
            format!("[mcp_servers]{end}b = {{ command = 'npx', args = [{end}  \"p\",{end}] }}{note}{end}")
        } else {
            format!("[mcp_servers.b]{note}{end}command='npx'{note}{end}[mcp_servers.b.env]{end}K = \"v\"{end}")
        };
        let other = format!("[tui]{end}x = \"\"\"{end}{junk}{end}[no]{end}\"\"\"{end}");
        let (one, two) = if last { (&other, &ours) } else { (&ours, &other) };
        format!("model = \"m\"{note}{end}{blank}{one}{blank}{two}")
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn json_comes_back(text in jsonc(), flag in any::<bool>()) {
        let client = if flag { "kiro" } else { "cursor" };
        check(client, Format::Jsonc, &["mcpServers", "b"], &text);
    }

    #[test]
    fn toml_comes_back(text in toml()) {
        check("codex", Format::Toml, &["mcp_servers", "b"], &text);
    }
}

fn check(client: &str, format: Format, keys: &[&str], text: &str) {
    let lab = Lab::new(client, "config", format, keys, text).expect("a home");
    let settings = Settings::default();
    lab.pass(&lab.denied(), &settings);
    let ours = lab.read();
    assert_ne!(ours, text);
    lab.pass(&tidegate_policy::Document::ungoverned(), &settings);
    assert_eq!(lab.read(), text);
    lab.there_and_back(&settings, &ours);
    // Its owner writes in between, at the end, where no edit of ours is.
    lab.pass(&lab.denied(), &settings);
    let added = if format == Format::Toml {
        "# mine"
    } else {
        " "
    };
    std::fs::write(&lab.file, ours + added).expect("a file");
    lab.pass(&tidegate_policy::Document::ungoverned(), &settings);
    let back = lab.read();
    let said = |text: &str| crate::text::Doc::read(format, text).map(|doc| doc.value);
    assert_eq!(said(&back), said(text));
    assert!(back.ends_with(added));
}
