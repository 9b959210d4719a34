//! How WebSockets learn that the gateway stops. Their calls have no end of their own that a drain could
//! wait for.

use std::time::Duration;

use tokio::sync::watch;

use super::tunnel::{Moved, silence};

/// A pause as long as this is taken for the end of what was being said.
const PAUSE: Duration = Duration::from_millis(250);

/// Whether the gateway stops.
#[derive(Debug, Default)]
pub(crate) struct Closing(watch::Sender<bool>);

impl Closing {
    /// The gateway stops: each WebSocket ends at the next pause in what is said, and before the drain
    /// does.
    pub(crate) fn close(&self) {
        self.0.send_replace(true);
    }

    /// Resolves when the gateway stops.
    pub(super) async fn said(&self) {
        // The sender is ours, so this waits for the word and nothing else.
        drop(self.0.subscribe().wait_for(|&closing| closing).await);
    }

    /// Resolves when this one is to end.
    pub(super) async fn stopping(&self, moved: &Moved, drain: Duration) {
        self.said().await;
        tokio::select! {
            () = silence(moved, PAUSE) => {}
            () = tokio::time::sleep(drain / 2) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::Instant;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn it_ends_at_a_pause_and_a_talkative_one_before_the_drain_does() {
        let drain = Duration::from_secs(30);
        let closing = Closing::default();
        let quiet = Moved::default();
        let open = tokio::time::timeout(drain, closing.stopping(&quiet, drain)).await;
        assert!(open.is_err(), "nobody said anything");
        closing.close();
        let start = Instant::now();
        closing.stopping(&quiet, drain).await;
        assert_eq!(start.elapsed(), PAUSE);

        let start = Instant::now();
        let talk = async {
            loop {
                tokio::time::sleep(PAUSE / 2).await;
                quiet.up(1);
            }
        };
        tokio::select! {
            () = closing.stopping(&quiet, drain) => {}
            () = talk => {}
        }
        assert_eq!(start.elapsed(), drain / 2);
    }
}
