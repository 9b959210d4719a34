//! Windows at the edges of the calendar.

use proptest::prelude::*;

use super::*;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn calendar(window: Window, now: &str) -> (String, String) {
    let (start, end) = bounds(window, Alignment::Calendar, None, at(now));
    let short = |time: Timestamp| time.to_string().replace(":00.000000Z", "");
    (short(start), short(end))
}

fn first_use(window: Window, anchor: &str, now: &str) -> (Timestamp, Timestamp) {
    bounds(window, Alignment::FirstUse, Some(at(anchor)), at(now))
}

#[test]
fn calendar_windows_are_cut_in_utc() {
    let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
    let now = "2026-11-25T22:05:17.5Z";
    assert_eq!(
        calendar(Window::Minute, now),
        pair("2026-11-25T22:05", "2026-11-25T22:06")
    );
    assert_eq!(
        calendar(Window::Hour, now),
        pair("2026-11-25T22:00", "2026-11-25T23:00")
    );
    assert_eq!(
        calendar(Window::Day, now),
        pair("2026-11-25T00:00", "2026-11-26T00:00")
    );
    // A Wednesday: the Monday before it.
    assert_eq!(
        calendar(Window::Week, now),
        pair("2026-11-23T00:00", "2026-11-30T00:00")
    );
    assert_eq!(
        calendar(Window::Month, now),
        pair("2026-11-01T00:00", "2026-12-01T00:00")
    );
}

#[test]
fn a_boundary_belongs_to_the_window_it_starts() {
    let monday = "2026-11-23T00:00:00Z";
    assert_eq!(
        bounds(Window::Week, Alignment::Calendar, None, at(monday)).0,
        at(monday)
    );
    let before = Timestamp::from_micros(at(monday).micros() - 1);
    assert_eq!(
        bounds(Window::Week, Alignment::Calendar, None, before).1,
        at(monday)
    );
    let year = "2027-01-01T00:00:00Z";
    assert_eq!(calendar(Window::Month, year).0, "2027-01-01T00:00");
    assert_eq!(
        calendar(Window::Month, "2026-12-31T23:59:59.999999Z").1,
        "2027-01-01T00:00"
    );
}

#[test]
fn february_has_its_own_length() {
    let length = |now: &str| {
        let (start, end) = bounds(Window::Month, Alignment::Calendar, None, at(now));
        start.until(end).as_secs() / 86_400
    };
    assert_eq!(length("2028-02-29T12:00:00Z"), 29);
    assert_eq!(length("2026-02-10T00:00:00Z"), 28);
    assert_eq!(length("2100-02-10T00:00:00Z"), 28);
    assert_eq!(length("2000-02-10T00:00:00Z"), 29);
}

#[test]
fn a_first_use_month_is_held_at_the_last_day() {
    let end = |anchor| first_use(Window::Month, anchor, anchor).1;
    assert_eq!(end("2026-01-31T10:30:00Z"), at("2026-02-28T10:30:00Z"));
    assert_eq!(end("2028-01-31T10:30:00Z"), at("2028-02-29T10:30:00Z"));
    assert_eq!(end("2026-02-28T00:00:00Z"), at("2026-03-28T00:00:00Z"));
    assert_eq!(end("2026-12-15T08:00:00Z"), at("2027-01-15T08:00:00Z"));
}

#[test]
fn a_first_use_window_starts_with_the_call_after_the_last_one_ended() {
    let anchor = "2026-03-01T10:00:30Z";
    let (start, end) = first_use(Window::Hour, anchor, "2026-03-01T11:00:29Z");
    assert_eq!((start, end), (at(anchor), at("2026-03-01T11:00:30Z")));
    let late = "2026-03-01T11:00:30Z";
    assert_eq!(first_use(Window::Hour, anchor, late).0, at(late));
    let none = bounds(Window::Day, Alignment::FirstUse, None, at(late));
    assert_eq!(none, (at(late), at("2026-03-02T11:00:30Z")));
    // Another replica's clock is a little behind the one that opened the window.
    assert_eq!(
        first_use(Window::Hour, anchor, "2026-03-01T10:00:29Z").0,
        at(anchor)
    );
}

#[test]
fn idle_windows_pay_debt_off() {
    let debt = |window, spent, ended, next| {
        carried_debt(
            window,
            MicroUsd::from_micros(10),
            MicroUsd::from_micros(spent),
            at(ended),
            at(next),
        )
        .micros()
    };
    let noon = "2026-01-01T12:00:00Z";
    assert_eq!(debt(Window::Hour, 10, noon, noon), 0);
    assert_eq!(debt(Window::Hour, 35, noon, noon), 25);
    assert_eq!(debt(Window::Hour, 35, noon, "2026-01-01T14:00:00Z"), 5);
    assert_eq!(debt(Window::Hour, 35, noon, "2026-01-01T15:00:00Z"), 0);
    let months = |next| debt(Window::Month, 35, "2026-02-01T00:00:00Z", next);
    assert_eq!(months("2026-02-28T23:59:59Z"), 25);
    assert_eq!(months("2026-03-01T00:00:00Z"), 15);
    let uncapped = carried_debt(
        Window::Hour,
        MicroUsd::ZERO,
        MicroUsd::from_micros(7),
        at(noon),
        at("2027-01-01T12:00:00Z"),
    );
    assert_eq!(uncapped.micros(), 7);
}

proptest! {
    #[test]
    fn every_time_lies_in_its_window_and_windows_tile(
        micros: i64,
        anchor: Option<i64>,
        index in 0_usize..5,
    ) {
        let (window, now) = (Window::ALL[index], Timestamp::from_micros(micros));
        let (start, end) = bounds(window, Alignment::Calendar, None, now);
        prop_assert!(start <= now && (now < end || end.micros() == i64::MAX));
        // Within jiff's years the next window starts where this one ends.
        if micros.abs() < 1 << 57 {
            prop_assert_eq!(bounds(window, Alignment::Calendar, None, end).0, end);
        }
        let anchor = anchor.map(Timestamp::from_micros);
        let (start, end) = bounds(window, Alignment::FirstUse, anchor, now);
        prop_assert!(now < end || end.micros() == i64::MAX);
        prop_assert!(start == now || Some(start) == anchor);
    }
}
