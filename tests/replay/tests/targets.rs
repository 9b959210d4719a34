//! Every fuzz target: what fuzzing found worth keeping, and two seconds of mutations of it.

macro_rules! targets {
    ($($name:ident => $target:path;)*) => {
        $(mod $name {
            #[test]
            fn corpus() -> anyhow::Result<()> {
                tidegate_replay::replay(stringify!($name), $target).map(drop)
            }

            #[test]
            fn mutations() -> anyhow::Result<()> {
                let count = tidegate_replay::mutations(stringify!($name), $target)?;
                println!("{}: {count} mutations", stringify!($name));
                anyhow::ensure!(count > 100, "only {count} in that time");
                Ok(())
            }
        })*

        /// The targets that cargo-fuzz knows, and the corpora, are these.
        #[test]
        fn none_is_left_out() -> anyhow::Result<()> {
            let fuzz = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz");
            let named = std::collections::BTreeSet::from([$(stringify!($name).to_owned()),*]);
            for folder in ["corpus", "fuzz_targets"] {
                let mut found = std::collections::BTreeSet::new();
                for entry in std::fs::read_dir(fuzz.join(folder))? {
                    let path = entry?.path();
                    found.extend(path.file_stem().map(|name| name.to_string_lossy().into_owned()));
                }
                assert_eq!(found, named, "{folder}");
            }
            Ok(())
        }
    };
}

targets! {
    answer => tidegate_mitm::fuzzing::answer;
    eventstream => tidegate_wire::fuzzing::eventstream;
    gateway_url => tidegate_mitm::fuzzing::gateway_url;
    guardrails => tidegate_guardrails::fuzzing::scanner;
    headers => tidegate_wire::fuzzing::header_lines;
    hello => tidegate_mitm::fuzzing::hello;
    import => tidegate_import::fuzzing::import;
    json_splice => tidegate_wire::fuzzing::json_splice;
    launch => tidegate_policy::fuzzing::launch;
    ledger => tidegate_trust::fuzzing::ledger;
    peer => tidegate_wire::fuzzing::peer;
    policy => tidegate_policy::fuzzing::document;
    process => tidegate_attribution::fuzzing::process;
    relayed => tidegate_wire::fuzzing::relayed;
    route => tidegate_wire::fuzzing::routes;
    rule_file => tidegate_guardrails::fuzzing::rule_file;
    scim => tidegate_scim::fuzzing::request;
    second_look => tidegate_guardrails::fuzzing::second_look;
    settings => tidegate_discovery::fuzzing::settings;
    socket => tidegate_wire::fuzzing::socket;
    split => tidegate_split::fuzzing::frame;
    sse => tidegate_wire::fuzzing::sse;
    surface => tidegate_wire::fuzzing::surface;
    texts_body => tidegate_texts::fuzzing::texts_body;
    texts_stream => tidegate_texts::fuzzing::texts_stream;
    translate => tidegate_wire::fuzzing::translate;
}
