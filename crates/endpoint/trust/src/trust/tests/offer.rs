//! Who may say which CA is trusted: the gateway that was there first, and nobody else.

use super::*;
use crate::Unvouched;

/// Vouches with one key for one CA.
struct Gateway {
    key: &'static str,
    ca: String,
}

impl Gateway {
    fn new(key: &'static str, name: &str) -> Self {
        Self { key, ca: ca(name) }
    }

    /// Offers a CA under its key, signed by it for its own.
    fn offer(&self, machine: &Machine, ca_pem: &str) -> Result<Report, TrustError> {
        let own = Ca::from_pem(&self.ca).unwrap().sha256();
        machine.trust().install(&Offer {
            ca_pem,
            gateway_key: self.key,
            is_signed: true,
            vouches: &|key, sha256| key == self.key && *sha256 == own,
        })
    }
}

fn unsigned<'a>(ca_pem: &'a str, gateway_key: &'a str) -> Offer<'a> {
    Offer {
        ca_pem,
        gateway_key,
        is_signed: false,
        vouches: &|_, _| false,
    }
}

fn holds(machine: &Machine, pem: &str) -> bool {
    let file =
        fs::read_to_string(machine.path(CA_FILE.trim_start_matches('/'))).unwrap_or_default();
    Ca::from_pem(pem).unwrap().is_in(&file)
}

#[test]
fn a_planted_ca_is_refused_and_a_replaced_one_taken() -> Result<()> {
    let machine = Machine::new()?;
    let mut gateway = Gateway::new("theirs", "first");
    let first = gateway.ca.clone();
    assert!(gateway.offer(&machine, &first)?.is_fine());
    assert_eq!(machine.trust().gateway_key()?.as_deref(), Some("theirs"));

    let planted = ca("planted");
    let before = machine.tree()?;
    // Under the known key without its signature, and under a key of whoever plants it.
    let other = Gateway::new("planter", "planted too");
    for outcome in [
        gateway.offer(&machine, &planted),
        other.offer(&machine, &other.ca),
    ] {
        assert!(matches!(
            outcome,
            Err(TrustError::Unvouched(Unvouched::Forged))
        ));
    }
    let outcome = machine.trust().install(&unsigned(&planted, "theirs"));
    assert!(matches!(
        outcome,
        Err(TrustError::Unvouched(Unvouched::Unsigned))
    ));
    assert_eq!(machine.tree()?, before, "nothing was touched");

    gateway.ca = ca("second");
    assert!(gateway.offer(&machine, &gateway.ca)?.is_fine());
    assert!(holds(&machine, &gateway.ca) && !holds(&machine, &first));
    assert_eq!(machine.trust().gateway_key()?.as_deref(), Some("theirs"));
    Ok(())
}

#[test]
fn a_gateway_that_signs_nothing_is_believed_once() -> Result<()> {
    let machine = Machine::new()?;
    let (first, second) = (ca("first"), ca("second"));
    assert!(machine.trust().install(&unsigned(&first, "key"))?.is_fine());
    assert!(
        machine.trust().install(&unsigned(&first, "key"))?.is_fine(),
        "that one again"
    );
    let outcome = machine.trust().install(&unsigned(&second, "key"));
    assert!(matches!(
        outcome,
        Err(TrustError::Unvouched(Unvouched::Unsigned))
    ));
    assert!(holds(&machine, &first));
    // It was updated, and signs.
    let gateway = Gateway {
        key: "key",
        ca: second.clone(),
    };
    assert!(gateway.offer(&machine, &second)?.is_fine());
    assert!(holds(&machine, &second));
    Ok(())
}

#[test]
fn a_first_signature_that_does_not_hold_is_refused() -> Result<()> {
    let machine = Machine::new()?;
    let before = machine.tree()?;
    let gateway = Gateway::new("key", "its own");
    let outcome = gateway.offer(&machine, &ca("another"));
    assert!(matches!(
        outcome,
        Err(TrustError::Unvouched(Unvouched::Forged))
    ));
    assert_eq!(machine.tree()?, before);
    Ok(())
}

/// An agent from before keys were noted has installed a CA.
#[test]
fn what_is_installed_already_gets_its_key_noted_and_stays() -> Result<()> {
    let machine = Machine::new()?;
    let gateway = Gateway::new("key", "first");
    gateway.offer(&machine, &gateway.ca)?;
    let manifest = machine.path("var/lib/tidegate-edge-trust/manifest.json");
    let text = fs::read_to_string(&manifest)?;
    let older = text.replace(",\"gateway_key\":\"key\"", "");
    assert_ne!(older, text);
    fs::write(&manifest, &older)?;

    let planter = Gateway::new("planter", "planted");
    let outcome = planter.offer(&machine, &planter.ca);
    assert!(matches!(
        outcome,
        Err(TrustError::Unvouched(Unvouched::Unsigned))
    ));
    assert!(gateway.offer(&machine, &gateway.ca)?.is_fine());
    assert_eq!(machine.trust().gateway_key()?.as_deref(), Some("key"));
    Ok(())
}

/// The way out when an organisation sets its gateway up anew.
#[test]
fn after_an_uninstall_another_gateway_is_taken_at_its_word() -> Result<()> {
    let machine = Machine::new()?;
    let before = machine.tree()?;
    let (old, new) = (Gateway::new("old", "old"), Gateway::new("new", "new"));
    old.offer(&machine, &old.ca)?;
    machine.trust().uninstall()?;
    assert_eq!(machine.tree()?.len(), before.len());
    assert_eq!(machine.trust().gateway_key()?, None);
    assert!(new.offer(&machine, &new.ca)?.is_fine());
    assert_eq!(machine.trust().gateway_key()?.as_deref(), Some("new"));
    Ok(())
}
