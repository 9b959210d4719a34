//! One server's life behind a shim.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Write},
    os::fd::AsFd,
    sync::Arc,
    thread,
    time::Duration,
};

use nix::sys::signal::Signal;
use serde_json::Value;
use tidegate_policy::{Decision, FailMode, McpVerdict};
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::oneshot::{Receiver, channel},
    time::timeout,
};

use crate::{
    Settings, answer,
    child::{Server, code},
    client::ToClient,
    decisions::{Decisions, undecided},
    message::{Content, Message, content},
    pending::readable,
    pump::{self, Moved},
    seen::Notes,
    session::{Session, because},
    watch::Watch,
};

/// What a shell says when there is no such program, or when it is none (POSIX.1-2024, §2.8.2).
const NOT_FOUND: u8 = 127;
const NOT_EXECUTABLE: u8 = 126;
/// What a client is told by the code of a denied server.
const DENIED: u8 = 1;
/// How long a client that starts a denied server has to say its first word.
const FIRST_WORD: Duration = Duration::from_secs(10);
/// How long the last words to a client may take that does not read.
const LAST_WORDS: Duration = Duration::from_secs(2);
/// How long the output of a server that has ended is waited for, when nothing more comes of it: what it
/// started may hold it open for ever.
const QUIET: Duration = Duration::from_secs(1);

/// Runs a server behind a shim on this process's own standard input and output; gives back the code with
/// which to exit, at once: threads may still wait for input. To be called in a Tokio runtime with signals,
/// timers and IO, on a thread that lives as long as the process.
pub async fn run(settings: Settings) -> u8 {
    let (input, output) = match take_over() {
        Ok(files) => files,
        Err(error) => {
            say(&settings, &format!("has no input or output: {error}"));
            return 1;
        }
    };
    let client = Arc::new(ToClient::new(output));
    // Watched before it is read, so that no change falls between.
    let mut watch = Watch::new(&settings.decisions);
    let verdict = match decide(&settings, None) {
        Ok(verdict) => verdict,
        Err(sentence) => return refuse(&settings, &sentence, input, &client).await,
    };
    serve(&settings, verdict, input, &client, &mut watch).await
}

/// Standard input and output become ours alone: closing them is then seen by the client.
fn take_over() -> io::Result<(File, File)> {
    let input = File::from(io::stdin().as_fd().try_clone_to_owned()?);
    let output = File::from(io::stdout().as_fd().try_clone_to_owned()?);
    let nothing = File::options().read(true).write(true).open("/dev/null")?;
    nix::unistd::dup2_stdin(&nothing)?;
    nix::unistd::dup2_stdout(&nothing)?;
    Ok((input, output))
}

/// What holds for the server now; or the sentence that says why it may not run. `before` is what held
/// until now: decisions that cannot be read change nothing.
fn decide(settings: &Settings, before: Option<McpVerdict>) -> Result<McpVerdict, String> {
    let verdict = match Decisions::read(&settings.decisions, settings.owner) {
        Ok(decisions) => decisions.about(&settings.server),
        Err(error) => match (before, settings.fail) {
            (Some(before), _) => before,
            (None, FailMode::Open) => {
                say(settings, &format!("runs without decisions: {error}"));
                undecided()
            }
            (None, FailMode::Closed) => {
                let about = format!("The MCP server \"{}\"", settings.name);
                return Err(format!("{about} does not start without decisions: {error}"));
            }
        },
    };
    if verdict.decision == Decision::Denied {
        let about = format!("The MCP server \"{}\"", settings.name);
        let why = because(verdict.note.as_deref());
        return Err(format!("{about} is denied by your organisation{why}"));
    }
    Ok(verdict)
}

async fn serve(
    settings: &Settings,
    verdict: McpVerdict,
    input: File,
    client: &Arc<ToClient>,
    watch: &mut Watch,
) -> u8 {
    let kinds = [
        (SignalKind::terminate(), Signal::SIGTERM),
        (SignalKind::interrupt(), Signal::SIGINT),
        (SignalKind::hangup(), Signal::SIGHUP),
        (SignalKind::quit(), Signal::SIGQUIT),
    ];
    let [Ok(mut term), Ok(mut int), Ok(mut hup), Ok(mut quit)] =
        kinds.map(|(kind, _)| signal(kind))
    else {
        say(settings, "cannot listen for signals");
        return 1;
    };
    let (mut server, to_server, from_server) =
        match Server::start(&settings.command, &settings.args) {
            Ok(started) => started,
            Err(error) => {
                say(settings, &format!("cannot be started: {error}"));
                let missing = error.kind() == io::ErrorKind::NotFound;
                return if missing { NOT_FOUND } else { NOT_EXECUTABLE };
            }
        };
    let notes = Notes::new(
        settings.notes.clone(),
        settings.server.identity.clone(),
        settings.server.launch,
        settings.now,
    );
    let session = Arc::new(Session::new(&settings.name, verdict.clone(), notes));
    let moved = Arc::new(Moved::default());
    let output = start_pumps(input, to_server, from_server, &session, client, &moved);
    let mut held = verdict;
    let ended = loop {
        let passed_on = tokio::select! {
            ended = server.ended() => break ended,
            _ = term.recv() => Signal::SIGTERM,
            _ = int.recv() => Signal::SIGINT,
            _ = hup.recv() => Signal::SIGHUP,
            _ = quit.recv() => Signal::SIGQUIT,
            () = watch.changed() => {
                match decide(settings, Some(held.clone())) {
                    Ok(now) if now == held => {}
                    Ok(now) => {
                        held = now.clone();
                        session.decided(now);
                    }
                    Err(sentence) => {
                        return end(settings, sentence, &mut server, &session, client).await;
                    }
                }
                continue;
            }
        };
        server.signal(passed_on);
    };
    drain(output, &moved).await;
    ended.map_or(1, code)
}

/// Starts both directions. What is returned says when the server's output has ended.
fn start_pumps(
    input: File,
    to_server: File,
    from_server: File,
    session: &Arc<Session>,
    client: &Arc<ToClient>,
    moved: &Arc<Moved>,
) -> Receiver<()> {
    let (shared, way) = (Arc::clone(session), Arc::clone(client));
    thread::spawn(move || pump::to_server(input, to_server, &shared, &way));
    let (shared, way, moved) = (Arc::clone(session), Arc::clone(client), Arc::clone(moved));
    let (done, output) = channel();
    thread::spawn(move || {
        pump::to_client(from_server, &shared, &way, &moved);
        way.hang_up();
        // Nobody may be waiting for it.
        done.send(()).unwrap_or_default();
    });
    output
}

/// What a server wrote before it ended still passes, however slowly the client reads.
async fn drain(mut output: Receiver<()>, moved: &Moved) {
    loop {
        let before = moved.steps();
        let done = timeout(QUIET, &mut output).await.is_ok();
        if done || (!moved.under_way() && moved.steps() == before) {
            return;
        }
    }
}

/// The server was denied while it ran.
async fn end(
    settings: &Settings,
    sentence: String,
    server: &mut Server,
    session: &Session,
    client: &Arc<ToClient>,
) -> u8 {
    say(settings, &sentence);
    session.end(sentence.clone());
    let waiting = session.pending().take();
    let answers = waiting
        .iter()
        .map(|id| answer::denied(id, &sentence))
        .collect();
    let last = last_words(client, answers);
    server.end().await;
    drop(timeout(LAST_WORDS, last).await);
    DENIED
}

/// A client that does not read must not keep a denied server alive.
fn last_words(client: &Arc<ToClient>, messages: Vec<String>) -> Receiver<()> {
    let (done, said) = channel();
    // The server may end before that thread runs, and then its output's thread hangs up.
    client.leave(messages);
    let client = Arc::clone(client);
    thread::spawn(move || {
        client.hang_up();
        done.send(()).unwrap_or_default();
    });
    said
}

/// A server that may not start: the client's first request is told so.
async fn refuse(settings: &Settings, sentence: &str, input: File, client: &Arc<ToClient>) -> u8 {
    say(settings, sentence);
    let (done, first) = channel();
    thread::spawn(move || {
        // Nobody may be waiting for it.
        drop(done.send(first_request(input)));
    });
    if let Ok(Ok(Some(id))) = timeout(FIRST_WORD, first).await {
        let said = last_words(client, vec![answer::denied(&id, sentence)]);
        drop(timeout(LAST_WORDS, said).await);
    }
    DENIED
}

/// The id of the first request that a client makes.
fn first_request(input: File) -> Option<Value> {
    let mut input = BufReader::new(io::Read::take(input, 1 << 20));
    let mut line = String::new();
    while input.read_line(&mut line).ok()? > 0 {
        let found = match content(&line) {
            Content::One(one) => Some(one),
            Content::Batch(all) => all.first().map(|raw| raw.get()),
            Content::Unreadable => None,
        };
        let message = found.and_then(|text| serde_json::from_str::<Message<'_>>(text).ok());
        let request = message.filter(|message| !message.methods.is_empty());
        if let Some(id) = request.and_then(|message| message.id).and_then(readable) {
            return Some(id);
        }
        line.clear();
    }
    None
}

/// One line for the person who reads the client's log.
fn say(settings: &Settings, text: &str) {
    let line = if text.starts_with("The MCP server") {
        format!("tidegate-edge: {text}\n")
    } else {
        format!(
            "tidegate-edge: The MCP server \"{}\" {text}\n",
            settings.name
        )
    };
    // Nobody may be reading it.
    drop(io::stderr().write_all(line.as_bytes()));
}
