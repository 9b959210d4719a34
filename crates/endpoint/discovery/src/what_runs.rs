//! What a command line is, as a scan would tell it: for our shim, which is started with one.

use std::path::Path;

use tidegate_policy::{Identified, Launch, identify};

use crate::{Home, Places, files::Files};

/// What a person's command line is, started in a folder.
#[must_use]
pub fn what_runs(
    places: &Places,
    home: &Home,
    folder: Option<&Path>,
    argv: &[String],
) -> Option<Identified> {
    let (command, args) = argv.split_first()?;
    let launch = Launch::Local {
        command: command.clone(),
        args: args.to_vec(),
    };
    let files = Files::new(places, Some(home));
    let own = home.path.to_string_lossy();
    Some(identify(&launch, Some(&own), &files.at(folder)))
}
