//! Which means a server in a home is stopped or filtered by.

use std::path::PathBuf;

use tidegate_device_api::{Scope, Transport};
use tidegate_discovery::{Entry, Format, Home, Located, Places};

use super::entry_at;
use crate::{
    Settings, Shadow, disk,
    lever::{self, Native},
    op::Op,
    shape::{self, Shape},
    spelling,
    verdict::Duty,
};

/// An edit, and where.
#[derive(Debug, Clone)]
pub(super) struct Wish {
    pub(super) file: PathBuf,
    pub(super) format: Format,
    pub(super) op: Op,
    /// What the console should say besides.
    pub(super) detail: Option<&'static str>,
}

/// What is done about a server in this home.
#[derive(Debug, Clone)]
pub(super) enum Plan {
    /// Nothing has to be.
    Leave,
    /// The client's own policy does it, in the pass for the machine.
    Native,
    /// The relay does it.
    Relay,
    /// An edit does it.
    Edit(Wish),
    /// Nothing can, and why.
    Cannot(&'static str),
}

pub(super) struct Planner<'a> {
    pub(super) places: &'a Places,
    pub(super) home: &'a Home,
    pub(super) settings: &'a Settings,
}

const SHARED: &str = "the entry is in a project's file, which may belong to a repository, and the client has no policy for it";
const UNSEEN: &str = "no configuration that can be edited names it";
const NOT_HERE: &str = "the entry is not in a file of this home";
const SECRET: &str = "its command holds a credential, and the client's own policy is a file that everybody \
                      reads: the entry was taken out of the configuration instead";
const SHADOWED: &str = "a policy of a rank above ours holds for the client: the entry was taken out of the \
                        configuration instead";

impl Planner<'_> {
    /// A policy in this home that stands above ours.
    pub(super) fn shadow(&self) -> Option<Shadow> {
        let by = lever::shadow_of_home(self.places, self.home, Native::ClaudeCode)?;
        let client = "claude-code".parse().ok()?;
        Some(Shadow {
            client,
            uid: self.home.uid,
            by: by.to_owned(),
        })
    }

    /// The file that names a server, if it is in this home.
    pub(super) fn file(&self, located: &Located) -> Option<PathBuf> {
        let entry = located.entry.as_ref()?;
        let home = lever::below(self.places, &self.home.path);
        disk::resolve(&lever::below(self.places, &entry.file), &home).ok()
    }

    /// Whether a file still names a server.
    pub(super) fn has(&self, located: &Located) -> bool {
        let file = self.file(located);
        let entry = located.entry.as_ref().zip(file);
        entry.is_some_and(|(entry, file)| entry_at(&file, entry.format, &entry.keys).is_some())
    }

    pub(super) fn plan(&self, located: &Located, duty: Duty) -> Plan {
        match duty {
            Duty::Leave => Plan::Leave,
            Duty::Stop => self.stop(located),
            Duty::Filter => self.filter(located),
        }
    }

    fn stop(&self, located: &Located) -> Plan {
        let native = Native::of(&located.server.client);
        let usable = native.filter(|_| self.settings.native);
        if let Some(native) = usable.filter(|native| native.by_launch()) {
            let shadow = lever::shadow(self.places, native)
                .or_else(|| lever::shadow_of_home(self.places, self.home, native));
            let said = spelling::url(located).is_some()
                || spelling::commands(located, Some(self.home)).is_some();
            if said && shadow.is_none() {
                return Plan::Native;
            }
            let why = if said { SHADOWED } else { SECRET };
            return self.edit(located, native, why);
        }
        match (native, &located.entry) {
            (Some(Native::Gemini), Some(_)) => self.gemini(located),
            (Some(_), Some(entry)) if entry.shared && usable.is_some() => Plan::Native,
            (Some(native), _) if native.by_launch() => self.edit(located, native, ""),
            _ => self.take_or_flag(located, None),
        }
    }

    /// Claude Code and Copilot, where their policy does not do.
    fn edit(&self, located: &Located, native: Native, why: &'static str) -> Plan {
        let shared = located.entry.as_ref().is_some_and(|entry| entry.shared);
        let detail = (!why.is_empty()).then_some(why);
        match (shared, native, &located.server.project) {
            (true, Native::ClaudeCode, Some(project)) => {
                let project = match project.strip_prefix('~') {
                    Some(rest) => format!("{}{rest}", self.home.path.display()),
                    None => project.clone(),
                };
                let keys = ["projects", &project, "disabledMcpjsonServers"].map(str::to_owned);
                let item = lever::name(located).into();
                let op = Op::Add {
                    keys: keys.to_vec(),
                    item,
                };
                self.wish(
                    &lever::in_home(self.places, self.home, ".claude.json"),
                    Format::Jsonc,
                    op,
                    detail,
                )
            }
            _ => self.take_or_flag(located, detail),
        }
    }

    fn gemini(&self, located: &Located) -> Plan {
        let file = lever::in_home(self.places, self.home, ".gemini/settings.json");
        let keys = vec!["mcp".to_owned(), "excluded".to_owned()];
        let op = Op::Add {
            keys,
            item: lever::name(located).into(),
        };
        self.wish(&file, Format::Jsonc, op, None)
    }

    fn take_or_flag(&self, located: &Located, detail: Option<&'static str>) -> Plan {
        let entry = match self.own(located) {
            Ok(entry) => entry,
            Err(reason) => return Plan::Cannot(reason),
        };
        let file = lever::below(self.places, &entry.file);
        let op = match lever::flag(&located.server.client, entry.format) {
            Some((flag, value)) => Op::Flag {
                keys: [entry.keys.as_slice(), &[flag.to_owned()]].concat(),
                value: value.into(),
            },
            None => {
                // Only what is named by a number can stand in a list.
                let number = entry
                    .keys
                    .last()
                    .is_some_and(|key| key.parse::<usize>().is_ok());
                let old = number
                    .then(|| entry_at(&file, entry.format, &entry.keys))
                    .flatten();
                let is = old.filter(|(_, in_list)| *in_list).map(|(value, _)| value);
                Op::Take {
                    keys: entry.keys.clone(),
                    is,
                }
            }
        };
        self.wish(&file, entry.format, op, detail)
    }

    fn filter(&self, located: &Located) -> Plan {
        if located.server.transport != Transport::Stdio {
            return Plan::Relay;
        }
        let entry = match self.own(located) {
            Ok(entry) => entry,
            Err(reason) => return Plan::Cannot(reason),
        };
        let file = lever::below(self.places, &entry.file);
        let Some((value, _)) = entry_at(&file, entry.format, &entry.keys) else {
            return Plan::Cannot(NOT_HERE);
        };
        let shaped = Shape::of(&value).and_then(|shape| Some((shape, shape.argv(&value)?)));
        let Some((shape, argv)) = shaped else {
            return Plan::Cannot(
                "its launch is written in a way that the shim cannot be put before",
            );
        };
        let inner = shape::inside(&argv).unwrap_or(&argv);
        let server = &located.server;
        let argv = shape::wrapped(
            &self.settings.shim,
            server.client.as_str(),
            &server.name,
            inner,
        );
        let op = Op::Wrap {
            keys: entry.keys.clone(),
            shape,
            argv,
        };
        self.wish(&file, entry.format, op, None)
    }

    /// The entry, if it is the user's own to edit.
    fn own<'l>(&self, located: &'l Located) -> Result<&'l Entry, &'static str> {
        let entry = located.entry.as_ref().ok_or(UNSEEN)?;
        match located.server.scope {
            _ if entry.shared => Err(SHARED),
            Scope::Extension => Err("an extension's own manifest is not edited"),
            Scope::Managed => Err(NOT_HERE),
            _ => Ok(entry),
        }
    }

    fn wish(
        &self,
        file: &std::path::Path,
        format: Format,
        op: Op,
        detail: Option<&'static str>,
    ) -> Plan {
        let home = lever::below(self.places, &self.home.path);
        match disk::resolve(file, &home) {
            Ok(file) => Plan::Edit(Wish {
                file,
                format,
                op,
                detail,
            }),
            Err(_) => Plan::Cannot("the file lies outside the home, behind a link"),
        }
    }
}
