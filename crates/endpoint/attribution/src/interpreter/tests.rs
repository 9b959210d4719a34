//! Command lines as people and tools write them.

use proptest::prelude::*;

use super::*;

fn runs(line: &str) -> Runs {
    let command: Vec<String> = line.split(' ').map(str::to_owned).collect();
    let interpreter = Interpreter::of(&command[0]);
    interpreter.map_or(Runs::Nothing, |it| it.runs(&command))
}

#[test]
fn scripts_are_found_behind_options() {
    for (line, script) in [
        ("node cli.js --model x", "cli.js"),
        (
            "/usr/bin/node --max-old-space-size=4096 -r ./hook.js --import x cli.js a.js",
            "cli.js",
        ),
        ("node --inspect -- -odd.js", "-odd.js"),
        ("bun run --preload p.ts main.ts", "main.ts"),
        ("bun main.ts run", "main.ts"),
        (
            "deno run -A --config deno.json https://x/y.ts",
            "https://x/y.ts",
        ),
        ("python3.12 -u -W ignore app.py -m x", "app.py"),
        ("python -Wignore -X dev app.py", "app.py"),
        ("ruby -W0 -I lib -r json tool.rb", "tool.rb"),
        ("java -Xmx1g -cp a:b -jar app.jar", "app.jar"),
        ("bash -eu -o pipefail run.sh -c x", "run.sh"),
        ("sh /usr/bin/tool", "/usr/bin/tool"),
        ("bash +x --norc run.sh", "run.sh"),
    ] {
        assert_eq!(runs(line), Runs::Script(script.into()), "{line}");
    }
}

#[test]
fn modules_and_main_classes_are_found() {
    for (line, module) in [
        ("python -m aider --yes", "aider"),
        ("python3 -Im aider", "aider"),
        ("python3 -maider", "aider"),
        ("java -cp x.jar com.example.Main run", "com.example.Main"),
        (
            "java -p mods -m com.example/com.example.Main",
            "com.example",
        ),
    ] {
        assert_eq!(runs(line), Runs::Module(module.into()), "{line}");
    }
}

#[test]
fn code_without_a_file_is_nothing() {
    for line in [
        "node",
        "node -e code x.js",
        "node -pe 1 x.js",
        "node - x.js",
        "python",
        "python -c code x.py",
        "python3 -uc code",
        "bash -c code name",
        "bash -lc code",
        "bash -i -s x",
        "ruby -ne code",
        "java -jar",
        "python -m",
        "curl x.js",
        "node ",
    ] {
        assert_eq!(runs(line), Runs::Nothing, "{line}");
    }
}

proptest! {
    #[test]
    fn whatever_it_finds_was_there(
        name in prop::sample::select(vec!["node", "bun", "deno", "python3", "ruby", "java", "bash"]),
        words in prop::collection::vec("[-+a-zé/=. ]{0,6}", 0..8),
    ) {
        let mut command = vec![name.to_owned()];
        command.extend(words);
        let whole = command[1..].join("\n");
        match Interpreter::of(name).unwrap().runs(&command) {
            Runs::Script(text) | Runs::Module(text) => prop_assert!(whole.contains(&text)),
            Runs::Nothing => {}
        }
    }
}
