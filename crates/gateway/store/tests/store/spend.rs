//! Budgets and limits as an admin sees them.

use std::time::Duration;

use tidegate_governance::{
    entity::{Alignment, Budget, Scope, Window},
    ledger::{Charge, LeaseRequest, Ledger as _},
};
use tidegate_store::{
    Actor, BudgetStatus, LimitPatch, NewBudget, NewLimit, RecorderConfig, StoreError,
};
use tidegate_types::{BudgetId, MicroUsd};

use crate::bed::{Bed, NOON, a_call, at, both, node, usd};

both!(
    a_budget_is_one_of_its_kind,
    limits_keep_a_rate,
    status_follows_the_ledger
);

async fn a_budget_is_one_of_its_kind(bed: &Bed) {
    let store = &bed.store;
    let new = NewBudget {
        scope: Scope::Organization,
        model: None,
        cap: usd(10),
        window: Window::Day,
        alignment: Alignment::Calendar,
    };
    let day = store.create_budget(Actor::Cli, new.clone()).await.unwrap();
    let again = store.create_budget(Actor::Cli, new.clone()).await;
    assert!(matches!(again, Err(StoreError::Conflict { .. })));
    let month = NewBudget {
        window: Window::Month,
        ..new.clone()
    };
    let month = store.create_budget(Actor::Cli, month).await.unwrap();
    let model = NewBudget {
        model: Some("o3*".parse().unwrap()),
        ..new.clone()
    };
    store.create_budget(Actor::Cli, model).await.unwrap();
    let debt = NewBudget {
        cap: usd(-1),
        ..new
    };
    let debt = store.create_budget(Actor::Cli, debt).await;
    assert!(matches!(
        debt,
        Err(StoreError::Invalid { field: "cap", .. })
    ));
    let raised = store
        .set_budget_cap(Actor::Cli, day.id, usd(11))
        .await
        .unwrap();
    assert_eq!(
        raised,
        Budget {
            cap: usd(11),
            ..day.clone()
        }
    );
    assert_eq!(
        store
            .budgets(Some(Scope::Organization), None, 9)
            .await
            .unwrap()
            .items
            .len(),
        3
    );
    store.delete_budget(Actor::Cli, month.id).await.unwrap();
    assert_eq!(
        store.budget(month.id).await,
        Err(StoreError::NotFound("budget"))
    );
    assert_eq!(store.budget(day.id).await, Ok(raised));
}

async fn limits_keep_a_rate(bed: &Bed) {
    let store = &bed.store;
    let new = NewLimit {
        scope: Scope::Organization,
        model: None,
        requests_per_minute: Some(60),
        tokens_per_minute: None,
        concurrency: None,
    };
    let limit = store.create_limit(Actor::Cli, new.clone()).await.unwrap();
    assert_eq!(store.limit(limit.id).await, Ok(limit.clone()));
    let again = store.create_limit(Actor::Cli, new.clone()).await;
    assert!(matches!(again, Err(StoreError::Conflict { .. })));
    let empty = LimitPatch {
        requests_per_minute: Some(None),
        ..LimitPatch::default()
    };
    let empty = store.patch_limit(Actor::Cli, limit.id, empty).await;
    assert!(matches!(empty, Err(StoreError::Invalid { .. })));
    let patch = LimitPatch {
        requests_per_minute: Some(None),
        tokens_per_minute: Some(Some(1_000)),
        concurrency: None,
    };
    let patched = store
        .patch_limit(Actor::Cli, limit.id, patch)
        .await
        .unwrap();
    let rates = (
        patched.requests_per_minute,
        patched.tokens_per_minute,
        patched.concurrency,
    );
    assert_eq!(rates, (None, Some(1_000), None));
    assert_eq!(store.limits(None, None, 9).await.unwrap().items, [patched]);
    let zero = NewLimit {
        requests_per_minute: Some(0),
        ..new
    };
    let zero = store.create_limit(Actor::Cli, zero).await;
    assert!(matches!(zero, Err(StoreError::Invalid { .. })));
    store.delete_limit(Actor::Cli, limit.id).await.unwrap();
    assert!(store.limits(None, None, 9).await.unwrap().items.is_empty());
}

async fn status_follows_the_ledger(bed: &Bed) {
    let store = &bed.store;
    let (recorder, handle) = store.recorder(RecorderConfig::default()).await.unwrap();
    let new = NewBudget {
        scope: Scope::Organization,
        model: None,
        cap: usd(100),
        window: Window::Hour,
        alignment: Alignment::FirstUse,
    };
    let budget = store.create_budget(Actor::Cli, new).await.unwrap();
    let status = async || store.budget_status(&[budget.id]).await.unwrap()[0];
    let zero = MicroUsd::ZERO;
    let unopened = BudgetStatus {
        budget: budget.id,
        window_start: None,
        window_end: None,
        spent: zero,
        leased: zero,
    };
    assert_eq!(status().await, unopened);

    let lease = LeaseRequest {
        budget: budget.id,
        cap: budget.cap,
        window: budget.window,
        alignment: budget.alignment,
        node: node(),
        need: usd(30),
        want: usd(10),
        now: at(NOON),
        ttl: Duration::from_secs(60),
    };
    store.lease(lease).await.unwrap();
    let open = BudgetStatus {
        window_start: Some(at(NOON)),
        window_end: Some(at(NOON + 3_600_000_000)),
        leased: usd(40),
        ..unopened
    };
    assert_eq!(status().await, open);
    let mut call = a_call(at(NOON), 130);
    let (window_start, amount) = (at(NOON), usd(130));
    call.charges.push(Charge {
        budget: budget.id,
        window_start,
        amount,
    });
    recorder.record(call);
    handle.flush().await.unwrap();
    bed.clock.advance(Duration::from_secs(60));
    assert_eq!(
        status().await,
        BudgetStatus {
            spent: usd(130),
            leased: zero,
            ..open
        }
    );
    bed.clock.advance(Duration::from_secs(3_600));
    let debt = BudgetStatus {
        spent: usd(30),
        ..unopened
    };
    assert_eq!(
        status().await,
        debt,
        "the next window will start with the debt"
    );
    let unknown = BudgetId::generate(at(NOON));
    assert_eq!(store.budget_status(&[unknown]).await, Ok(vec![]));
    handle.shutdown().await.unwrap();
}
