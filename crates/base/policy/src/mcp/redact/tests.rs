//! What is taken out of command lines and URLs, and what stays.

use proptest::prelude::*;

use super::{redact_args, redact_url};

fn told(args: &[&str]) -> (String, bool) {
    let args: Vec<String> = args.iter().map(|word| (*word).to_owned()).collect();
    let (words, found) = redact_args(&args);
    (words.join(" "), found)
}

#[test]
fn credentials_go_and_the_rest_stays() {
    for (args, kept) in [
        (&["-y", "pkg", "--token", "abc"][..], "-y pkg --token ***"),
        (&["--api-key=abc", "x"], "--api-key=*** x"),
        (&["--API_KEY", "abc", "x"], "--API_KEY *** x"),
        (
            &["-H", "Authorization: Bearer abc"],
            "-H Authorization: ***",
        ),
        (&["-HCookie: abc"], "-HCookie: ***"),
        (&["--header=X-Team: blue"], "--header=X-Team: ***"),
        (&["--header", "X-Team: blue"], "--header X-Team: ***"),
        (
            &["--headers", "X-Key", "abc", "url"],
            "--headers X-Key *** url",
        ),
        (&["GITHUB_TOKEN=abc", "npx"], "GITHUB_TOKEN=*** npx"),
        (&["-e", "TEAM=blue-42-x", "img"], "-e TEAM=*** img"),
        (&["-eTEAM=blue-42-x", "img"], "-eTEAM=*** img"),
        (&["postgres://u:p@h/db"], "postgres://***@h/db"),
        (&["--dsn", "mysql://u:p@h/db"], "--dsn ***"),
        (
            &["--db=postgres://u:p@h/db?x=secret1"],
            "--db=postgres://***@h/db?x=***",
        ),
        (&["https://h/p?key=abc#frag"], "https://h/p?key=***#***"),
        (
            &["{\"apiKey\":\"abc\",\"n\":[\"/home/ann/x\"]}"],
            "{\"apiKey\":\"***\",\"n\":[\"~/x\"]}",
        ),
        (
            &["-c", "TOKEN=abc npx -y p --password abc"],
            "-c TOKEN=*** npx -y p --password ***",
        ),
        (
            &["-c", "curl -H 'Authorization: Bearer abc'"],
            "-c curl -H 'Authorization: Bearer ***",
        ),
        (
            &["host=h user=u password=abc"],
            "host=h user=u password=***",
        ),
        (&["-u", "ann:abc"], "-u ***"),
        (&["--token", "-abcdef"], "--token ***"),
    ] {
        let (words, found) = told(args);
        assert_eq!(words, kept);
        assert!(found, "{words}");
    }
}

#[test]
fn what_is_no_credential_stays() {
    for args in [
        &[
            "-y",
            "@modelcontextprotocol/server-filesystem@2025.8.21",
            "~/Documents",
        ][..],
        &[
            "run",
            "-i",
            "--rm",
            "mcp/git:1.2@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        ],
        &["--from", "git+https://github.com/o/r@v1", "tool"],
        &["--port", "8080", "--transport=sse", "https://h.example/mcp"],
        &["--id", "0e37df36-f698-11e6-8dd4-cb9ced3df976"],
        &["a:b", "--flag", "x=y"],
    ] {
        let (words, found) = told(args);
        assert_eq!(words, args.join(" "));
        assert!(!found, "{words}");
    }
}

#[test]
fn urls_keep_where_they_point() {
    for (url, kept, secret) in [
        ("https://h/p", "https://h/p", false),
        ("https://u:p@h:8/p", "https://***@h:8/p", true),
        (
            "https://h/s/a1B2c3D4e5F6g7H8i9J0/mcp",
            "https://h/s/***/mcp",
            true,
        ),
        (
            "https://h/p?transport=sse",
            "https://h/p?transport=***",
            false,
        ),
        ("https://h/p?k=a1b2c3", "https://h/p?k=***", true),
        ("https://h/p?a1B2c3D4e5F6g7H8i9J0", "https://h/p?***", true),
        ("redis://:p/w@h/0", "redis://***@h/0", true),
        ("https://u:p/w@h/0", "https://***@h/0", true),
        ("https://h/@scope/x", "https://h/@scope/x", false),
        ("${URL}", "${URL}", false),
    ] {
        assert_eq!(redact_url(url), (kept.to_owned(), secret), "{url}");
    }
}

#[test]
fn what_an_environment_is_given_is_never_told() {
    // Told neither by its name nor by its looks.
    let given = "sk-ant-api03-3-4f-_QKC-OB9--__1F___E_Z--AU_B_";
    for word in [
        "--env=OTHER=@",
        "--environment=OTHER=@",
        "-e=OTHER=@",
        "-eOTHER=@",
    ] {
        let (words, found) = redact_args(&[word.replace('@', given)]);
        assert_eq!((words, found), (vec![word.replace('@', "***")], true));
    }
}

proptest! {
    #[test]
    fn a_planted_credential_is_taken_out(
        secret in "(ghp_|sk-|)[A-Za-z0-9]{32,48}",
        shape in prop::sample::select(vec![
            "@", "--token @", "--x=@", "K=@", "-H X:@", "https://h/@/x", "https://@@h/", "h?@",
            "https://h/?q=@", "{\"a\":\"@\"}", "{\"a\":[{\"@\":1}]}", "-c 'npx @'", "a,@,b", "/a/@/b",
            "\"@\"", "p@ss:@", "--@", "-@", "[\"@", "x=@;y=@", "Bearer @", "@@@", "%@%", "jdbc:x://h;p=@",
        ]),
        glued in any::<bool>(),
    ) {
        let text = shape.replace('@', &secret);
        let args: Vec<String> = if glued {
            vec![text]
        } else {
            text.split(' ').map(str::to_owned).collect()
        };
        let (words, _) = redact_args(&args);
        prop_assert!(!words.join(" ").contains(&secret), "{words:?}");
        prop_assert!(!redact_url(&args.join(" ")).0.contains(&secret));
    }

    #[test]
    fn any_words_can_be_redacted(args in prop::collection::vec("\\PC{0,40}", 0..6)) {
        let (words, _) = redact_args(&args);
        prop_assert_eq!(words.len(), args.len());
        // What was redacted has nothing left to take out.
        let again = redact_args(&words).0;
        prop_assert_eq!(redact_args(&again).0, again);
    }
}
