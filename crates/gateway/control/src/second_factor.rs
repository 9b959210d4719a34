//! The second factor of accounts with a password: codes by the time (RFC 6238: SHA-1, 6 digits, 30
//! seconds, which is what all apps speak), one step early or late, each accepted once; and recovery
//! codes for who lost the app.

use sha2::{Digest, Sha256};
use tidegate_authority::{Purpose, SealKey};
use tidegate_store::SecondFactor;
use tidegate_types::{AccountId, KeyHash, Secret, Timestamp};
use totp_rs::{Builder, Totp};
use zeroize::Zeroizing;

use crate::{account::one_time_password, app::App, problem::Problem};

/// How the app names the account's issuer.
const ISSUER: &str = "Tidegate";

/// How many recovery codes an account gets.
const RECOVERY_CODES: usize = 10;

/// RFC 4226 §4 R6 recommends a secret of 160 bits.
const SECRET_BYTES: usize = 20;

/// A second factor to set up.
pub(crate) struct Setup {
    /// The secret in base 32, to be typed into an app.
    pub(crate) secret: String,
    /// The same as a URI, to be shown as a QR code.
    pub(crate) uri: String,
    /// The secret as it is stored.
    pub(crate) sealed: Vec<u8>,
}

/// Makes the secret of an account.
pub(crate) fn begin(seal: &SealKey, email: &str) -> Result<Setup, Problem> {
    let mut secret = Zeroizing::new([0; SECRET_BYTES]);
    getrandom::fill(&mut *secret).map_err(Problem::internal)?;
    let totp = Builder::new()
        .with_secret(*secret)
        // A colon would end the issuer's part of the label.
        .with_account_name(email.replace(':', "_"))
        .with_issuer(Some(ISSUER))
        .build()
        .map_err(Problem::internal)?;
    let sealed = seal.seal(Purpose::SecondFactor, &*secret);
    Ok(Setup {
        secret: totp.secret().to_base32(),
        uri: totp.to_url().map_err(Problem::internal)?,
        sealed: sealed.map_err(Problem::internal)?,
    })
}

/// The time step of a code, if it is right at this time.
pub(crate) fn step(
    seal: &SealKey,
    sealed: &[u8],
    code: &str,
    now: Timestamp,
) -> Result<Option<u64>, Problem> {
    let seconds = u64::try_from(now.micros() / 1_000_000).unwrap_or_default();
    Ok(totp(seal, sealed)?.check(code, seconds))
}

fn totp(seal: &SealKey, sealed: &[u8]) -> Result<Totp, Problem> {
    let secret = seal.open(Purpose::SecondFactor, sealed);
    let secret = secret.map_err(Problem::internal)?;
    Builder::new()
        .with_secret(secret.as_slice())
        .with_account_name("account")
        .build()
        .map_err(Problem::internal)
}

/// New recovery codes and what is stored of them.
pub(crate) fn recovery_codes(
    account: AccountId,
) -> Result<(Vec<Secret<String>>, Vec<KeyHash>), Problem> {
    let codes: Result<Vec<_>, _> = (0..RECOVERY_CODES).map(|_| one_time_password()).collect();
    let codes = codes.map_err(Problem::internal)?;
    let hashes = codes.iter().map(|code| hash(account, code.expose()));
    let hashes = hashes.collect();
    Ok((codes, hashes))
}

/// A recovery code has 100 random bits, so a fast hash will do. How it was typed does not matter.
fn hash(account: AccountId, code: &str) -> KeyHash {
    let typed = code.chars().filter(char::is_ascii_alphanumeric);
    let plain: Zeroizing<String> = Zeroizing::new(typed.collect::<String>().to_ascii_lowercase());
    let digest = Sha256::new()
        .chain_update(b"tidegate recovery code v1")
        .chain_update(account.uuid().as_bytes())
        .chain_update(plain.as_bytes());
    KeyHash::from_bytes(digest.finalize().into())
}

/// Whether the code is right: of this time and not used before, or a recovery code. It is used up.
pub(crate) async fn prove(
    app: &App,
    account: AccountId,
    factor: &SecondFactor,
    code: &Secret<String>,
) -> Result<bool, Problem> {
    let code: String = code.expose().split_whitespace().collect();
    let code = Zeroizing::new(code);
    let by_time = code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit());
    if !by_time {
        let hash = hash(account, &code);
        return Ok(app.store.accept_recovery_code(account, hash).await?);
    }
    match step(&app.seal, &factor.sealed, &code, app.clock.now())? {
        Some(step) => Ok(app.store.accept_step(account, step).await?),
        None => Ok(false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(seconds * 1_000_000)
    }

    /// RFC 6238, appendix B: the last six of eight digits, for the secret `12345678901234567890`.
    #[test]
    fn codes_are_those_of_the_standard_one_step_around() {
        let seal = SealKey::from_bytes([1; 32]);
        let sealed = seal.seal(Purpose::SecondFactor, b"12345678901234567890");
        let sealed = sealed.unwrap();
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_234_567_890, "005924"),
            (20_000_000_000, "353130"),
        ] {
            let found = |now: i64| step(&seal, &sealed, code, at(now)).unwrap();
            let own = u64::try_from(seconds / 30).unwrap();
            for near in [seconds - 30, seconds, seconds + 30] {
                assert_eq!(found(near), Some(own), "{code}");
            }
            let far = [seconds - 60, seconds + 60].into_iter();
            for far in far.filter(|far| *far > 0) {
                assert_eq!(found(far), None, "{code} at {far}");
            }
        }
        for bad in ["", "28708", "2870820", "abcdef"] {
            assert_eq!(step(&seal, &sealed, bad, at(59)).unwrap(), None, "{bad}");
        }
        let other = SealKey::from_bytes([2; 32]);
        assert!(step(&other, &sealed, "287082", at(59)).is_err());
    }

    #[test]
    fn what_is_set_up_can_be_scanned_and_is_sealed() {
        let seal = SealKey::from_bytes([1; 32]);
        let setup = begin(&seal, "ada:1@example.com").unwrap();
        let start = "otpauth://totp/Tidegate:ada_1%40example.com?secret=";
        assert!(setup.uri.starts_with(start), "{}", setup.uri);
        assert!(setup.uri.contains(&setup.secret));
        assert_eq!(setup.secret.len(), 32);
        let secret = totp(&seal, &setup.sealed).unwrap();
        assert_eq!(secret.secret().to_base32(), setup.secret);
    }

    #[test]
    fn recovery_codes_differ_and_are_of_one_account() {
        let (one, two) = (AccountId::generate(at(1)), AccountId::generate(at(2)));
        let (codes, hashes) = recovery_codes(one).unwrap();
        assert_eq!(codes.len(), 10);
        let plain = codes[0].expose();
        assert_eq!(
            hash(one, &plain.replace('-', " ").to_uppercase()),
            hashes[0]
        );
        assert_ne!(hash(two, plain), hashes[0]);
        let unique: std::collections::HashSet<_> = hashes.iter().collect();
        assert_eq!(unique.len(), 10);
    }
}
