//! Days of the calendar inside of numbers: most of the world's personal numbers hold a birthday, which
//! tells them from other digits better than their check digit does.

/// Whether this day exists.
pub(super) fn exists(year: u32, month: u32, day: u32) -> bool {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let last = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return false,
    };
    (1..=last).contains(&day)
}

/// Two digits as a number.
pub(super) fn pair(tens: u8, ones: u8) -> u32 {
    u32::from(tens) * 10 + u32::from(ones)
}

/// Whether six digits are year, month and day, of a century that is not told.
pub(super) fn yymmdd(digits: [u8; 6]) -> bool {
    let [y1, y2, m1, m2, d1, d2] = digits;
    // 2000 was a leap year and 1900 was not: the wider answer.
    exists(2000 + pair(y1, y2), pair(m1, m2), pair(d1, d2))
}

/// Whether six digits are day, month and year, of a century that is not told.
pub(super) fn ddmmyy(digits: [u8; 6]) -> bool {
    let [d1, d2, m1, m2, y1, y2] = digits;
    yymmdd([y1, y2, m1, m2, d1, d2])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_days_of_the_calendar_exist() {
        assert!(exists(2000, 2, 29) && exists(2024, 2, 29) && exists(1985, 12, 31));
        assert!(!exists(1900, 2, 29) && !exists(2023, 2, 29) && !exists(2023, 4, 31));
        assert!(!exists(2023, 13, 1) && !exists(2023, 0, 1) && !exists(2023, 1, 0));
        assert!(yymmdd([8, 5, 0, 7, 3, 0]) && !yymmdd([8, 5, 3, 0, 0, 7]));
        assert!(ddmmyy([3, 0, 0, 7, 8, 5]) && !ddmmyy([8, 5, 0, 7, 3, 0]));
    }
}
