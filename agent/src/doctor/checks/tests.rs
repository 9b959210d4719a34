//! Each check, in order and out of order.

use serde_json::json;

use super::*;
use crate::doctor::report::Level;

#[test]
fn an_agent_in_force_is_fine_and_its_limits_are_told() {
    let view = json!({
        "connected": true, "gateway": "https://tide.example.com",
        "redirection": {"effective": true, "problem": null},
        "limitations": [{"name": "no_ipv6_loopback", "effect": "no IPv6"}],
    });
    let checks = agent(Ok(&view));
    let levels: Vec<_> = checks.iter().map(|check| check.level).collect();
    assert_eq!(levels, [Level::Fine, Level::Fine, Level::Note]);
    assert_eq!(checks[2].finding, "no IPv6");
}

#[test]
fn an_agent_that_does_nothing_is_a_problem() {
    let view = json!({
        "connected": false, "reason": "no answer", "policy_problem": "bad signature",
        "redirection": {"effective": false, "problem": "detached by someone"},
    });
    let checks = agent(Ok(&view));
    assert!(checks.iter().all(|check| check.level == Level::Problem));
    for (check, words) in checks.iter().zip(["detached", "no answer", "signature"]) {
        assert!(check.finding.contains(words), "{check:?}");
    }
    let error = anyhow::anyhow!("no agent answers");
    assert_eq!(agent(Err(&error))[0].level, Level::Problem);
    assert_eq!(agent(Ok(&Value::Null))[0].level, Level::Note);
}

#[test]
fn a_clock_that_is_wrong_is_told_by_the_leaf() -> anyhow::Result<()> {
    let mut parameters = rcgen::CertificateParams::new(vec![
        "*.example.com".to_owned(),
        "api.example.com".to_owned(),
    ])?;
    parameters.not_before = rcgen::date_time_ymd(2026, 1, 1);
    parameters.not_after = rcgen::date_time_ymd(2026, 1, 3);
    let key = rcgen::KeyPair::generate()?;
    let facts = leaf_facts(&parameters.self_signed(&key)?.pem())?;
    assert_eq!(facts.host, "api.example.com");
    let at = |time: &str| -> anyhow::Result<Check> { Ok(leaf(&facts, time.parse()?)) };
    let good = at("2026-01-01T12:00:00Z")?;
    assert_eq!(
        (good.level, good.finding.as_str()),
        (Level::Fine, "valid for another 36 hours")
    );
    let slow = at("2025-12-31T23:59:00Z")?;
    assert_eq!(slow.finding, "it becomes valid in 60 seconds");
    assert!(slow.todo.is_some_and(|todo| todo.contains("slow")));
    let late = at("2026-01-04T00:00:00Z")?;
    assert_eq!(
        (late.level, late.finding.as_str()),
        (Level::Problem, "it expired 24 hours ago")
    );
    assert!(leaf_facts("nothing").is_err());
    Ok(())
}

#[test]
fn pins_without_an_agent_are_a_problem() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let level = |wanted, runs| pins(folder.path(), wanted, runs).level;
    assert_eq!(level(false, true), Level::Fine);
    assert_eq!(level(true, true), Level::Problem);
    assert_eq!(level(true, false), Level::Note);
    std::fs::create_dir(folder.path().join("links"))?;
    std::fs::write(folder.path().join("links/connect4"), "")?;
    assert_eq!(level(true, true), Level::Fine);
    let check = pins(folder.path(), true, false);
    assert_eq!(check.level, Level::Problem);
    assert!(check.todo.is_some_and(|todo| todo.contains("detach")));
    Ok(())
}
