//! The arithmetic of check digits, which many countries share: sums with weights, Luhn, ISO 7064,
//! Verhoeff. Everything works on digits that are already taken out of their separators.

/// The digits of a text when it has exactly `N`; whatever else stands between them is skipped.
pub(super) fn digits<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut taken = [0; N];
    let mut found = text.bytes().filter(u8::is_ascii_digit);
    for place in &mut taken {
        *place = found.next()? - b'0';
    }
    found.next().is_none().then_some(taken)
}

/// The letters (as capitals) and digits of a text when it has exactly `N`.
pub(super) fn signs<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut taken = [0; N];
    let mut found = text.bytes().filter(u8::is_ascii_alphanumeric);
    for place in &mut taken {
        *place = found.next()?.to_ascii_uppercase();
    }
    found.next().is_none().then_some(taken)
}

/// What a sign is worth where letters follow digits: `0` to `9`, then `A` = 10 to `Z` = 35.
pub(super) fn worth(sign: u8) -> u32 {
    char::from(sign).to_digit(36).unwrap_or(0)
}

/// The digits as one number.
pub(super) fn number(digits: &[u8]) -> u64 {
    digits.iter().fold(0, |sum: u64, digit| {
        sum.wrapping_mul(10).wrapping_add(u64::from(*digit))
    })
}

/// Each digit by its weight; digits without a weight are left out.
pub(super) fn weighted(digits: &[u8], weights: &[u32]) -> u32 {
    let pairs = digits.iter().zip(weights);
    pairs
        .map(|(digit, weight)| u32::from(*digit) * weight)
        .sum()
}

/// The same with the cross sum of each product, as Austria, Germany and others want it.
pub(super) fn crosswise(digits: &[u8], weights: &[u32]) -> u32 {
    let products = digits
        .iter()
        .zip(weights)
        .map(|(digit, weight)| u32::from(*digit) * weight);
    products.map(|product| product / 10 + product % 10).sum()
}

/// Whether the last digit is the Luhn check digit of those before it (ISO/IEC 7812-1, annex B).
pub(super) fn luhn(digits: &[u8]) -> bool {
    luhn_sum(digits).is_multiple_of(10)
}

/// The Luhn sum of digits, of which the last is the check digit.
pub(super) fn luhn_sum(digits: &[u8]) -> u32 {
    let from_the_end = digits.iter().rev().enumerate();
    from_the_end
        .map(|(place, digit)| match (place % 2, u32::from(*digit)) {
            (0, digit) => digit,
            (_, digit) if digit > 4 => digit * 2 - 9,
            (_, digit) => digit * 2,
        })
        .sum()
}

/// Whether the last digit fits by ISO 7064 MOD 11,10.
pub(super) fn mod_11_10(digits: &[u8]) -> bool {
    let Some((check, body)) = digits.split_last() else {
        return false;
    };
    let rest = body.iter().fold(10, |product, digit| {
        let sum = (u32::from(*digit) + product) % 10;
        (if sum == 0 { 10 } else { sum }) * 2 % 11
    });
    (11 - rest) % 10 == u32::from(*check)
}

/// The remainder by 97 of signs read as ISO 7064 does: letters as two digits, from `A` = 10.
pub(super) fn mod_97(signs: impl Iterator<Item = u8>) -> u32 {
    signs.fold(0, |rest, sign| {
        let value = worth(sign);
        (rest * if value > 9 { 100 } else { 10 } + value) % 97
    })
}

/// Whether the last digit is Verhoeff's. The tables are those of the dihedral group of order ten.
pub(super) fn verhoeff(digits: &[u8]) -> bool {
    let state = digits
        .iter()
        .rev()
        .enumerate()
        .fold(0, |state, (place, digit)| {
            let turned = (0..place % 8).fold(u32::from(*digit), |digit, _| permuted(digit));
            dihedral(state, turned)
        });
    state == 0
}

/// The product of two elements: rotations are 0 to 4, reflections 5 to 9.
fn dihedral(left: u32, right: u32) -> u32 {
    match (left < 5, right < 5) {
        (true, true) => (left + right) % 5,
        (true, false) => (left + right) % 5 + 5,
        (false, true) => (left + 5 - right) % 5 + 5,
        (false, false) => (left + 5 - right) % 5,
    }
}

/// Verhoeff's permutation, applied once.
fn permuted(digit: u32) -> u32 {
    [1, 5, 7, 6, 2, 8, 3, 0, 9, 4]
        .get(digit as usize)
        .copied()
        .unwrap_or(0)
}

/// Whether all are the same: such numbers stand in forms and examples.
pub(super) fn monotonous(digits: &[u8]) -> bool {
    digits.windows(2).all(|pair| pair.first() == pair.last())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_counted_exactly() {
        assert_eq!(digits::<3>("1-2 3"), Some([1, 2, 3]));
        assert_eq!(digits::<3>("12"), None);
        assert_eq!(digits::<3>("1234"), None);
        assert_eq!(signs::<3>("a-1 b"), Some(*b"A1B"));
        assert_eq!(number(&[1, 0, 2]), 102);
    }

    #[test]
    fn sums_are_those_of_the_published_examples() {
        // 79927398713: Luhn's example; 236 with check digit 3: Verhoeff's; 1 with 94: ISO 7064's.
        assert!(luhn(&digits::<11>("79927398713").unwrap()));
        assert!(!luhn(&digits::<11>("79927398710").unwrap()));
        assert!(verhoeff(&[2, 3, 6, 3]));
        assert!(!verhoeff(&[2, 3, 6, 4]));
        assert!(!verhoeff(&[3, 2, 6, 3]));
        assert!(mod_11_10(&[0, 7, 9, 4, 5]));
        assert!(!mod_11_10(&[0, 7, 9, 4, 6]));
        assert_eq!(mod_97("3214282912345698765432161182".bytes()), 1);
    }

    #[test]
    fn verhoeff_notices_every_single_digit_and_neighbours_swapped() {
        let right = [2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4, 6];
        assert!(verhoeff(&right));
        for place in 0..right.len() {
            for digit in (0..10).filter(|digit| *digit != right[place]) {
                let mut wrong = right;
                wrong[place] = digit;
                assert!(!verhoeff(&wrong));
            }
        }
        for place in 0..right.len() - 1 {
            let mut wrong = right;
            wrong.swap(place, place + 1);
            assert_eq!(verhoeff(&wrong), wrong == right);
        }
    }
}
