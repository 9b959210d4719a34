//! Passwords of local accounts: how they are hashed, checked and made, for the API and the CLI.

use argon2::{
    Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version,
    password_hash::phc::PasswordHash,
};
use tidegate_types::Secret;
use zeroize::Zeroizing;

/// Why a password could not be hashed or made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AccountError {
    /// The operating system gave no randomness, or the hash function refused its input.
    #[error("the password could not be hashed: {0}")]
    Hashing(String),
    /// The password is shorter than [`MIN_LENGTH`] characters or longer than [`MAX_BYTES`] bytes.
    #[error("a password has at least {MIN_LENGTH} characters and at most {MAX_BYTES} bytes")]
    Length,
}

/// Shortest password, in characters. Length is the only rule (NIST SP 800-63B §3.1.1.2).
pub const MIN_LENGTH: usize = 12;
/// Longest password, in bytes.
pub const MAX_BYTES: usize = 1024;

/// Argon2id with 19 MiB, 2 passes and 1 lane (OWASP Password Storage Cheat Sheet).
fn argon2() -> Result<Argon2<'static>, AccountError> {
    let params = Params::new(19 * 1024, 2, 1, None)
        .map_err(|error| AccountError::Hashing(error.to_string()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// Marks the hash of a password that opens no session until it is changed.
const ONCE: &str = "once:";

/// Hashes a password with a fresh salt; the result is a PHC string, which is what is stored.
/// Takes about 20 ms of one core and 19 MiB: never call it on an async worker.
///
/// # Errors
/// The length is out of bounds, or there is no randomness.
pub fn hash_password(password: &Secret<String>) -> Result<Secret<String>, AccountError> {
    let text = password.expose();
    if text.chars().count() < MIN_LENGTH || text.len() > MAX_BYTES {
        return Err(AccountError::Length);
    }
    let hash: PasswordHash = argon2()?
        .hash_password(text.as_bytes())
        .map_err(|error| AccountError::Hashing(error.to_string()))?;
    Ok(Secret::new(hash.to_string()))
}

/// Hashes a password that must be changed at the first sign-in: alone it opens no session.
///
/// # Errors
/// As [`hash_password`].
pub fn hash_one_time_password(password: &Secret<String>) -> Result<Secret<String>, AccountError> {
    hash_password(password).map(|hash| Secret::new(format!("{ONCE}{}", hash.expose())))
}

/// Whether this stored hash is of a password that must be changed at the first sign-in.
#[must_use]
pub fn must_change(stored: &Secret<String>) -> bool {
    stored.expose().starts_with(ONCE)
}

/// Whether `password` is the one behind `stored`. Unreadable strings match nothing. As costly as
/// [`hash_password`].
#[must_use]
pub fn verify_password(stored: &Secret<String>, password: &Secret<String>) -> bool {
    let Ok(argon2) = argon2() else { return false };
    let stored = stored.expose();
    let phc = stored.strip_prefix(ONCE).unwrap_or(stored);
    argon2
        .verify_password(password.expose().as_bytes(), phc)
        .is_ok()
}

/// A hash to check where there is no account, so that the answer takes as long as any other. Its
/// parameters are those of [`hash_password`].
pub(crate) fn decoy() -> Secret<String> {
    Secret::new(format!(
        "$argon2id$v=19$m=19456,t=2,p=1${}${}",
        "A".repeat(22),
        "A".repeat(43)
    ))
}

/// A password to be used once and then changed: 100 random bits in five groups of four, without
/// letters and digits that look alike. Store it by [`hash_one_time_password`].
///
/// # Errors
/// The operating system gave no randomness.
pub fn one_time_password() -> Result<Secret<String>, AccountError> {
    const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let mut bytes = Zeroizing::new([0_u8; 20]);
    getrandom::fill(&mut *bytes).map_err(|error| AccountError::Hashing(error.to_string()))?;
    let mut text = String::with_capacity(24);
    for (index, byte) in bytes.iter().enumerate() {
        if index > 0 && index % 4 == 0 {
            text.push('-');
        }
        text.push(char::from(ALPHABET[usize::from(byte & 31)]));
    }
    Ok(Secret::new(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> Secret<String> {
        Secret::new(text.to_owned())
    }

    #[test]
    fn a_hash_checks_its_own_password_and_no_other() {
        let password = secret("correct horse battery");
        let hash = hash_password(&password).unwrap();
        assert!(hash.expose().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(verify_password(&hash, &password));
        assert!(!verify_password(&hash, &secret("correct horse batterz")));
        assert!(!verify_password(&secret("not a hash"), &password));
        let again = hash_password(&password).unwrap();
        assert_ne!(
            hash.expose(),
            again.expose(),
            "each hash has a salt of its own"
        );
    }

    #[test]
    fn the_decoy_costs_what_a_real_hash_costs() {
        let read = |stored: &Secret<String>| PasswordHash::new(stored.expose()).unwrap();
        let (decoy, hash) = (
            decoy(),
            hash_password(&secret("correct horse battery")).unwrap(),
        );
        let (decoy, real) = (read(&decoy), read(&hash));
        assert_eq!(
            (decoy.algorithm, decoy.version),
            (real.algorithm, real.version)
        );
        assert_eq!(decoy.params, real.params);
        assert_eq!(decoy.salt.map(|s| s.len()), real.salt.map(|s| s.len()));
        assert_eq!(decoy.hash.map(|h| h.len()), real.hash.map(|h| h.len()));
    }

    #[test]
    fn length_is_bounded_on_both_sides() {
        for bad in ["short".to_owned(), "x".repeat(1025)] {
            assert_eq!(
                hash_password(&Secret::new(bad)).err(),
                Some(AccountError::Length)
            );
        }
    }

    #[test]
    fn one_time_passwords_are_long_differ_and_are_marked() {
        let (one, two) = (one_time_password().unwrap(), one_time_password().unwrap());
        assert_eq!(one.expose().len(), 24);
        assert_ne!(one.expose(), two.expose());
        let hash = hash_one_time_password(&one).unwrap();
        assert!(must_change(&hash) && verify_password(&hash, &one));
        assert!(!must_change(&hash_password(&one).unwrap()));
    }
}
