//! A person signs in: in the browser here, or with a code in a browser elsewhere.

use std::{path::Path, time::Duration};

use anyhow::{Context, bail};
use tidegate_agent_core::View;
use tidegate_device_api::{SignInQuery, challenge, refusal};

use super::{super::say, LoginOptions};
use crate::{
    config::Config,
    control,
    sign_in::{
        Step, Stepped, browser,
        loopback::{Brought, Loopback},
        random,
    },
};

/// A poll is never faster than this, whatever a gateway says.
const SHORTEST: Duration = Duration::from_secs(1);

pub(super) async fn login(config: &Config, options: &LoginOptions) -> anyhow::Result<()> {
    let socket = &config.agent.socket;
    let view = control::ask(socket).await?;
    let view: Option<View> = serde_json::from_value(view)?;
    let view = view.context("the agent is starting; try again in a moment")?;
    let verifier = random()?;
    let program = options.browser.as_deref();
    let here = program.is_some() || browser::is_at_hand(|name| std::env::var(name).ok());
    let code = if options.device_code || !here {
        elsewhere(socket, &verifier).await?
    } else {
        match in_browser(&view, &verifier, program).await? {
            Some(code) => code,
            None => elsewhere(socket, &verifier).await?,
        }
    };
    match control::sign_in(socket, Step::Redeem { code, verifier }).await? {
        Stepped::In { device, user } => {
            let who = user.map_or_else(String::new, |user| format!(" as {}", user.email));
            say(&format!("signed in{who}; this device is {device}"));
            Ok(())
        }
        Stepped::Refused { code, reason } => bail!("not signed in: {}", words(&code, &reason)),
        _ => bail!("the agent answered something else"),
    }
}

/// In the browser here; none where none can be started.
async fn in_browser(
    view: &View,
    verifier: &str,
    program: Option<&Path>,
) -> anyhow::Result<Option<String>> {
    let loopback = Loopback::open().await?;
    let state = random()?;
    let query = SignInQuery {
        challenge: challenge(verifier),
        port: loopback.port(),
        state: state.clone(),
        hostname: view
            .device_name
            .clone()
            .unwrap_or_else(|| "this machine".into()),
    };
    let url = format!("{}{}", view.gateway.trim_end_matches('/'), query.path());
    let (opening, program) = (url.clone(), program.map(Path::to_owned));
    let opened = tokio::task::spawn_blocking(move || match program {
        Some(program) => browser::open_with(&program, &opening),
        None => browser::open(&opening),
    });
    let opened = opened.await?;
    if let Err(error) = opened {
        say(&format!("no browser can be opened here ({error})"));
        return Ok(None);
    }
    say(&format!(
        "sign in in your browser; if none opens, or the wrong one, go to\n  {url}"
    ));
    match loopback.answer(state).await? {
        Brought::Code(code) => Ok(Some(code)),
        Brought::Error(word) => bail!(
            "not signed in: {}",
            words(&word, "the gateway says no more")
        ),
    }
}

/// With a code that the person types elsewhere.
async fn elsewhere(socket: &Path, verifier: &str) -> anyhow::Result<String> {
    let step = Step::Code {
        challenge: challenge(verifier),
    };
    let given = match control::sign_in(socket, step).await? {
        Stepped::Code(given) => given,
        Stepped::Refused { code, reason } => bail!("no code: {}", words(&code, &reason)),
        _ => bail!("the agent answered something else"),
    };
    say(&format!(
        "open {} in a browser on any machine, and type\n\n    {}\n\nwaiting …",
        given.verification_uri, given.user_code
    ));
    let mut wait = Duration::from_secs(given.interval.into()).max(SHORTEST);
    let polling = async {
        loop {
            tokio::time::sleep(wait).await;
            let device_code = given.device_code.clone();
            match control::sign_in(socket, Step::Poll { device_code }).await? {
                Stepped::Done { code } => return Ok(code),
                Stepped::Pending { slower } => wait += Duration::from_secs(slower.into()),
                Stepped::Refused { code, reason } => {
                    bail!("not signed in: {}", words(&code, &reason))
                }
                _ => bail!("the agent answered something else"),
            }
        }
    };
    let limit = Duration::from_secs(given.expires_in.into());
    let polled = tokio::time::timeout(limit, polling).await;
    polled.unwrap_or_else(|_| bail!("not signed in: {}", words(refusal::EXPIRED_TOKEN, "")))
}

/// What a word means to the person, and what to do.
fn words(word: &str, reason: &str) -> String {
    match word {
        refusal::ACCESS_DENIED => {
            "you said that this device is not yours; nothing was connected".into()
        }
        refusal::EXPIRED_TOKEN => "it took too long; run `tidegate-edge login` again".into(),
        refusal::INVALID_GRANT => {
            "the code is used up or too old; run `tidegate-edge login` again".into()
        }
        refusal::DEVICE_TAKEN => {
            "this device is somebody else's; they run `tidegate-edge logout` first, or your administrator \
             changes its user"
                .into()
        }
        refusal::NO_PROVIDER => {
            "nobody can sign in yet, since no identity provider is set up; ask your administrator for a \
             token, and run `tidegate-edge login --token TOKEN`"
                .into()
        }
        refusal::REMOVED => {
            "an administrator removed this device just now; try again in a minute".into()
        }
        refusal::DISABLED => "this device is disabled; ask your administrator".into(),
        refusal::USER_DISABLED => "your user is switched off; ask your administrator".into(),
        refusal::SIGN_IN_FAILED => {
            "the identity provider did not sign you in; try again, or ask your administrator".into()
        }
        _ => reason.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_says_what_to_do() {
        for word in [
            refusal::ACCESS_DENIED,
            refusal::EXPIRED_TOKEN,
            refusal::INVALID_GRANT,
            refusal::DEVICE_TAKEN,
            refusal::NO_PROVIDER,
            refusal::USER_DISABLED,
            refusal::SIGN_IN_FAILED,
            refusal::REMOVED,
            refusal::DISABLED,
        ] {
            assert_ne!(words(word, "as it came"), "as it came", "{word}");
        }
        assert_eq!(words("of a newer gateway", "as it came"), "as it came");
    }
}
