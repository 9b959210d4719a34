//! Scenes of one replica or two while the ledger works.

use super::*;

const HOUR: Duration = Duration::from_secs(3_600);

#[test]
fn a_budget_is_spent_to_the_last_micro_and_no_further() {
    let node = Node::alone(vec![budget(100, Window::Hour)], vec![]);
    for _ in 0..9 {
        node.spend(11);
    }
    assert_eq!(spent_in(node.admit(2)), 99);
    node.spend(1);
    assert_eq!(spent_in(node.admit(1)), 100);
    // A call that costs nothing cannot dodge it.
    assert_eq!(spent_in(node.admit(0)), 100);
    node.clock.advance(HOUR);
    node.spend(100);
}

#[test]
fn a_call_that_costs_nothing_passes_while_money_is_only_reserved() {
    let node = Node::alone(vec![budget(100, Window::Hour)], vec![]);
    let first = node.admit(100).unwrap();
    assert!(node.admit(0).is_ok());
    assert!(node.admit(1).is_err());
    drop(first);
    assert!(node.admit(1).is_ok());
}

#[test]
fn most_calls_never_ask_the_ledger() {
    let node = Node::alone(vec![budget(1_000_000, Window::Hour)], vec![]);
    for _ in 0..1_000 {
        node.spend(100);
    }
    assert!(node.ledger.calls() < 20, "{} calls", node.ledger.calls());
    assert_eq!(node.spent(START), 100_000);
}

#[test]
fn hammering_an_exhausted_budget_does_not_hammer_the_ledger() {
    let node = Node::alone(vec![budget(10, Window::Hour)], vec![]);
    let last = node.admit(10).unwrap();
    assert!(node.admit(5).is_err());
    let calls = node.ledger.calls();
    for cost in 1..100 {
        assert!(node.admit(cost).is_err());
    }
    assert_eq!(node.ledger.calls(), calls);
    // Money that comes back here is there at once, without asking.
    drop(node.settle(last, 4));
    assert!(node.admit(6).is_ok());
    assert_eq!(node.ledger.calls(), calls);
    // And after a moment the ledger is asked again.
    node.clock.advance(Duration::from_millis(250));
    assert!(node.admit(7).is_err());
    assert_eq!(node.ledger.calls(), calls + 1);
}

#[test]
fn admission_takes_all_or_nothing() {
    let budgets = vec![budget(100, Window::Hour), budget(10, Window::Day)];
    let node = Node::alone(budgets, vec![limit(Some(3), Some(50), Some(2))]);
    for _ in 0..20 {
        // The second budget refuses, after the limit and the first budget were taken from.
        assert!(matches!(node.ask(11, 50), Err(Denial::Budget { cap, .. }) if cap == usd(10)));
    }
    let first = node.ask(10, 20).unwrap();
    let (requests, tokens) = first.readings();
    assert_eq!(
        (requests.unwrap().remaining, tokens.unwrap().remaining),
        (2, 30)
    );
    assert_eq!(requests.unwrap().reset, Duration::from_secs(20));
    assert!(matches!(node.ask(0, 31), Err(Denial::Tokens { .. })));
    drop(first);
    // The drop gave tokens and money back; the request stays counted.
    let second = node.ask(10, 50).unwrap();
    assert_eq!(second.readings().0.unwrap().remaining, 1);
    let third = node.ask(0, 0).unwrap();
    assert!(matches!(
        node.ask(0, 0),
        Err(Denial::Concurrency { limit: 2, .. })
    ));
    drop(third);
    assert!(matches!(
        node.ask(0, 0),
        Err(Denial::Requests { limit: 3, .. })
    ));
    node.give_back_all();
    assert_eq!(node.leased(), 10);
}

#[test]
fn overshoot_is_owed_and_carried_into_the_next_window() {
    let node = Node::alone(vec![budget(100, Window::Hour)], vec![]);
    let call = node.admit(60).unwrap();
    drop(node.settle(call, 130));
    assert_eq!(spent_in(node.admit(1)), 130);
    let late = node.clock.now();
    node.clock.advance(HOUR);
    assert_eq!(spent_in(node.admit(71)), 30);
    node.spend(70);
    assert!(node.admit(1).is_err());
    assert_eq!(node.spent(late.plus(HOUR)), 100);
    // A whole idle window pays debt off.
    node.clock.advance(HOUR);
    let call = node.admit(100).unwrap();
    drop(node.settle(call, 190));
    node.clock.advance(HOUR * 2);
    node.spend(100);
}

#[test]
fn a_call_is_charged_to_the_window_it_was_reserved_in() {
    let node = Node::alone(vec![budget(100, Window::Hour)], vec![]);
    let call = node.admit(40).unwrap();
    node.clock.advance(HOUR);
    let next = node.admit(100).unwrap();
    let charges = node.settle(call, 50);
    assert_eq!(
        (charges[0].window_start, charges[0].amount),
        (START, usd(50))
    );
    assert_eq!((node.spent(START), node.spent(START.plus(HOUR))), (50, 0));
    drop(next);
    assert!(node.admit(100).is_ok());
}

#[test]
fn a_call_that_cost_nothing_makes_no_charges() {
    let node = Node::alone(
        vec![budget(100, Window::Hour), budget(9, Window::Day)],
        vec![],
    );
    let call = node.admit(5).unwrap();
    assert_eq!(call.amount(), usd(5));
    assert!(node.settle(call, 0).is_empty());
    let call = node.admit(5).unwrap();
    assert_eq!(node.settle(call, 3).len(), 2);
}

#[test]
fn idle_money_goes_back_and_leases_in_use_are_renewed() {
    let clock = Arc::new(ManualClock::at(START));
    let ledger = Arc::default();
    let governed = Governed {
        keys: vec![key()],
        budgets: vec![budget(1_000, Window::Hour)],
        ..Governed::default()
    };
    let [one, two] = [(), ()].map(|()| Node::new(&clock, &ledger, &governed));
    let call = one.admit(100).unwrap();
    drop(one.admit(200).unwrap());
    let held = one.leased();
    assert!(held >= 300);
    one.maintain();
    // Twice what was used in the period stays; a period of rest later only the call in flight.
    assert!(one.leased() >= 100);
    for _ in 0..8 {
        clock.advance(TTL / 3);
        one.maintain();
        assert_eq!(one.leased(), 100);
    }
    assert!(two.admit(901).is_err());
    clock.advance(Duration::from_millis(250));
    let other = two.admit(900).unwrap();
    assert!(one.admit(1).is_err());
    drop(one.settle(call, 100));
    drop(other);
    one.give_back_all();
    two.give_back_all();
    assert_eq!((one.leased(), one.spent(START)), (0, 100));
}

#[test]
fn a_raised_cap_counts_at_once_and_a_lowered_one_frees_no_old_money() {
    let mut node = Node::alone(vec![budget(100, Window::Hour)], vec![]);
    node.spend(60);
    assert!(node.admit(50).is_err());
    node.governed.budgets[0].cap = usd(200);
    node.recompile();
    drop(node.admit(140).unwrap());
    // 140 are leased here and free; under the new cap only 20 may still be spent.
    node.governed.budgets[0].cap = usd(80);
    node.recompile();
    assert!(node.admit(30).is_err());
    node.maintain();
    node.clock.advance(Duration::from_millis(250));
    assert!(node.admit(21).is_err());
    node.clock.advance(Duration::from_millis(250));
    node.spend(20);
    node.give_back_all();
    assert_eq!((node.leased(), node.spent(START)), (0, 80));
}

#[test]
fn a_deleted_budget_keeps_no_lease() {
    let mut node = Node::alone(vec![budget(100, Window::Hour)], vec![]);
    let permit = node.permit();
    drop(node.admit(50).unwrap());
    assert!(node.leased() >= 50);
    let id = node.governed.budgets.remove(0).id;
    node.recompile();
    node.maintain();
    assert_eq!(node.ledger.leased(id, node.clock.now()), usd(0));
    assert!(permit.has_budget("m") && !node.permit().has_budget("m"));
}

#[test]
fn a_budget_of_some_models_counts_only_those() {
    let pattern = "gpt-*".parse().unwrap();
    let some = Budget {
        model: Some(pattern),
        ..budget(10, Window::Hour)
    };
    let node = Node::alone(vec![some], vec![]);
    let permit = node.permit();
    let ask = |model| {
        let ask = Ask {
            model,
            cost: usd(11),
            tokens: TokenCount(0),
        };
        node.governor.admit(&permit, ask).now_or_never().unwrap()
    };
    assert!(ask("claude").is_ok() && ask("").is_ok());
    assert!(matches!(
        ask("gpt-5"),
        Err(Denial::Budget { model: Some(_), .. })
    ));
}
