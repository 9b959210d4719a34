//! Whether anything changed: one small read, by which every node's console knows what to look at again.
//!
//! Changes by admins are in the audit log and calls in the request log, so their ends tell. What devices
//! say is in neither: it is counted, by topic.

use std::collections::BTreeSet;

use uuid::Uuid;

use crate::{
    Store, StoreError,
    sql::{Row, Sql, params},
};

/// What devices said something about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Beat {
    /// What somebody asks for.
    AccessRequests,
    /// A device: that it is there, or how it does.
    Devices,
    /// What came of decisions.
    Effects,
    /// What is installed.
    Inventory,
}

impl Beat {
    const ALL: [Self; 4] = [
        Self::AccessRequests,
        Self::Devices,
        Self::Effects,
        Self::Inventory,
    ];

    const fn topic(self) -> &'static str {
        match self {
            Self::AccessRequests => "access_requests",
            Self::Devices => "devices",
            Self::Effects => "effects",
            Self::Inventory => "inventory",
        }
    }
}

/// Where everything stood at one moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pulse {
    /// The revision of what devices obey.
    pub policy: u64,
    /// The place of the newest audit entry.
    pub audit: u64,
    /// The newest logged call.
    pub request: Option<Uuid>,
    /// How often devices said something about each topic.
    pub beats: Vec<(Beat, u64)>,
}

impl Pulse {
    /// What devices said something about since `before`.
    #[must_use]
    pub fn beats_since(&self, before: &Self) -> Vec<Beat> {
        let same = |beat: &(Beat, u64)| before.beats.contains(beat);
        let beats = self.beats.iter().filter(|beat| !same(beat));
        beats.map(|(beat, _)| *beat).collect()
    }
}

/// The most audit entries that are looked at for their actions; after more, everything may have changed.
const MOST: u64 = 1_000;

impl Store {
    /// Where everything stands.
    ///
    /// # Errors
    /// The store is unavailable.
    pub async fn pulse(&self) -> Result<Pulse, StoreError> {
        self.read(|sql| {
            let select = "SELECT audit_seq, (SELECT revision FROM edge_settings WHERE id = 1), \
                 (SELECT id FROM requests ORDER BY id DESC LIMIT 1) FROM control WHERE id = 1";
            let row = sql.one(select, &[], "schema")?;
            Ok(Pulse {
                audit: row.count(0)?,
                policy: row.count(1)?,
                request: row.opt(2, Row::uuid)?,
                beats: beats(sql)?,
            })
        })
        .await
    }

    /// How often devices said something about each topic.
    ///
    /// # Errors
    /// The store is unavailable.
    pub async fn beats(&self) -> Result<Vec<(Beat, u64)>, StoreError> {
        self.read(beats).await
    }

    /// The actions of the audit entries after this place; `None` where those are too many to look at.
    ///
    /// # Errors
    /// The store is unavailable.
    pub async fn audit_actions(&self, after: u64) -> Result<Option<Vec<String>>, StoreError> {
        self.read(move |sql| {
            let select = "SELECT seq, action FROM audit_log WHERE seq > $1 ORDER BY seq LIMIT $2";
            let rows = sql.query(select, &params![after, MOST + 1])?;
            if rows.len() as u64 > MOST {
                return Ok(None);
            }
            let actions = rows.iter().map(|row| row.text_owned(1));
            let actions = actions.collect::<Result<BTreeSet<_>, _>>()?;
            Ok(Some(actions.into_iter().collect()))
        })
        .await
    }
}

fn beats(sql: &mut dyn Sql) -> Result<Vec<(Beat, u64)>, StoreError> {
    let mut beats = Vec::with_capacity(Beat::ALL.len());
    for row in sql.query("SELECT topic, beat FROM pulses ORDER BY topic", &[])? {
        let topic = row.text(0)?;
        if let Some(beat) = Beat::ALL.into_iter().find(|beat| beat.topic() == topic) {
            beats.push((beat, row.count(1)?));
        }
    }
    Ok(beats)
}

/// Devices said something about these topics. The last statement of its transaction, so that nodes wait
/// for each other as shortly as can be, and in one order.
pub(crate) fn beat(
    sql: &mut dyn Sql,
    topics: impl IntoIterator<Item = Beat>,
) -> Result<(), StoreError> {
    let topics: BTreeSet<Beat> = topics.into_iter().collect();
    for topic in topics {
        let update = "UPDATE pulses SET beat = beat + 1 WHERE topic = $1";
        sql.execute(update, &params![topic.topic()])?;
    }
    Ok(())
}
