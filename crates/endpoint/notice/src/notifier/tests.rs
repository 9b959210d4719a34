//! In order, and never waiting for a desktop. Time is turned, no child is started.

use std::sync::Arc;

use tokio::{
    sync::{Mutex, mpsc},
    time::Instant,
};

use super::*;

type Call = (u32, String, Option<u32>);

/// Notes what it is to show; of some apps it never comes back.
struct Recorder {
    calls: mpsc::Sender<Call>,
    next: Mutex<u32>,
}

impl Deliver for Recorder {
    async fn deliver(
        &self,
        uid: u32,
        notice: &Notice,
        replaces: Option<NonZeroU32>,
    ) -> Result<Option<NonZeroU32>, ChildError> {
        let app = notice.app.as_str().to_owned();
        let call = (uid, app.clone(), replaces.map(NonZeroU32::get));
        self.calls.send(call).await.unwrap();
        match &*app {
            "stuck" => std::future::pending().await,
            "broken" => Err(ChildError::Silent),
            "nowhere" => Ok(None),
            _ => {
                let mut next = self.next.lock().await;
                *next += 1;
                Ok(NonZeroU32::new(*next))
            }
        }
    }
}

fn rig() -> (Notifier, mpsc::Receiver<Call>) {
    let (calls, called) = mpsc::channel(64);
    let recorder = Recorder {
        calls,
        next: Mutex::new(40),
    };
    (Notifier::start(recorder), called)
}

fn notice(app: &str) -> Notice {
    Notice {
        app: app.parse().unwrap(),
        server: None,
        reason: Some("why".into()),
        ask: None,
        granted: None,
    }
}

fn call(app: &str, replaces: Option<u32>) -> Option<Call> {
    Some((1000, app.to_owned(), replaces))
}

#[tokio::test(start_paused = true)]
async fn one_notification_and_then_its_replacement() {
    let (notifier, mut called) = rig();
    assert!(notifier.notify(1000, notice("claude-code")));
    assert!(notifier.notify(1000, notice("codex")));
    assert_eq!(called.recv().await, call("claude-code", None));
    assert_eq!(called.recv().await, call("codex", None));
    assert!(notifier.notify(1000, notice("codex")));
    assert!(notifier.notify(1000, notice("claude-code")));
    assert_eq!(called.recv().await, call("codex", Some(42)));
    assert_eq!(called.recv().await, call("claude-code", Some(41)));
}

#[tokio::test(start_paused = true)]
async fn a_stuck_desktop_costs_its_limit_and_no_more() {
    let (notifier, mut called) = rig();
    let began = Instant::now();
    for app in ["stuck", "broken", "nowhere", "codex"] {
        assert!(notifier.notify(1000, notice(app)));
    }
    assert_eq!(began.elapsed(), Duration::ZERO);
    for app in ["stuck", "broken", "nowhere", "codex"] {
        assert_eq!(called.recv().await, call(app, None));
    }
    assert_eq!(began.elapsed(), LIMIT);
    // What was not seen is not replaced.
    assert!(notifier.notify(1000, notice("broken")));
    assert_eq!(called.recv().await, call("broken", None));
    drop(notifier);
    assert_eq!(called.recv().await, None, "the notifier ends");
}

#[tokio::test(start_paused = true)]
async fn the_queue_is_bounded_and_texts_are_too() {
    let (notifier, mut called) = rig();
    assert!(notifier.notify(1000, notice("stuck")));
    assert_eq!(called.recv().await, call("stuck", None));
    let mut long = notice("codex");
    long.reason = Some("x".repeat(10_000_000));
    let taken = (0..1000)
        .filter(|_| notifier.notify(1000, long.clone()))
        .count();
    assert_eq!(taken, QUEUE);
    assert_eq!(called.recv().await, call("codex", None));
}

#[tokio::test]
async fn a_notifier_is_shared() {
    fn shared<T: Clone + Send + Sync>(_: &T) {}
    let (notifier, _called) = rig();
    shared(&Arc::new(notifier.clone()));
    shared(&notifier);
}
