//! One window of load on one target: closed or open loop, timed into histograms.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use hdrhistogram::Histogram;
use tokio::task::JoinSet;

use super::client::Connection;
use super::row::{Request, Row, Shape};

/// Times above a minute count as a minute.
const LONGEST: u64 = 60_000_000_000;
/// Requests per connection before anything is counted.
const WARM: usize = 3;

/// Nanoseconds.
pub(super) type Times = Histogram<u64>;

/// What a window measured.
#[derive(Debug)]
pub(super) struct Measured {
    pub(super) elapsed: Duration,
    pub(super) requests: u64,
    /// From sending (open loop: from when it was due) to the answer's last byte.
    pub(super) latency: Times,
    /// From sending to the body's first byte.
    pub(super) first: Times,
    /// Between two events of one stream.
    pub(super) gap: Times,
}

impl Measured {
    fn new() -> Result<Self> {
        let times = || Histogram::new_with_bounds(1, LONGEST, 3).context("histogram bounds");
        Ok(Self {
            elapsed: Duration::ZERO,
            requests: 0,
            latency: times()?,
            first: times()?,
            gap: times()?,
        })
    }

    fn add(&mut self, other: &Self) -> Result<()> {
        self.requests += other.requests;
        self.latency.add(&other.latency)?;
        self.first.add(&other.first)?;
        self.gap.add(&other.gap)?;
        Ok(())
    }
}

fn note(times: &mut Times, time: Duration) {
    times.saturating_record(u64::try_from(time.as_nanos()).unwrap_or(LONGEST).max(1));
}

/// Connections that are open and have answered a few requests each.
pub(super) async fn warm(
    address: SocketAddr,
    row: &Row,
    request: &Request,
) -> Result<Vec<Connection>> {
    let mut connections = Vec::with_capacity(row.connections);
    for _ in 0..row.connections {
        connections.push(Connection::open(address).await?);
    }
    let warming = if row.shape == Shape::Paced { 1 } else { WARM };
    let mut tasks = JoinSet::new();
    for mut connection in connections {
        let mut request = request.clone();
        tasks.spawn(async move {
            for _ in 0..warming {
                connection.exchange(request.next(), |_| {}).await?;
            }
            Ok::<_, anyhow::Error>(connection)
        });
    }
    tasks.join_all().await.into_iter().collect()
}

/// Loads the target for `window`. The first error of any connection is the result.
pub(super) async fn load(
    connections: Vec<Connection>,
    row: &Row,
    request: &Request,
    window: Duration,
) -> Result<Measured> {
    let start = Instant::now();
    let count = connections.len();
    let mut tasks = JoinSet::new();
    for (index, connection) in connections.into_iter().enumerate() {
        let request = request.clone();
        match row.shape {
            Shape::Open(rate) => {
                // Every connection owns each `count`-th slot of one common schedule.
                let slot = Duration::from_secs(1) / rate;
                let due = start + slot * u32::try_from(index)?;
                let step = slot * u32::try_from(count)?;
                tasks.spawn(open(connection, request, due, step, start + window));
            }
            Shape::Burst | Shape::Closed | Shape::Paced => {
                tasks.spawn(closed(connection, request, start + window));
            }
        }
    }
    let mut all = Measured::new()?;
    while let Some(one) = tasks.join_next().await {
        all.add(&one??)?;
    }
    all.elapsed = start.elapsed();
    Ok(all)
}

async fn closed(
    mut connection: Connection,
    mut request: Request,
    end: Instant,
) -> Result<Measured> {
    let mut measured = Measured::new()?;
    while Instant::now() < end {
        let next = request.next();
        let sent = Instant::now();
        exchange(&mut connection, next, sent, &mut measured).await?;
    }
    Ok(measured)
}

async fn open(
    mut connection: Connection,
    mut request: Request,
    mut due: Instant,
    step: Duration,
    end: Instant,
) -> Result<Measured> {
    let mut measured = Measured::new()?;
    while due < end {
        tokio::time::sleep_until(due.into()).await;
        // The timer is coarse (1 ms): time from when it was due or from when it could be
        // sent, whichever is later, unless the answer before came too late for it.
        let late = Instant::now();
        let sent = if late - due < Duration::from_millis(2) {
            late
        } else {
            due
        };
        exchange(&mut connection, request.next(), sent, &mut measured).await?;
        due += step;
    }
    Ok(measured)
}

async fn exchange(
    connection: &mut Connection,
    request: &[u8],
    sent: Instant,
    measured: &mut Measured,
) -> Result<()> {
    let mut last = None;
    let gaps = &mut measured.gap;
    let timing = connection
        .exchange(request, |now| {
            if let Some(last) = last.replace(now) {
                note(gaps, now - last);
            }
        })
        .await?;
    measured.requests += 1;
    note(&mut measured.latency, timing.end - sent);
    note(&mut measured.first, timing.first - sent);
    Ok(())
}
