//! The file's sections, one reader each.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    sync::Arc,
    time::Duration,
};

use tidegate_governance::govern::FailMode;
use tidegate_guardrails::{checks, load};
use tidegate_pipeline::{Settings, Unpriced};
use tidegate_provider::PriceRow;
use tidegate_types::Secret;
use tidegate_wire::peer::{Header, Networks};

use super::{
    AddressLimits, Config, ControlSection, EdgeSection, Files, GuardrailsSection, LedgerSection,
    Limits, Listen, Problem, Problems, Proxies, Reading, StoreSection, Timeouts, TlsFiles, alert,
    cache, engine, provider, routing,
    section::{Notes, Section},
    telemetry,
};

/// Reads a text; `files` are those that were read before.
pub(super) fn parse(text: &str, base: &Path, files: Files) -> Reading {
    let table = match toml::from_str(text) {
        Ok(table) => table,
        Err(error) => {
            let config = Err(no_toml(text, &error));
            return Reading { config, files };
        }
    };
    let notes = Notes::after(files);
    let mut root = Section::new(String::new(), table, &notes);
    let mut warnings = Vec::new();
    let listen = listen(root.section("listen"), base, &mut warnings);
    let store = store(root.section("store"), base);
    let providers = providers(&mut root, base, &mut warnings);
    let routing = routing::read(&mut root, &providers);
    let (limits, proxies) = limits(root.section("limits"));
    let timeouts = timeouts(root.section("timeouts"));
    let (mut settings, ledger) = budgets(root.section("budgets"));
    let telemetry = telemetry::read(root.section("telemetry"), base);
    settings.content_limit = telemetry.1;
    let control = control(root.section("control"), base);
    let prices = prices(root.section("prices"), base);
    let edge = edge(root.section("edge"), base);
    let guardrails = guardrails(root.section("guardrails"), base, &mut warnings);
    let alerts = root.sections("alerts").into_iter();
    let alerts = alerts.filter_map(|one| alert::read(one, base)).collect();
    let cache = root.section_if_any("cache");
    let cache = cache.map(|section| cache::read(section, &providers));
    let retention = retention(root.section("retention"));
    root.finish();
    let (problems, files) = notes.into_parts();
    let config = match store {
        Some(store) if problems.is_empty() => Ok(Config {
            listen,
            store,
            providers,
            routing,
            limits,
            proxies: Arc::new(proxies),
            timeouts,
            settings,
            ledger,
            telemetry: telemetry.0,
            control,
            prices,
            edge,
            guardrails,
            alerts,
            cache,
            retention,
            warnings,
            path: None,
            files: files.clone(),
        }),
        _ => Err(Problems(problems)),
    };
    Reading { config, files }
}

fn no_toml(text: &str, error: &toml::de::Error) -> Problems {
    let line = error
        .span()
        .map_or(1, |span| text[..span.start].lines().count().max(1));
    let key = format!("line {line}");
    Problems(vec![Problem::new(key, error.message().to_owned())])
}

fn listen(mut section: Section<'_>, base: &Path, warnings: &mut Vec<String>) -> Listen {
    let loopback = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let data = section.address("data", loopback(8080));
    let control = section.address("control", loopback(8081));
    if data == control && data.port() != 0 {
        section.note("control", "is the same address as listen.data");
    }
    let data_tls = section
        .section_if_any("data_tls")
        .and_then(|tls| tls_files(tls, base));
    if !data.ip().is_loopback() && data_tls.is_none() {
        warnings.push(format!(
            "listen.data is {data} without TLS: keys and prompts cross the network in clear unless \
             a load balancer in front ends TLS"
        ));
    }
    if !control.ip().is_loopback() {
        warnings.push(format!(
            "listen.control is {control}: put it behind TLS, and name it in control.names"
        ));
    }
    section.finish();
    Listen {
        data,
        control,
        data_tls,
    }
}

fn tls_files(mut section: Section<'_>, base: &Path) -> Option<TlsFiles> {
    let mut file = |key: &'static str| {
        let path = section.path(key, base);
        match &path {
            None => section.note(key, "is missing; the path of a PEM file"),
            Some(path) => {
                if section.read(path).is_err() {
                    section.note(key, format!("no file at {}", path.display()));
                }
            }
        }
        path
    };
    let files = (file("certificate"), file("key"));
    section.finish();
    Some(TlsFiles {
        certificate: files.0?,
        key: files.1?,
    })
}

fn store(mut section: Section<'_>, base: &Path) -> Option<StoreSection> {
    let url = section.string("url");
    let journal = section
        .path("journal", base)
        .unwrap_or_else(|| base.join("journal"));
    let url = match url.as_deref() {
        None => {
            section.note("url", "is missing; \"sqlite:PATH\" or \"postgres://…\"");
            None
        }
        Some(text) if text.starts_with("postgres://") || text.starts_with("postgresql://") => {
            Some(text.to_owned())
        }
        Some(text) => match text.strip_prefix("sqlite:").filter(|path| !path.is_empty()) {
            Some(path) => Some(format!("sqlite:{}", base.join(path).display())),
            None => {
                section.note("url", "must be \"sqlite:PATH\" or \"postgres://…\"");
                None
            }
        },
    };
    section.finish();
    Some(StoreSection {
        url: Secret::new(url?),
        journal,
    })
}

fn providers(
    root: &mut Section<'_>,
    base: &Path,
    warnings: &mut Vec<String>,
) -> Vec<super::ProviderConfig> {
    let sections = root.sections("providers");
    if sections.is_empty() {
        root.note(
            "providers",
            "is empty; add at least one [[providers]] table",
        );
    }
    let mut found: Vec<super::ProviderConfig> = Vec::new();
    for (at, section) in sections.into_iter().enumerate() {
        let Some(provider) = provider::read(section, base) else {
            continue;
        };
        if found.iter().any(|other| other.name == provider.name) {
            let key = format!("providers[{at}].name");
            root.note(
                &key,
                format!("\"{}\" is taken by a provider above", provider.name),
            );
        }
        let keyless = provider.profile.is_some_and(|known| known.keyless);
        if provider.keys.is_empty() && provider.grant.is_none() && !keyless {
            warnings.push(format!("provider `{}` has no api_key", provider.name));
        }
        found.push(provider);
    }
    found
}

fn limits(mut section: Section<'_>) -> (Limits, Proxies) {
    let at_most = |count: u64| u32::try_from(count).unwrap_or(u32::MAX);
    let limits = Limits {
        body_max: section.bytes("body_max", 32 << 20),
        body_memory: section.bytes("body_memory", 1 << 30),
        connections: usize::try_from(section.integer("connections", 20_000)).unwrap_or(usize::MAX),
        address: AddressLimits {
            connections: at_most(section.integer("address_connections", 2_000)),
            connection_rate: at_most(section.integer("address_connection_rate", 500)),
            failures: at_most(section.integer("address_failures", 300)),
        },
        websockets_per_key: section.integer("websockets_per_key", 100),
    };
    let headers = [
        ("forwarded", Header::Forwarded),
        ("x-forwarded-for", Header::XForwardedFor),
    ];
    let header = section.choice("proxy_header", &headers, Header::XForwardedFor);
    let mut trusted = Networks::default();
    for text in section.strings("trusted_proxies") {
        match text.parse() {
            Ok(network) => trusted.0.push(network),
            Err(error) => section.note("trusted_proxies", format!("\"{text}\" {error}")),
        }
    }
    if limits.body_memory < limits.body_max {
        section.note(
            "body_memory",
            "is less than limits.body_max: no large body could pass",
        );
    }
    section.finish();
    (limits, Proxies { trusted, header })
}

fn timeouts(mut section: Section<'_>) -> Timeouts {
    let seconds = Duration::from_secs;
    let timeouts = Timeouts {
        client: section.duration("client", seconds(60)),
        keep_alive: section.duration("keep_alive", seconds(75)),
        connect: section.duration("connect", seconds(10)),
        first_byte: section.duration("first_byte", seconds(600)),
        idle: section.duration("idle", seconds(300)),
        total: section.duration("total", seconds(3_600)),
        drain: section.duration("drain", seconds(30)),
        websocket: section.duration("websocket", seconds(3_600)),
        websocket_idle: section.duration("websocket_idle", seconds(1_800)),
    };
    section.finish();
    timeouts
}

fn budgets(mut section: Section<'_>) -> (Settings, LedgerSection) {
    let defaults = Settings::default();
    let unpriced = section.choice(
        "unpriced",
        &[
            ("flag", Unpriced::Flag),
            ("refuse", Unpriced::Refuse),
            ("refuse_under_budget", Unpriced::RefuseUnderBudget),
        ],
        defaults.unpriced,
    );
    let reserve_output = section.integer("reserve_output_tokens", defaults.reserve_output);
    let failure = section.choice(
        "ledger_failure",
        &[("closed", FailMode::Closed), ("open", FailMode::Open)],
        FailMode::Closed,
    );
    let lease = section.duration("lease", Duration::from_secs(30));
    if lease < Duration::from_secs(5) {
        section.note(
            "lease",
            "must be at least \"5s\", or leases expire between renewals",
        );
    }
    section.finish();
    (
        Settings {
            unpriced,
            reserve_output,
            ..defaults
        },
        LedgerSection { failure, lease },
    )
}

fn control(mut section: Section<'_>, base: &Path) -> ControlSection {
    let names = section.strings("names");
    let url = section
        .string("url")
        .map(|url| url.trim_end_matches('/').to_owned());
    if let Some(url) = &url
        && !url.starts_with("https://")
        && !url.starts_with("http://")
    {
        section.note(
            "url",
            "must be a base URL, like \"https://tidegate.example.com\"",
        );
    }
    let ca = section.bundle("ca", base);
    let metrics_open = section.bool("metrics_open", false);
    section.finish();
    ControlSection {
        names,
        url,
        ca,
        metrics_open,
    }
}

fn edge(mut section: Section<'_>, base: &Path) -> EdgeSection {
    let organisation = section
        .string("organisation")
        .unwrap_or_else(|| "Tidegate".into());
    let relay_url = section.string("relay_url");
    if let Some(url) = &relay_url
        && !url.starts_with("https://")
        && !url.starts_with("http://")
    {
        section.note(
            "relay_url",
            "must be a base URL, like \"https://ai.example.com\"",
        );
    }
    let seal_key = section
        .path("seal_key", base)
        .unwrap_or_else(|| base.join("seal.key"));
    let ca = section.bundle("ca", base);
    let mut addresses = Vec::new();
    for entry in section.strings("addresses") {
        let parsed = entry.split_once('=').and_then(|(host, address)| {
            Some((host.trim().parse().ok()?, address.trim().parse().ok()?))
        });
        match parsed {
            Some(pair) => addresses.push(pair),
            None => section.note(
                "addresses",
                format!("has \"{entry}\"; write \"api.example.com=192.0.2.1:443\""),
            ),
        }
    }
    section.finish();
    EdgeSection {
        organisation,
        relay_url,
        seal_key,
        ca,
        addresses,
    }
}

/// Rule files are read here, so that `tidegate check` finds what is wrong with them.
fn guardrails(
    mut section: Section<'_>,
    base: &Path,
    warnings: &mut Vec<String>,
) -> GuardrailsSection {
    let mut rules = Vec::new();
    let mut hasher = blake3::Hasher::new();
    for name in section.strings("rule_files") {
        let path = base.join(&name);
        let text = match section.read_text(&path) {
            Ok(text) => text,
            Err(error) => {
                section.note("rule_files", format!("{}: {error}", path.display()));
                continue;
            }
        };
        hasher.update(&(text.len() as u64).to_le_bytes());
        hasher.update(text.as_bytes());
        match load::gitleaks(&text, checks::named) {
            Ok(loaded) => {
                let said = loaded.warnings.iter();
                let place = path.display();
                warnings.extend(said.map(|said| format!("{place}: {} {}", said.rule, said.text)));
                rules.extend(loaded.rules);
            }
            Err(errors) => {
                for error in errors {
                    let said = format!("{}: {} {}", path.display(), error.rule, error.text);
                    section.note("rule_files", said);
                }
            }
        }
    }
    let engines = section.sections("engines").into_iter();
    let engines: Vec<_> = engines.filter_map(|one| engine::read(one, base)).collect();
    let mut names: Vec<_> = engines.iter().map(|engine| &engine.name).collect();
    names.sort();
    if names.windows(2).any(|pair| pair.first() == pair.last()) {
        section.note("engines", "two of them have one name");
    }
    section.finish();
    GuardrailsSection {
        rules,
        rules_digest: hasher.finalize(),
        engines,
    }
}

fn retention(mut section: Section<'_>) -> Option<Duration> {
    let days = |days: u64| Duration::from_secs(days * 86_400);
    let forever = section.bool("forever", false);
    let requests = section.duration("requests", days(90));
    if requests < days(1) {
        section.note("requests", "must be at least \"1d\"");
    }
    section.finish();
    (!forever).then_some(requests)
}

fn prices(mut section: Section<'_>, base: &Path) -> Vec<PriceRow> {
    let text = section.path("file", base).and_then(|path| {
        section
            .read_text(&path)
            .map_err(|error| section.note("file", format!("{}: {error}", path.display())))
            .ok()
    });
    let rows = text.as_deref().map(PriceRow::list_from_toml).transpose();
    if let Err(error) = &rows {
        section.note("file", error.to_string());
    }
    section.finish();
    rows.ok().flatten().unwrap_or_default()
}
