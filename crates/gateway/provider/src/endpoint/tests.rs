//! Base URLs that operators write, and those that must be refused.

use proptest::prelude::*;

use super::*;

fn parse(url: &str) -> Result<Endpoint, EndpointError> {
    Endpoint::parse(url, ClearText::Loopback)
}

#[test]
fn takes_a_base_url_apart() {
    let plain = parse("https://api.openai.com").unwrap();
    assert!(plain.tls());
    assert_eq!(
        (plain.host(), plain.port(), plain.prefix()),
        ("api.openai.com", 443, "")
    );
    assert_eq!(plain.host_header(), "api.openai.com");
    assert_eq!(parse("HTTPS://API.OpenAI.com/").unwrap(), plain);
    assert_eq!(parse("https://api.openai.com:443").unwrap(), plain);

    let full = parse("https://gw.example:8443/openai/eu/").unwrap();
    assert_eq!(
        (full.host(), full.port(), full.prefix()),
        ("gw.example", 8443, "/openai/eu")
    );
    assert_eq!(full.host_header(), "gw.example:8443");
    assert_eq!(full.to_string(), "https://gw.example:8443/openai/eu");

    let six = parse("http://[::1]:9000").unwrap();
    assert_eq!((six.tls(), six.host(), six.port()), (false, "::1", 9000));
    assert_eq!(six.host_header(), "[::1]:9000");
}

#[test]
fn says_what_is_wrong_with_a_base_url() {
    use EndpointError as E;
    let host = |text: &str| E::Host(text.to_owned());
    let path = |text: &str| E::Path(text.to_owned());
    for (url, error) in [
        ("api.openai.com", E::Scheme),
        ("ftp://api.openai.com", E::Scheme),
        ("https://", E::NoHost),
        ("https://:443", E::NoHost),
        ("https:///v1", E::NoHost),
        ("https://me:secret@api.openai.com", E::UserInfo),
        ("https://api.openai.com?key=1", E::Query),
        ("https://api.openai.com/#x", E::Fragment),
        ("https://api.openai.com/v1", E::Version("v1")),
        ("https://api.openai.com/v1/", E::Version("v1")),
        ("https://host.example/proxy/v1beta", E::Version("v1beta")),
        ("https://api openai.com", host("api openai.com")),
        ("https://-x.example", host("-x.example")),
        ("https://a..b", host("a..b")),
        ("https://[::1", host("[::1")),
        ("https://[nope]", host("[nope]")),
        ("http://127.1", host("127.1")),
        ("http://2130706433", host("2130706433")),
        ("https://a.example:0", E::Port("0".to_owned())),
        ("https://a.example:+80", E::Port("+80".to_owned())),
        ("https://a.example:99999", E::Port("99999".to_owned())),
        ("https://a.example:", E::Port(String::new())),
        ("https://a.example/x/../y", path("/x/../y")),
        ("https://a.example//x", path("//x")),
        ("https://a.example/x//", path("/x//")),
        ("https://a.example/%2e%2e", path("/%2e%2e")),
    ] {
        assert_eq!(parse(url), Err(error), "{url}");
    }
    assert_eq!(
        parse(&format!("https://{}", "a".repeat(MAX_LENGTH))),
        Err(E::Length)
    );
}

#[test]
fn an_error_never_repeats_a_password() {
    let error = parse("https://me:hunter2@api.openai.com").unwrap_err();
    assert!(!format!("{error} {error:?}").contains("hunter2"));
}

#[test]
fn clear_text_stays_on_this_machine_unless_allowed() {
    for url in [
        "http://127.0.0.1:8090",
        "http://127.9.9.9",
        "http://localhost",
        "http://mock.localhost:1",
        "http://[::1]",
    ] {
        assert!(parse(url).is_ok(), "{url}");
    }
    for url in [
        "http://10.0.0.1",
        "http://api.openai.com",
        "http://localhost.example.com",
        "http://notlocalhost",
        "http://[::2]",
        "http://0.0.0.0",
    ] {
        assert!(
            matches!(parse(url), Err(EndpointError::ClearText(_))),
            "{url}"
        );
        assert!(Endpoint::parse(url, ClearText::Anywhere).is_ok(), "{url}");
    }
}

proptest! {
    #[test]
    fn no_text_breaks_the_parser(url in "(https?://)?[ -~]{0,40}") {
        if let Ok(endpoint) = parse(&url) {
            prop_assert_eq!(parse(&endpoint.to_string()), Ok(endpoint));
        }
    }

    #[test]
    fn a_good_url_round_trips(
        host in "[a-z]{1,8}(\\.[a-z]{2,5}){1,2}",
        port in 1_u16..,
        path in "(/[a-u]{1,6}){0,3}",
    ) {
        let endpoint = parse(&format!("https://{host}:{port}{path}")).unwrap();
        prop_assert_eq!(endpoint.host(), host);
        prop_assert_eq!(endpoint.port(), port);
        prop_assert_eq!(endpoint.prefix(), path);
    }
}
