//! Codex, Gemini CLI and OpenCode, whose policies go by name.

use tidegate_device_api::{EffectState, Transport};
use tidegate_discovery::Format;
use tidegate_policy::{Decision, Document};

use super::{
    super::fixture::{ann, denied, entered, found, located, policy, remote},
    Lab, bob, leave_out_ours, machine, states, undo_machine,
};
use crate::machine::fixture::places;

#[test]
fn codex_gets_whole_entries_that_are_off() -> anyhow::Result<()> {
    let lab = Lab::new()?;
    let file = "etc/codex/managed_config.toml";
    let theirs = "# org\nmodel = \"m\"\n\n[mcp_servers.own]\ncommand = \"x\"\n";
    lab.put(file, theirs)?;
    let (bad, own) = (located("codex", "bad"), located("codex", "own"));
    let net = remote("codex", "net", "https://mcp.example.com/sse");
    let odd = located("codex", "odd name");
    let document = denied(&[&bad, &net, &odd, &own]);
    let outcome = lab.anns(&[&bad, &net, &own, &odd], &document);
    assert_eq!(
        lab.read(file),
        "# org\nmodel = \"m\"\n\n[mcp_servers.own]\nenabled = false\ncommand = \"x\"\n\n\
         [mcp_servers.bad]\ncommand = \"/bin/false\"\nenabled = false\n\n\
         [mcp_servers.net]\nenabled = false\nurl = \"https://denied.invalid/\"\n"
    );
    assert_eq!(
        states(&outcome.effects),
        [EffectState::Verified; 3],
        "{outcome:?}"
    );
    assert!(
        lab.anns(&[&bad, &net, &own, &odd], &document)
            .changed
            .is_empty()
    );
    drop(undo_machine(&places(lab.root.path())));
    assert_eq!(lab.read(file), theirs);
    Ok(())
}

/// As the agent does it: what is in the machine's files is looked for before each pass.
#[test]
fn what_switches_a_name_off_is_no_server_of_anybodys() -> anyhow::Result<()> {
    let lab = Lab::new()?;
    let places = places(lab.root.path());
    let theirs = "[mcp_servers.own]\ncommand = \"x\"\n";
    lab.put("etc/codex/managed_config.toml", theirs)?;
    lab.put("etc/opencode/opencode.json", "{}\n")?;
    let (bad, kv) = (located("codex", "bad"), located("opencode", "kv"));
    let net = remote("codex", "net", "https://mcp.example.com/sse");
    let document = denied(&[&bad, &kv, &net]);
    let homes = [(ann(), found(vec![bad, kv, net]))];
    let mut written = None;
    for pass in 0..3 {
        let mut there = tidegate_discovery::scan_machine(&places);
        let seen = there.servers.len();
        leave_out_ours(&places, &mut there);
        let names: Vec<_> = there.servers.iter().map(|one| &one.server.name).collect();
        assert_eq!(names, ["own"], "in pass {pass}");
        assert_eq!(seen > 1, pass > 0, "ours is there from the first pass on");
        let outcome = machine(&places, &homes, &there, &document, &lab.settings);
        assert_eq!(states(&outcome.effects), [EffectState::Verified; 3]);
        assert_eq!(outcome.changed.is_empty(), pass > 0, "{outcome:?}");
        let now = lab.read("etc/codex/managed_config.toml");
        assert_eq!(written.get_or_insert(now.clone()), &now);
    }
    Ok(())
}

#[test]
fn a_name_that_means_different_things_is_left_to_the_homes() -> anyhow::Result<()> {
    let lab = Lab::new()?;
    let at = |mut server: tidegate_discovery::Located, shared| {
        let keys = ["mcp_servers", "bad"];
        let entry = entered("codex", "bad", "/x".as_ref(), Format::Toml, &keys).entry;
        server.entry = entry.map(|entry| tidegate_discovery::Entry { shared, ..entry });
        server.server.name = "bad".into();
        server
    };
    for client in ["codex", "gemini-cli", "opencode"] {
        let (bad, good) = (located(client, "bad"), at(located(client, "good"), false));
        for (shared, expected) in [(false, None), (true, Some(EffectState::Unsupported))] {
            let homes = [
                (ann(), found(vec![at(bad.clone(), shared)])),
                (bob(), found(vec![good.clone()])),
            ];
            let outcome = lab.pass(&homes, &denied(&[&bad]));
            assert_eq!(states(&outcome.effects).first().copied(), expected);
            assert!(lab.tree().values().all(Option::is_none), "{:?}", lab.tree());
        }
    }
    // The same name over another transport: Codex would stop.
    let mut other = at(located("codex", "worse"), true);
    other.server.transport = Transport::Http;
    let bad = at(located("codex", "bad"), true);
    let homes = [
        (ann(), found(vec![bad.clone()])),
        (bob(), found(vec![other.clone()])),
    ];
    let outcome = lab.pass(&homes, &denied(&[&bad, &other]));
    assert_eq!(states(&outcome.effects), [EffectState::Unsupported; 2]);
    Ok(())
}

#[test]
fn codex_requires_what_may_run() -> anyhow::Result<()> {
    let lab = Lab::new()?;
    let mut good = located("codex", "good");
    good.raw.args.push("--key=tops3cret".into());
    good.server.args.push("--key=…".into());
    good.secret = true;
    let net = remote("codex", "net", "https://mcp.example.com/sse");
    let mut document = policy(&[(&good, Decision::Approved), (&net, Decision::Approved)]);
    document.default_mcp_decision = Decision::Denied;
    let new = located("codex", "new");
    lab.anns(&[&good, &net, &new], &document);
    let text = lab.read("etc/codex/requirements.toml");
    assert_eq!(
        text,
        "[mcp_servers]\n\
         good = { identity = { command = { args = [{ match = \"exact\", value = \"-y\" }, { match = \"exact\", \
         value = \"pkg-good\" }, { expression = \"(?s).*\", match = \"regex\" }], executable = \"npx\" } } }\n\
         net = { identity = { url = \"https://mcp.example.com/sse\" } }\n"
    );
    assert!(
        lab.read("etc/codex/managed_config.toml")
            .contains("[mcp_servers.new]")
    );
    // The organisation has one.
    lab.anns(&[&good], &Document::ungoverned());
    lab.put("etc/codex/requirements.toml", "mcp_servers = {}\n")?;
    lab.anns(&[&good, &new], &document);
    assert_eq!(
        lab.read("etc/codex/requirements.toml"),
        "mcp_servers = {}\n"
    );
    Ok(())
}

#[test]
fn gemini_gets_a_rule_with_the_reason_and_a_list() -> anyhow::Result<()> {
    let lab = Lab::new()?;
    let bad = located("gemini-cli", "bad");
    let mut document = denied(&[&bad]);
    document.mcp_servers[0].note = Some("it \"phones\" home".into());
    let outcome = lab.anns(&[&bad, &located("gemini-cli", "good")], &document);
    assert_eq!(
        lab.read("etc/gemini-cli/policies/tidegate.toml"),
        "# Written by Tidegate; changes are undone.\n\n[[rule]]\nmcpName = \"bad\"\ntoolName = \"*\"\ndecision = \"deny\"\n\
         priority = 999\ndenyMessage = 'Your organisation denied this MCP server: it \"phones\" home'\n"
    );
    assert_eq!(
        lab.read("etc/gemini-cli/settings.json"),
        "{\"mcp\": {\"excluded\": [\"bad\"]}}\n"
    );
    assert_eq!(states(&outcome.effects), [EffectState::Verified]);
    assert!(
        outcome.effects[0]
            .detail
            .as_ref()
            .is_some_and(|detail| detail.contains("advisory"))
    );
    document.default_mcp_decision = Decision::Denied;
    lab.anns(&[&bad], &document);
    assert_eq!(
        lab.read("etc/gemini-cli/settings.json"),
        "{\"mcp\": {\"excluded\": [\"bad\"], \"allowed\": [\"none-is-approved\"]}}\n"
    );
    lab.anns(&[], &Document::ungoverned());
    assert!(lab.tree().values().all(Option::is_none));
    Ok(())
}

#[test]
fn opencode_gets_the_flag_in_whatever_file_there_is() -> anyhow::Result<()> {
    let lab = Lab::new()?;
    let first = entered(
        "opencode",
        "bad",
        "/x".as_ref(),
        Format::Jsonc,
        &["mcp", "bad"],
    );
    let second = entered(
        "opencode",
        "new",
        "/x".as_ref(),
        Format::Jsonc,
        &["mcp", "servers", "new"],
    );
    let document = denied(&[&first, &second]);
    let outcome = lab.anns(&[&first, &second], &document);
    assert_eq!(states(&outcome.effects), [EffectState::Verified; 2]);
    assert_eq!(
        lab.read("etc/opencode/opencode.json"),
        "{\"mcp\": {\"bad\": {\"enabled\": false}, \"servers\": {\"new\": {\"enabled\": false}}}}\n"
    );
    lab.anns(&[], &Document::ungoverned());
    let theirs = "{ /* org */ \"mcp\": {} }";
    lab.put("etc/opencode/opencode.jsonc", theirs)?;
    lab.anns(&[&first], &document);
    assert!(
        lab.read("etc/opencode/opencode.jsonc")
            .contains("/* org */")
    );
    assert!(
        lab.read("etc/opencode/opencode.jsonc")
            .contains("\"bad\": {\"enabled\": false}")
    );
    lab.anns(&[], &document);
    assert_eq!(lab.read("etc/opencode/opencode.jsonc"), theirs);
    Ok(())
}
