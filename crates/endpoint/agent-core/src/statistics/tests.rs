//! Nothing is lost, whatever the order; and nothing grows without end.

use proptest::prelude::*;

use super::*;

#[derive(Debug, Clone)]
enum Step {
    See(u16, u8, Outcome),
    Send,
    Answered,
    Unanswered,
}

fn step() -> impl Strategy<Value = Step> {
    let outcome = prop::sample::select(vec![Outcome::Relayed, Outcome::Denied, Outcome::Pinned]);
    prop_oneof![
        20 => (0..400_u16, any::<u8>(), outcome).prop_map(|(app, path, outcome)| Step::See(app, path, outcome)),
        1 => Just(Step::Send),
        1 => Just(Step::Answered),
        1 => Just(Step::Unanswered),
    ]
}

fn observation(app: u16, path: u8, outcome: Outcome) -> Observation {
    Observation {
        app: format!("app-{app}").parse().unwrap(),
        version: path
            .is_multiple_of(2)
            .then(|| "1".repeat(usize::from(path))),
        path: "é".repeat(usize::from(path) * 4),
        uid: None,
        outcome,
    }
}

fn sum(rows: &BTreeMap<Row, Counts>) -> u64 {
    rows.values().map(|c| c.relayed + c.denied + c.pinned).sum()
}

proptest! {
    #[test]
    fn counts_are_never_lost(steps in prop::collection::vec(step(), 0..1500)) {
        let mut statistics = Statistics::default();
        let (mut seen, mut acknowledged) = (0, 0);
        for step in steps {
            match step {
                Step::See(app, path, outcome) => {
                    statistics.see(&observation(app, path, outcome));
                    seen += 1;
                }
                Step::Send => {
                    let rows = statistics.send();
                    // A row for each of 256, one more for the apps among them, one for all others.
                    prop_assert!(rows.len() <= 2 * MOST_ROWS + 1);
                    let sent: u64 = rows.iter().map(|row| row.relayed + row.denied + row.pinned).sum();
                    prop_assert_eq!(sent + acknowledged, seen);
                    prop_assert!(rows.iter().all(|row| row.path.len() <= LONGEST_PATH));
                }
                Step::Answered => {
                    acknowledged += sum(&statistics.sent);
                    statistics.answered();
                }
                Step::Unanswered => statistics.unanswered(),
            }
            prop_assert_eq!(sum(&statistics.fresh) + sum(&statistics.sent) + acknowledged, seen);
            let total = statistics.total();
            prop_assert_eq!(total.relayed + total.denied + total.pinned, seen);
            prop_assert!(statistics.apps.len() <= MOST_ROWS + 1);
        }
    }

    #[test]
    fn a_cut_is_a_beginning(text in "\\PC{0,20}", longest in 0..30_usize) {
        let short = cut(&text, longest);
        prop_assert!(text.starts_with(&short) && short.len() <= longest);
        prop_assert!(text.len() > longest || short == text);
    }
}
