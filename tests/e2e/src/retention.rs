//! Logged calls go when their time is over; what they cost stays.

use std::sync::Arc;

use tidegate::{config::Config, serve::start};
use tidegate_harness::Rig;
use tidegate_store::{Bucket, UsageFilter, UsageGroup, UsageQuery};
use tidegate_types::{Clock, ManualClock, SystemClock};

use crate::prompts;

#[tokio::test]
async fn calls_past_their_retention_are_deleted_and_their_usage_stays() -> anyhow::Result<()> {
    let rig = Rig::start().await?;
    let key = rig.key("kept").await?;
    let body = prompts::chat("hello", false);
    rig.client()
        .post("/openai/v1/chat/completions", &key.secret, body)
        .await?;
    assert_eq!(rig.rows(&key).await?.len(), 1);
    for (days, left) in [(6, 1), (8, 0)] {
        let text = format!(
            "[listen]\ndata = \"127.0.0.1:0\"\ncontrol = \"127.0.0.1:0\"\n[store]\nurl = \
             \"sqlite:test.db\"\njournal = \"journal-{days}\"\n[retention]\nrequests = \
             \"7d\"\n[[providers]]\nname = \"openai\"\ndialect = \"openai\"\nbase_url = \"{}\"\n",
            rig.standin.url()
        );
        let config = Config::parse(&text, rig.dir())?;
        let later = SystemClock::default()
            .now()
            .plus(std::time::Duration::from_secs(days * 86_400));
        let other = start(config, Arc::new(ManualClock::at(later))).await?;
        other.swept().await?;
        other.stop().await;
        assert_eq!(rig.rows(&key).await?.len(), left, "after {days} days");
    }
    let now = SystemClock::default().now();
    let hour = std::time::Duration::from_secs(3_600);
    let query = UsageQuery {
        from: tidegate_types::Timestamp::from_micros(now.micros() - 3_600_000_000),
        to: now.plus(hour),
        bucket: Bucket::Hour,
        group_by: UsageGroup::None,
        filter: UsageFilter::default(),
    };
    let usage = rig.store.usage(query).await?;
    assert_eq!(usage.iter().map(|point| point.requests).sum::<u64>(), 1);
    Ok(())
}
