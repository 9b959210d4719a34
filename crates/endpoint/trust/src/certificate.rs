//! The CA as PEM (RFC 7468), and finding it in bundles.

use sha2::{Digest, Sha256};

const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";
/// Far above any chain of roots.
const LARGEST: usize = 64 * 1024;

/// Why a text is not a CA.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CaError {
    /// There is none in it, or more than one.
    #[error("a CA is one PEM certificate; this has {0}")]
    Count(usize),
    /// It is not base64 of DER.
    #[error("the CA's PEM is malformed")]
    Malformed,
    /// Keys never go into trust stores, which everyone can read.
    #[error("this holds a private key; a CA to trust is a certificate alone")]
    Key,
}

/// The organisation's CA: one certificate, as PEM in its one form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ca {
    body: String,
}

impl Ca {
    /// Reads it.
    ///
    /// # Errors
    /// It is not exactly one certificate, or holds a key.
    pub fn from_pem(text: &str) -> Result<Self, CaError> {
        if text.contains("PRIVATE KEY-----") {
            return Err(CaError::Key);
        }
        let mut bodies: Vec<String> = bodies(text).collect();
        match (bodies.pop(), bodies.len()) {
            (Some(body), 0) if is_der(&body) => Ok(Self { body }),
            (Some(_), 0) => Err(CaError::Malformed),
            (None, _) => Err(CaError::Count(0)),
            (Some(_), others) => Err(CaError::Count(others + 1)),
        }
    }

    /// As PEM, with lines of 64 characters and an end of line.
    #[must_use]
    pub fn pem(&self) -> String {
        let mut text = format!("{BEGIN}\n");
        let mut rest = self.body.as_str();
        while !rest.is_empty() {
            let (line, after) = rest.split_at(rest.len().min(64));
            text.push_str(line);
            text.push('\n');
            rest = after;
        }
        text.push_str(END);
        text.push('\n');
        text
    }

    /// The SHA-256 of its DER.
    #[must_use]
    pub fn sha256(&self) -> [u8; 32] {
        use base64::{Engine, engine::general_purpose::STANDARD};
        // It was decoded when it was read.
        Sha256::digest(STANDARD.decode(&self.body).unwrap_or_default()).into()
    }

    /// Its DER in base64, without line ends.
    pub(crate) fn base64(&self) -> &str {
        &self.body
    }

    /// A name for stores that want one: it changes with the CA.
    #[must_use]
    pub fn nickname(&self) -> String {
        let digest = Sha256::digest(self.body.as_bytes());
        let digits: String = digest
            .iter()
            .take(6)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        format!("Tidegate {digits}")
    }

    /// Whether a bundle holds this certificate.
    #[must_use]
    pub fn is_in(&self, bundle: &str) -> bool {
        bodies(bundle).any(|body| body == self.body)
    }
}

/// The base64 between each pair of certificate lines, without white space.
fn bodies(text: &str) -> impl Iterator<Item = String> {
    let blocks = text.split(BEGIN).skip(1);
    let inner = blocks.filter_map(|block| Some(block.split_once(END)?.0));
    inner.map(|body| body.split_ascii_whitespace().collect())
}

/// Whether it is base64 whose bytes begin as a DER sequence of some length does.
fn is_der(body: &str) -> bool {
    use base64::{Engine, engine::general_purpose::STANDARD};
    body.len() <= LARGEST
        && STANDARD
            .decode(body)
            .is_ok_and(|der| der.len() > 64 && der[0] == 0x30)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_certificate_has_one_form() -> anyhow::Result<()> {
        let pem = crate::trust::tests::ca("one");
        let ca = Ca::from_pem(&pem)?;
        let untidy = format!("# ours\r\n{}\n\ntext", pem.replace('\n', "\r\n"));
        assert_eq!(Ca::from_pem(&untidy)?, ca);
        assert_eq!(Ca::from_pem(&ca.pem())?, ca);
        assert!(ca.pem().lines().all(|line| line.len() <= 64) && ca.pem().ends_with("-----\n"));
        let other = Ca::from_pem(&crate::trust::tests::ca("two"))?;
        assert_ne!(ca.nickname(), other.nickname());
        assert!(ca.is_in(&format!("{}{untidy}", other.pem())) && !ca.is_in(&other.pem()));
        Ok(())
    }

    #[test]
    fn anything_else_is_refused() {
        let pem = crate::trust::tests::ca("one");
        for (text, error) in [
            (String::new(), CaError::Count(0)),
            (pem.repeat(2), CaError::Count(2)),
            (format!("{BEGIN}\nMIIB\n{END}\n"), CaError::Malformed),
            (format!("{BEGIN}\n*\n{END}\n"), CaError::Malformed),
            (
                format!("{pem}-----BEGIN EC PRIVATE KEY-----\n"),
                CaError::Key,
            ),
        ] {
            assert_eq!(Ca::from_pem(&text), Err(error));
        }
    }
}
