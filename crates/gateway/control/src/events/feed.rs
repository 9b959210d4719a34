//! One listener: what changed since it was last told, twice a second at most, until it may listen no more.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::body::Bytes;
use futures::{Stream, stream};
use tokio::{
    sync::{OwnedSemaphorePermit, mpsc, watch},
    time::{Instant, MissedTickBehavior},
};

use super::topic::{Marks, Topic};
use crate::{app::App, guard::identity::Admin};

/// The shortest time between two events.
const CALM: Duration = Duration::from_millis(500);

/// What comes together is told together.
const GATHER: Duration = Duration::from_millis(30);

/// How often a comment shows that the connection stands, and it is asked whether the caller may stay.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// A reader that takes nothing for so long is dropped.
const PATIENCE: Duration = Duration::from_secs(10);

/// Events that wait for the connection to take them.
const QUEUE: usize = 4;

const GREETING: &str = "retry: 2000\n\nevent: ready\ndata: {}\n\n";

/// Starts to tell a caller what changes. It ends when what is returned is dropped.
pub(super) fn start(
    app: Arc<App>,
    admin: Admin,
    marks: watch::Receiver<Marks>,
    seat: OwnedSemaphorePermit,
) -> impl Stream<Item = Result<Bytes, Infallible>> {
    let (sender, mut receiver) = mpsc::channel(QUEUE);
    let closing = app.events.closing.subscribe();
    tokio::spawn(async move {
        let stands = || {
            let (app, admin) = (Arc::clone(&app), admin.clone());
            async move { admin.stands(&app).await }
        };
        feed(sender, marks, closing, stands).await;
        drop(seat);
    });
    stream::poll_fn(move |context| receiver.poll_recv(context).map(|event| event.map(Ok)))
}

/// Feeds a listener until it is gone, slow, not allowed any more, or the process ends.
async fn feed<F: Future<Output = bool>>(
    sender: mpsc::Sender<Bytes>,
    mut marks: watch::Receiver<Marks>,
    mut closing: watch::Receiver<bool>,
    stands: impl Fn() -> F,
) {
    let send = |event: String| {
        let sent = sender.send_timeout(event.into(), PATIENCE);
        async move { sent.await.is_ok() }
    };
    let mut told = *marks.borrow_and_update();
    if !send(GREETING.to_owned()).await {
        return;
    }
    let mut ticks = tokio::time::interval_at(Instant::now() + KEEP_ALIVE, KEEP_ALIVE);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut calm_at = Instant::now();
    loop {
        let event = tokio::select! {
            () = closed(&mut closing) => return,
            () = sender.closed() => return,
            _ = ticks.tick() => {
                if !stands().await {
                    return;
                }
                ": here\n\n".to_owned()
            }
            changed = changed(&mut marks, told, calm_at) => {
                let Some(now) = changed else { return };
                let topics = now.since(&told);
                told = now;
                let access = [Topic::Accounts, Topic::Sessions, Topic::Tokens];
                if topics.iter().any(|topic| access.contains(topic)) && !stands().await {
                    return;
                }
                calm_at = Instant::now() + CALM;
                changed_event(&topics)
            }
        };
        if !send(event).await {
            return;
        }
    }
}

/// The process is about to end. A dropped sender means the same.
async fn closed(closing: &mut watch::Receiver<bool>) {
    drop(closing.wait_for(|closing| *closing).await);
}

/// Waits for something that was not told, and until it is time to tell it. It may be broken off at any
/// moment: what was not told is found again.
async fn changed(
    marks: &mut watch::Receiver<Marks>,
    told: Marks,
    calm_at: Instant,
) -> Option<Marks> {
    marks.wait_for(|now| *now != told).await.ok()?;
    tokio::time::sleep_until(calm_at.max(Instant::now() + GATHER)).await;
    Some(*marks.borrow_and_update())
}

fn changed_event(topics: &[Topic]) -> String {
    let names: Vec<&str> = topics.iter().map(|topic| topic.name()).collect();
    let data = serde_json::json!({ "topics": names });
    format!("event: changed\ndata: {data}\n\n")
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    /// A listener that is fed; what it got, and the ends that the others hold.
    struct Bed {
        marks: watch::Sender<Marks>,
        closing: watch::Sender<bool>,
        allowed: Arc<AtomicBool>,
        receiver: mpsc::Receiver<Bytes>,
        task: tokio::task::JoinHandle<()>,
    }

    fn bed() -> Bed {
        let (marks, closing) = (watch::Sender::default(), watch::Sender::new(false));
        let allowed = Arc::new(AtomicBool::new(true));
        let (sender, receiver) = mpsc::channel(QUEUE);
        let (heard, closed) = (marks.subscribe(), closing.subscribe());
        let asked = Arc::clone(&allowed);
        let stands = move || {
            let allowed = asked.load(Ordering::SeqCst);
            async move { allowed }
        };
        let task = tokio::spawn(feed(sender, heard, closed, stands));
        Bed {
            marks,
            closing,
            allowed,
            receiver,
            task,
        }
    }

    impl Bed {
        async fn next(&mut self) -> String {
            let event = self.receiver.recv().await.unwrap();
            String::from_utf8(event.to_vec()).unwrap()
        }

        fn raise(&self, topics: &[Topic]) {
            self.marks.send_modify(|marks| marks.raise(topics));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn changes_are_gathered_and_told_twice_a_second_at_most() {
        let mut bed = bed();
        assert_eq!(bed.next().await, GREETING);
        let start = Instant::now();
        bed.raise(&[Topic::Keys]);
        bed.raise(&[Topic::Audit]);
        let first = bed.next().await;
        assert_eq!(
            first,
            "event: changed\ndata: {\"topics\":[\"audit\",\"keys\"]}\n\n"
        );
        assert!(start.elapsed() < Duration::from_millis(100));
        bed.raise(&[Topic::Keys]);
        assert!(bed.next().await.contains("[\"keys\"]"));
        assert!(start.elapsed() >= CALM);
        assert_eq!(bed.next().await, ": here\n\n");
        assert!(start.elapsed() >= KEEP_ALIVE);
    }

    #[tokio::test(start_paused = true)]
    async fn who_may_not_stay_is_sent_away_at_once_or_at_the_next_sign_of_life() {
        let mut one = bed();
        one.next().await;
        one.allowed.store(false, Ordering::SeqCst);
        one.raise(&[Topic::Keys]);
        assert!(one.next().await.contains("keys"));
        let start = Instant::now();
        one.task.await.unwrap();
        assert!(start.elapsed() <= KEEP_ALIVE);
        let mut other = bed();
        other.next().await;
        other.allowed.store(false, Ordering::SeqCst);
        let start = Instant::now();
        other.raise(&[Topic::Sessions]);
        other.task.await.unwrap();
        assert!(start.elapsed() <= CALM);
        assert_eq!(other.receiver.recv().await, None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_reader_that_takes_nothing_is_dropped() {
        let bed = bed();
        let start = Instant::now();
        // The greeting and three signs of life fill its queue.
        bed.task.await.unwrap();
        let full = KEEP_ALIVE * u32::try_from(QUEUE).unwrap();
        assert!(start.elapsed() <= full + PATIENCE);
    }

    #[tokio::test(start_paused = true)]
    async fn it_ends_when_the_process_does_and_when_the_reader_goes() {
        let mut one = bed();
        one.next().await;
        one.closing.send_replace(true);
        one.task.await.unwrap();
        let mut other = bed();
        other.next().await;
        drop(other.receiver);
        other.task.await.unwrap();
    }
}
