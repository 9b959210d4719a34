//! Amounts in USD as decimal text, out of the floats that other gateways write.

/// USD per million units, from USD per unit. `None` for what is no price: negative, not finite, or absurd. Rounded to a
/// micro-dollar per million, up from anything that is above zero.
pub(crate) fn per_million(per_unit: f64) -> Option<String> {
    usd(per_unit * 1e6)
}

/// USD as decimal text with six digits at most.
pub(crate) fn usd(amount: f64) -> Option<String> {
    if !(0.0..=1e6).contains(&amount) {
        return None;
    }
    let mut text = format!("{amount:.6}");
    if amount > 0.0 && text == "0.000000" {
        text = "0.000001".to_owned();
    }
    let text = text.trim_end_matches('0').trim_end_matches('.');
    Some(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_become_the_decimals_that_were_meant() {
        for (per_token, text) in [
            (2.5e-06, "2.5"),
            (1.5e-07, "0.15"),
            (7.5e-08, "0.075"),
            (3e-05, "30"),
            (0.0, "0"),
            (1e-15, "0.000001"),
        ] {
            assert_eq!(per_million(per_token).as_deref(), Some(text));
        }
        for odd in [-1e-6, f64::NAN, f64::INFINITY, 2.0] {
            assert_eq!(per_million(odd), None);
        }
        assert_eq!(usd(0.1 + 0.2).as_deref(), Some("0.3"));
    }
}
