//! What an address may do, and that the table neither grows nor is misled.

use tidegate_types::{ManualClock, Timestamp};

use super::*;

const LIMITS: AddressLimits = AddressLimits {
    connections: 3,
    connection_rate: 5,
    failures: 2,
};

fn table() -> (Arc<Addresses>, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::at(Timestamp::from_micros(1)));
    let metrics = Arc::new(Metrics::new("1"));
    let shared: Arc<dyn Clock> = Arc::<ManualClock>::clone(&clock);
    (Addresses::new(shared, metrics), clock)
}

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

#[test]
fn so_many_connections_at_once_and_a_closed_one_makes_room() {
    let (table, clock) = table();
    let from = ip("203.0.113.9");
    let mut held: Vec<_> = (0..3)
        .map(|_| table.connect(from, &LIMITS).unwrap())
        .collect();
    let refused = table.connect(from, &LIMITS).unwrap_err();
    assert_eq!(refused, AddressRefusal::Connections);
    assert!(
        table.connect(ip("203.0.113.10"), &LIMITS).is_ok(),
        "another address"
    );
    held.pop();
    clock.advance(Duration::from_secs(1));
    assert!(table.connect(from, &LIMITS).unwrap().is_some());
    let counted = table.metrics.encode();
    assert!(
        counted.contains(r#"tidegate_address_refusals_total{limit="connections"} 1"#),
        "{counted}"
    );
}

#[test]
fn so_many_new_ones_in_a_second_and_refused_ones_count() {
    let (table, clock) = table();
    let from = ip("2001:db8:1:2::9");
    for _ in 0..5 {
        drop(table.connect(from, &LIMITS).unwrap());
    }
    for other in ["2001:db8:1:2::9", "2001:db8:1:2:ffff::1"] {
        let refused = table.connect(ip(other), &LIMITS).unwrap_err();
        assert_eq!(
            refused,
            AddressRefusal::ConnectionRate,
            "{other} is in the same /64"
        );
    }
    assert!(
        table.connect(ip("2001:db8:1:3::9"), &LIMITS).is_ok(),
        "another /64"
    );
    clock.advance(Duration::from_secs(1));
    assert!(table.connect(from, &LIMITS).is_ok());
}

#[test]
fn who_fails_too_often_is_barred_for_the_rest_of_the_minute() {
    let (table, clock) = table();
    let (from, other) = (ip("203.0.113.9"), ip("203.0.113.10"));
    table.failed(from, &LIMITS);
    assert_eq!(table.barred(from, &LIMITS), None);
    clock.advance(Duration::from_secs(20));
    table.failed(from, &LIMITS);
    assert_eq!(table.barred(from, &LIMITS), Some(Duration::from_secs(40)));
    assert_eq!(table.barred(other, &LIMITS), None);
    assert_eq!(
        table.barred(ip("::ffff:203.0.113.9"), &LIMITS),
        Some(Duration::from_secs(40))
    );
    clock.advance(Duration::from_secs(40));
    assert_eq!(table.barred(from, &LIMITS), None);
    table.failed(from, &LIMITS);
    assert_eq!(table.barred(from, &LIMITS), None, "another minute");
}

#[test]
fn this_machine_is_not_limited() {
    let (table, _) = table();
    for from in ["127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1"] {
        for _ in 0..10 {
            assert!(table.connect(ip(from), &LIMITS).unwrap().is_none());
            table.failed(ip(from), &LIMITS);
        }
        assert_eq!(table.barred(ip(from), &LIMITS), None);
    }
}

#[test]
fn a_flood_of_addresses_neither_grows_the_table_nor_forgets_who_is_connected() {
    let (table, _) = table();
    let from = ip("203.0.113.9");
    let held: Vec<_> = (0..3)
        .map(|_| table.connect(from, &LIMITS).unwrap())
        .collect();
    for number in 0..400_000_u32 {
        let other = IpAddr::from(std::net::Ipv4Addr::from(0x0a00_0000 + number));
        drop(table.connect(other, &LIMITS).unwrap());
    }
    assert_eq!(
        table.connect(from, &LIMITS).unwrap_err(),
        AddressRefusal::Connections
    );
    drop(held);
    assert_eq!(table.sets.len() * PLACES, 32_768);
}
