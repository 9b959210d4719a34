//! Clients that refuse what was written for them, that are broken anyway, that cannot be tried.

use std::{
    fs, io,
    path::PathBuf,
    sync::atomic::{AtomicUsize, Ordering},
};

use tidegate_device_api::EffectState;
use tidegate_discovery::Places;

use super::{
    super::{
        Judged,
        fixture::{denied, located},
        judge, on_trial, try_out,
    },
    Lab, states, undo_machine,
};
use crate::{Canary, CanaryError, canary::Client, machine::fixture::places};

const FILE: &str = "etc/opencode/opencode.json";

/// Refuses as long as a file holds a word.
struct Picky {
    file: PathBuf,
    word: &'static str,
    runs: AtomicUsize,
}

impl Picky {
    fn of(lab: &Lab, word: &'static str) -> Self {
        Self {
            file: lab.root.path().join(FILE),
            word,
            runs: AtomicUsize::new(0),
        }
    }

    fn runs(&self) -> usize {
        self.runs.load(Ordering::Relaxed)
    }
}

impl Canary for Picky {
    fn run(&self, _: Client) -> Result<(), CanaryError> {
        self.runs.fetch_add(1, Ordering::Relaxed);
        match fs::read_to_string(&self.file) {
            Ok(text) if text.contains(self.word) => Err(refusal()),
            _ => Ok(()),
        }
    }
}

fn clients(places: &Places) -> Vec<Client> {
    on_trial(places)
        .into_iter()
        .map(|(client, _)| client)
        .collect()
}

fn what(places: &Places) -> String {
    on_trial(places).into_iter().map(|(_, what)| what).collect()
}

fn refusal() -> CanaryError {
    CanaryError::Refused("exit status: 1".into())
}

fn lab() -> anyhow::Result<Lab> {
    let mut lab = Lab::new()?;
    lab.settings.trial = true;
    lab.put(FILE, "{\"theme\":\"x\"}")?;
    Ok(lab)
}

#[test]
fn what_a_client_refuses_is_taken_back_to_what_it_took_last_and_not_tried_again()
-> anyhow::Result<()> {
    let lab = lab()?;
    let places = places(lab.root.path());
    let canary = Picky::of(&lab, "worse");
    let (bad, worse) = (located("opencode", "bad"), located("opencode", "worse"));
    let first = lab.anns(&[&bad], &denied(&[&bad]));
    assert_eq!(states(&first.effects), [EffectState::Verified]);
    assert_eq!(clients(&places), [Client::OpenCode]);
    assert!(try_out(&places, &canary).changed.is_empty());
    assert_eq!((canary.runs(), on_trial(&places)), (1, vec![]));
    let good = lab.read(FILE);
    let both = denied(&[&bad, &worse]);
    lab.anns(&[&bad, &worse], &both);
    assert!(lab.read(FILE).contains("worse"));
    let tried = try_out(&places, &canary);
    // Taken back, written once more, and taken back for good.
    assert_eq!((lab.read(FILE), tried.changed.len()), (good, 3));
    // Once with it, once without, and once more with it.
    assert_eq!((canary.runs(), on_trial(&places)), (4, vec![]));
    for _ in 0..2 {
        let again = lab.anns(&[&bad, &worse], &both);
        assert_eq!(
            states(&again.effects),
            [EffectState::Verified, EffectState::Failed]
        );
        let why = again.effects[1].detail.as_ref();
        assert!(why.is_some_and(|why| why.contains("taken back") && why.contains("status: 1")));
        assert!(again.changed.is_empty() && on_trial(&places).is_empty());
    }
    drop(undo_machine(&places));
    assert_eq!(lab.read(FILE), "{\"theme\":\"x\"}");
    assert!(!places.root.join("var/lib/tidegate-edge-enforce").exists());
    Ok(())
}

#[test]
fn a_client_that_is_broken_anyway_takes_no_policy_away() -> anyhow::Result<()> {
    let lab = lab()?;
    let places = places(lab.root.path());
    let canary = Picky::of(&lab, "");
    let bad = located("opencode", "bad");
    let document = denied(&[&bad]);
    lab.anns(&[&bad], &document);
    let written = lab.read(FILE);
    let tried = try_out(&places, &canary);
    assert_eq!((lab.read(FILE), canary.runs()), (written, 2));
    assert!(tried.problems[0].contains("without our policy as well"));
    // Nor is it run again and again.
    let again = lab.anns(&[&bad], &document);
    assert_eq!(states(&again.effects), [EffectState::Verified]);
    assert!(on_trial(&places).is_empty());
    drop(undo_machine(&places));
    assert!(!places.root.join("var/lib/tidegate-edge-enforce").exists());
    Ok(())
}

#[test]
fn one_that_cannot_be_tried_says_nothing() -> anyhow::Result<()> {
    let lab = lab()?;
    let places = places(lab.root.path());
    let bad = located("opencode", "bad");
    lab.anns(&[&bad], &denied(&[&bad]));
    let written = lab.read(FILE);
    let untried = Err(CanaryError::Untried(io::ErrorKind::TimedOut.into()));
    let what = what(&places);
    let (judged, outcome) = judge(&places, Client::OpenCode, &what, &untried);
    assert_eq!((judged, lab.read(FILE)), (Judged::Stays, written));
    assert!(outcome.problems[0].contains("could not be tried"));
    assert!(on_trial(&places).is_empty());
    Ok(())
}

#[test]
fn a_pass_in_the_midst_of_a_trial_neither_writes_it_again_nor_ends_it() -> anyhow::Result<()> {
    let lab = lab()?;
    let places = places(lab.root.path());
    let (bad, other) = (located("opencode", "bad"), located("opencode", "other"));
    let document = denied(&[&bad]);
    lab.anns(&[&bad], &document);
    // The agent was killed before the client was run: the next one tries it.
    lab.anns(&[&bad], &document);
    assert_eq!(clients(&places), [Client::OpenCode]);
    let first = what(&places);
    let (judged, _) = judge(&places, Client::OpenCode, &first, &Err(refusal()));
    assert_eq!(judged, Judged::Again);
    // What was said before it was taken back says nothing about what is there now.
    assert_eq!(
        judge(&places, Client::OpenCode, &first, &Ok(())).0,
        Judged::Again
    );
    let outcome = lab.anns(&[&bad], &document);
    assert_eq!(states(&outcome.effects), [EffectState::Failed]);
    assert!(!lab.read(FILE).contains("bad"));
    // Something else is decided meanwhile: that is another trial.
    let both = denied(&[&bad, &other]);
    lab.anns(&[&bad, &other], &both);
    assert!(lab.read(FILE).contains("other"));
    assert_eq!(
        judge(&places, Client::OpenCode, &first, &Ok(())).0,
        Judged::Again
    );
    let now = what(&places);
    assert_eq!(
        judge(&places, Client::OpenCode, &now, &Ok(())).0,
        Judged::Stays
    );
    assert!(lab.read(FILE).contains("other") && on_trial(&places).is_empty());
    // What is lifted leaves nothing to be tried.
    lab.anns(&[&bad], &document);
    lab.anns(&[&bad], &denied(&[]));
    assert!(on_trial(&places).is_empty());
    assert_eq!(lab.read(FILE), "{\"theme\":\"x\"}");
    Ok(())
}

#[test]
fn a_name_that_the_client_would_read_as_a_files_is_not_written() -> anyhow::Result<()> {
    let lab = lab()?;
    let (bad, evil) = (
        located("opencode", "bad"),
        located("opencode", "{file:/none}"),
    );
    lab.anns(&[&bad, &evil], &denied(&[&bad, &evil]));
    let text = lab.read(FILE);
    assert!(text.contains("bad") && !text.contains("{file:"), "{text}");
    Ok(())
}

#[test]
fn the_same_written_again_is_another_trial() -> anyhow::Result<()> {
    let lab = lab()?;
    let places = places(lab.root.path());
    let bad = located("opencode", "bad");
    let document = denied(&[&bad]);
    lab.anns(&[&bad], &document);
    let first = what(&places);
    lab.anns(&[&bad], &denied(&[]));
    lab.anns(&[&bad], &document);
    // A client that was run while nothing was there.
    assert_eq!(
        judge(&places, Client::OpenCode, &first, &Ok(())).0,
        Judged::Again
    );
    assert_eq!(clients(&places), [Client::OpenCode]);
    Ok(())
}

#[test]
fn a_client_that_failed_once_for_a_reason_of_its_own_takes_no_policy_away() -> anyhow::Result<()> {
    let lab = lab()?;
    let places = places(lab.root.path());
    let bad = located("opencode", "bad");
    let document = denied(&[&bad]);
    lab.anns(&[&bad], &document);
    let written = lab.read(FILE);
    let said = [Err(refusal()), Ok(()), Ok(())];
    let mut problems = Vec::new();
    let steps = said.map(|said| {
        let (judged, mut outcome) = judge(&places, Client::OpenCode, &what(&places), &said);
        problems.append(&mut outcome.problems);
        (judged, lab.read(FILE).contains("bad"))
    });
    assert_eq!(
        steps,
        [
            (Judged::Again, false),
            (Judged::Again, true),
            (Judged::Stays, true)
        ]
    );
    assert!(
        problems[0].contains("status: 1, and started"),
        "{problems:?}"
    );
    assert_eq!(lab.read(FILE), written);
    // A pass sees the decision in force, and begins no other trial.
    let again = lab.anns(&[&bad], &document);
    assert_eq!(states(&again.effects), [EffectState::Verified]);
    assert!(again.changed.is_empty() && on_trial(&places).is_empty());
    Ok(())
}
