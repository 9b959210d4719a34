//! AI clients that run right now, and since when: one that began before its settings were changed may not
//! have read them.

use std::path::Path;

use tidegate_policy::AppId;

use super::environment::Environment;
use crate::{Home, Places, reading::read};

/// Ticks in a second of what proc(5) tells of processes: `USER_HZ`, 100 on every architecture that Linux
/// runs AI clients on.
const TICKS: u64 = 100;
/// `/proc/stat` of a machine with thousands of processors.
const LARGEST: u64 = 4 << 20;

/// The clients of a person that run, each with when it began, in seconds since 1970.
#[must_use]
pub fn clients_at_work(places: &Places, home: &Home) -> Vec<(AppId, u64)> {
    let Some(booted) = booted(places) else {
        return Vec::new();
    };
    let clients = Environment::of(places, home).clients;
    let began = |start: u64| booted.saturating_add(start / TICKS);
    clients
        .into_iter()
        .map(|(client, process)| (client, began(process.start)))
        .collect()
}

/// When the machine began, in seconds since 1970.
fn booted(places: &Places) -> Option<u64> {
    let stat = read(&places.real(Path::new("/proc/stat")), None, LARGEST).ok()?;
    let stat = String::from_utf8_lossy(&stat).into_owned();
    let line = stat.lines().find_map(|line| line.strip_prefix("btime "))?;
    line.trim().parse().ok()
}
