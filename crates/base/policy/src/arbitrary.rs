//! Documents by chance, over names so few that they meet.

use proptest::prelude::*;

use crate::{
    AppId, AppRule, Decision, Document, FailMode, HostName, HostRule, Mode, Pinned, Treatment,
};

pub(crate) fn host() -> impl Strategy<Value = HostName> {
    "(a|b|ab)(\\.(a|b|ab)){0,3}".prop_map(|text| text.parse().unwrap())
}

pub(crate) fn app() -> impl Strategy<Value = AppId> {
    prop_oneof![
        "app-[0-4]".prop_map(|text| text.parse().unwrap()),
        Just(AppId::unknown())
    ]
}

fn treatment() -> impl Strategy<Value = Treatment> {
    prop::sample::select(vec![Treatment::Governed, Treatment::Ignored])
}

fn decision() -> impl Strategy<Value = Decision> {
    prop::sample::select(vec![
        Decision::Approved,
        Decision::Denied,
        Decision::Pending,
    ])
}

fn mode() -> impl Strategy<Value = Mode> {
    prop::sample::select(vec![Mode::Gateway, Mode::PassThrough])
}

fn pinned() -> impl Strategy<Value = Pinned> {
    prop::sample::select(vec![Pinned::Block, Pinned::Bypass])
}

fn app_rule() -> impl Strategy<Value = AppRule> {
    let note = prop::option::of("\\PC{0,12}");
    (app(), decision(), mode(), pinned(), note).prop_map(|(app, decision, mode, pinned, note)| {
        AppRule {
            app,
            decision,
            mode,
            pinned,
            note,
        }
    })
}

/// Rules for a host are not said twice: the gateway's store has one row for each.
pub(crate) fn document() -> impl Strategy<Value = Document> {
    let hosts = prop::collection::btree_map(host(), treatment(), 0..8).prop_map(|rules| {
        let rule = |(host, treatment)| HostRule { host, treatment };
        rules.into_iter().map(rule).collect::<Vec<_>>()
    });
    let apps = prop::collection::vec(app_rule(), 0..4);
    let rest = (
        any::<u64>(),
        any::<u32>(),
        any::<bool>(),
        decision(),
        mode(),
        pinned(),
    );
    let never = prop::collection::vec(host(), 0..2);
    (hosts, apps, never, rest).prop_map(|(hosts, apps, never_block, rest)| {
        let (revision, check_in_seconds, open, default_decision, default_mode, default_pinned) =
            rest;
        Document {
            revision,
            fail: if open {
                FailMode::Open
            } else {
                FailMode::Closed
            },
            check_in_seconds,
            hosts,
            apps,
            default_decision,
            default_mode,
            default_pinned,
            never_block,
            ..Document::ungoverned()
        }
    })
}
