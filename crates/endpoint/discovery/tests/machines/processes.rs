//! What running clients know: variables that move settings, the folder they work in, what they were
//! started with, and what they started.

use std::{
    fs,
    os::unix::fs::{MetadataExt, symlink},
};

use anyhow::Result;
use tidegate_device_api::Scope;
use tidegate_discovery::{Executed, Home, Os, Places, inventory, running};

use crate::machine::{Machine, names};

struct Process<'p> {
    pid: u32,
    parent: u32,
    uid: u32,
    exe: &'p str,
    argv: &'p [&'p str],
    environment: &'p [&'p str],
}

impl Machine {
    fn runs(&self, process: &Process<'_>) -> Result<()> {
        let Process {
            pid,
            parent,
            uid,
            exe,
            ..
        } = process;
        let ends = |words: &[&str]| {
            words
                .iter()
                .map(|word| format!("{word}\0"))
                .collect::<String>()
        };
        let folder = format!("/proc/{pid}");
        let tail = "1 1 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 98765 1 1";
        self.write(
            &format!("{folder}/stat"),
            format!("{pid} (a) b) S {parent} {tail}\n"),
        )?;
        self.write(
            &format!("{folder}/status"),
            format!("Name:\tx\nUid:\t{uid}\t0\t0\t0\n"),
        )?;
        self.write(&format!("{folder}/cmdline"), ends(process.argv))?;
        self.write(&format!("{folder}/environ"), ends(process.environment))?;
        self.write(&format!("{folder}/fd/keep"), "")?;
        for number in ["0", "1"] {
            symlink("pipe:[7]", self.real(&format!("{folder}/fd/{number}")))?;
        }
        symlink("/home/ada/work", self.real(&format!("{folder}/cwd")))?;
        symlink(exe, self.real(&format!("{folder}/exe")))?;
        Ok(())
    }
}

fn servers(name: &str) -> String {
    format!(r#"{{"mcpServers": {{"{name}": {{"command": "npx", "args": ["-y", "{name}-mcp"]}}}}}}"#)
}

fn machine() -> Result<Machine> {
    let machine = Machine::new(Os::Linux)?;
    machine.write("/home/ada/.claude.json", servers("usual"))?;
    machine.write("/data/claude/.claude.json", servers("moved"))?;
    machine.write("/data/home/.cursor/mcp.json", servers("elsewhere"))?;
    machine.write("/home/ada/work/.mcp.json", servers("here"))?;
    machine.write("/home/ada/work/extra.json", servers("given"))?;
    let claude = Process {
        pid: 50,
        parent: 1,
        uid: 1000,
        exe: "/home/ada/.local/bin/claude",
        argv: &[
            "claude",
            "--mcp-config",
            "extra.json",
            r#"{"mcpServers": {"inline": {"url": "https://i.example.com/mcp"}}}"#,
        ],
        environment: &[
            "CLAUDE_CONFIG_DIR=/data/claude",
            "ANTHROPIC_API_KEY=planted-key",
            "HOME=/data/home",
        ],
    };
    machine.runs(&claude)?;
    let opencode = Process {
        pid: 51,
        exe: "/usr/bin/opencode",
        argv: &["opencode"],
        environment: &[
            r#"OPENCODE_CONFIG_CONTENT={"mcp": {"content": {"type": "local", "command": ["uvx", "content-mcp"], "environment": {"K": "planted-content"}}}}"#,
        ],
        ..claude
    };
    machine.runs(&opencode)?;
    let other = Process {
        pid: 52,
        uid: 1001,
        environment: &["CODEX_HOME=/data/codex"],
        ..claude
    };
    machine.write(
        "/data/codex/config.toml",
        "[mcp_servers.others]\ncommand = \"x\"\n",
    )?;
    machine.runs(&other)?;
    let child = Process {
        pid: 60,
        parent: 50,
        exe: "/usr/bin/npx",
        argv: &["npx", "-y", "usual-mcp"],
        environment: &[],
        ..claude
    };
    machine.runs(&child)?;
    machine.runs(&Process {
        pid: 61,
        parent: 60,
        argv: &["npx", "-y", "unlisted-mcp", "--token", "planted"],
        ..child
    })?;
    machine.runs(&Process {
        pid: 62,
        argv: &["npx", "-y", "typescript-language-server"],
        ..child
    })?;
    machine.runs(&Process {
        pid: 63,
        parent: 1,
        argv: &["npx", "-y", "unlisted-mcp"],
        ..child
    })?;
    machine.runs(&Process {
        pid: 64,
        parent: 1,
        argv: &["npx", "usual-mcp"],
        ..child
    })?;
    Ok(machine)
}

#[test]
fn running_clients_say_where_else_to_look() -> Result<()> {
    let machine = machine()?;
    let found = machine.scan();
    assert_eq!(
        names(&found, "claude-code"),
        ["moved", "usual", "here", "inline", "given"]
    );
    // A project's `.mcp.json` is read by Cursor too, where there is one.
    assert_eq!(names(&found, "cursor"), ["elsewhere", "here"]);
    assert_eq!(names(&found, "opencode"), ["content"]);
    assert!(names(&found, "codex").is_empty(), "another person's");
    for located in &found.servers {
        let server = &located.server;
        let process = matches!(server.name.as_str(), "inline" | "given" | "content");
        assert_eq!(server.scope == Scope::Process, process, "{}", server.name);
        let file = !matches!(server.name.as_str(), "inline" | "content");
        assert_eq!(located.entry.is_some(), file, "{}", server.name);
    }
    let json = inventory(&[(None, found)]).json;
    assert!(!String::from_utf8_lossy(&json).contains("planted"));
    Ok(())
}

#[test]
fn servers_that_run_are_told_from_what_else_runs() -> Result<()> {
    let machine = machine()?;
    let found = machine.scan();
    let running = running(&machine.places, &machine.ada(), &found, &[]);
    let told: Vec<_> = running
        .iter()
        .map(|server| {
            let client = server.client.as_ref().map(|client| client.as_str());
            (server.pid, server.identity.as_str(), client, server.listed)
        })
        .collect();
    assert_eq!(
        told,
        [
            (60, "npm:usual-mcp", Some("claude-code"), true),
            (61, "npm:unlisted-mcp", Some("claude-code"), false),
            (64, "npm:usual-mcp", None, true),
        ]
    );
    assert!(running.iter().all(|server| server.start == 98_765));
    // A process that is gone is none.
    fs::remove_dir_all(machine.real("/proc/60"))?;
    let left = tidegate_discovery::running(&machine.places, &machine.ada(), &found, &[]);
    assert_eq!(left.len(), 1, "and what was below it is nobody's: {left:?}");
    Ok(())
}

#[test]
fn what_is_looked_for_by_name_is_found_below_a_client_whatever_brought_it() -> Result<()> {
    let machine = machine()?;
    let found = machine.scan();
    let wanted = "npm:typescript-language-server".parse()?;
    let pids = |wanted: &[&tidegate_policy::McpIdentity]| -> Vec<u32> {
        let running = running(&machine.places, &machine.ada(), &found, wanted);
        running.iter().map(|server| server.pid).collect()
    };
    assert_eq!(pids(&[]), [60, 61, 64]);
    // No file names it, and it does not say what it is.
    assert_eq!(pids(&[&wanted]), [60, 61, 62, 64]);
    // What no client started is a person's own.
    let elsewhere = "npm:unlisted-mcp".parse()?;
    assert!(!pids(&[&elsewhere]).contains(&63));
    Ok(())
}

#[test]
fn one_process_is_what_a_look_at_all_would_take_it_for() -> Result<()> {
    let machine = machine()?;
    let (found, ada) = (machine.scan(), machine.ada());
    let all = running(&machine.places, &ada, &found, &[]);
    let executed = Executed::of(&machine.places, &ada);
    let look = |pid, start| executed.look(pid, start, "claude-code".parse().unwrap());
    for known in all.iter().filter(|server| server.client.is_some()) {
        let seems = look(known.pid, known.start).expect("it is there");
        let expected = tidegate_discovery::Running {
            listed: false,
            ..known.clone()
        };
        assert_eq!((seems.server, seems.says_so), (expected, true));
    }
    let other = look(62, 98_765).expect("it is there");
    assert_eq!(
        other.server.identity.as_str(),
        "npm:typescript-language-server"
    );
    assert!(!other.says_so, "it does not call itself a server");
    fs::remove_file(machine.real("/proc/61/fd/1"))?;
    assert!(
        !look(61, 98_765).expect("it is there").says_so,
        "without a pipe"
    );
    assert!(executed.is_client(50) && !executed.is_client(60));
    // Another process has its number; another person's; none at all.
    assert_eq!(look(60, 98_764), None);
    assert_eq!(look(52, 98_765), None);
    assert_eq!(look(77, 98_765), None);
    assert!(!executed.is_client(52) && !executed.is_client(77));
    Ok(())
}

/// Our shim stands for the server that it is told to start, and refuses it itself.
#[test]
fn our_own_program_is_no_server() -> Result<()> {
    let places = Places {
        root: "/".into(),
        os: Os::Linux,
    };
    let pid = std::process::id();
    let text = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    let (_, fields) = text.rsplit_once(')').expect("a name");
    let start = fields.split_ascii_whitespace().nth(19).expect("a start");
    let owner = fs::metadata(format!("/proc/{pid}"))?;
    let home = Home {
        user: "x".into(),
        uid: owner.uid(),
        gid: owner.gid(),
        path: "/nowhere".into(),
    };
    let executed = Executed::of(&places, &home);
    assert_eq!(executed.look(pid, start.parse()?, "codex".parse()?), None);
    Ok(())
}

/// What is remembered of files is forgotten when that is asked for: a script may have become another one.
#[test]
fn a_script_that_was_replaced_is_another_server() -> Result<()> {
    let machine = Machine::new(Os::Linux)?;
    machine.write("/home/ada/server.py", "one")?;
    machine.runs(&Process {
        pid: 70,
        parent: 50,
        uid: 1000,
        exe: "/usr/bin/python3.11",
        argv: &["python3", "/home/ada/server.py"],
        environment: &[],
    })?;
    let ada = machine.ada();
    let executed = Executed::of(&machine.places, &ada);
    let identity = || {
        let seems = executed.look(70, 98_765, "codex".parse().unwrap());
        seems.map(|seems| seems.server.identity.to_string())
    };
    let before = identity().expect("it is there");
    machine.write("/home/ada/server.py", "two")?;
    assert_eq!(identity().as_ref(), Some(&before));
    executed.forget();
    assert_ne!(identity(), Some(before));
    Ok(())
}
