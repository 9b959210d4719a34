//! How an app is told by what its installation leaves on a disk. Every name here is whole and exact:
//! a part of a name would make *media analysis* out of *dia*.

use serde::Deserialize;

use crate::AppId;

use super::CatalogueError;

/// The marks of an installation. Lists may be empty: nobody packs everything for everybody.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Install {
    /// Its name for people.
    pub title: String,
    /// It serves models on this machine.
    #[serde(default)]
    pub serves_models: bool,
    /// Packages of Linux distributions (dpkg, RPM, apk).
    #[serde(default)]
    pub packages: Vec<String>,
    /// Snaps.
    #[serde(default)]
    pub snaps: Vec<String>,
    /// Flatpaks.
    #[serde(default)]
    pub flatpaks: Vec<String>,
    /// Desktop entries, without `.desktop`.
    #[serde(default)]
    pub desktop: Vec<String>,
    /// AppImages: the words at the beginning of the file's name, lower case, one space between.
    #[serde(default)]
    pub appimages: Vec<String>,
    /// Homebrew formulae.
    #[serde(default)]
    pub formulae: Vec<String>,
    /// Homebrew casks.
    #[serde(default)]
    pub casks: Vec<String>,
    /// Bundle identifiers on macOS.
    #[serde(default)]
    pub bundles: Vec<String>,
    /// Names of the bundle's folder without `.app`, where several apps have one identifier.
    #[serde(default)]
    pub bundle_names: Vec<String>,
    /// Folders below `Programs` of a user, or below `Program Files`, on Windows.
    #[serde(default)]
    pub programs: Vec<String>,
    /// MSIX package families.
    #[serde(default)]
    pub msix: Vec<String>,
    /// Extensions of editors like VS Code, `publisher.name` in lower case.
    #[serde(default)]
    pub editor_extensions: Vec<String>,
    /// Folders of `JetBrains` plugins.
    #[serde(default)]
    pub jetbrains: Vec<String>,
    /// Extensions of browsers like Chromium, by id.
    #[serde(default)]
    pub chromium_extensions: Vec<String>,
    /// Extensions of browsers like Firefox, by id.
    #[serde(default)]
    pub gecko_extensions: Vec<String>,
    /// Where the vendor's own installer puts it.
    #[serde(default)]
    pub vendor: Vec<VendorPath>,
}

/// A place where a vendor's installer leaves something.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VendorPath {
    /// Below a home (`~/…`) or the machine's root (`/…`).
    pub path: String,
    /// Something else that must be there too, where the name alone says little.
    #[serde(default)]
    pub needs: Option<String>,
    /// How it tells its version.
    #[serde(default)]
    pub version: Option<VersionFrom>,
}

/// How a vendor's installation tells its version, without being run.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VersionFrom {
    /// The path is a link: what follows `versions` or `releases` in its target.
    Link,
    /// The path is a folder with one entry for each version: the newest.
    Newest,
    /// Member `version` of a JSON file below the path.
    Json(String),
    /// A file below the path that holds the version and nothing else.
    Text(String),
}

impl Install {
    /// Every mark, with the sort that it is of; what is not exact enough is refused.
    pub(super) fn marks(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let lists: [(&'static str, &[String]); 15] = [
            ("package", &self.packages),
            ("snap", &self.snaps),
            ("flatpak", &self.flatpaks),
            ("desktop", &self.desktop),
            ("appimage", &self.appimages),
            ("formula", &self.formulae),
            ("cask", &self.casks),
            ("bundle", &self.bundles),
            ("bundle name", &self.bundle_names),
            ("program", &self.programs),
            ("msix", &self.msix),
            ("editor extension", &self.editor_extensions),
            ("jetbrains", &self.jetbrains),
            ("chromium extension", &self.chromium_extensions),
            ("gecko extension", &self.gecko_extensions),
        ];
        let paths = self.vendor.iter().map(|vendor| ("path", &*vendor.path));
        let listed = lists
            .into_iter()
            .flat_map(|(sort, list)| list.iter().map(move |entry| (sort, &**entry)));
        listed.chain(paths)
    }

    pub(super) fn check(&self, app: &AppId) -> Result<(), CatalogueError> {
        let good = |(sort, mark): &(&'static str, &str)| match *sort {
            "path" => {
                let rest = mark.strip_prefix("~/").or_else(|| mark.strip_prefix('/'));
                rest.is_some_and(|rest| {
                    rest.len() > 2 && !rest.contains("..") && !rest.contains('*')
                })
            }
            "editor extension" | "appimage" => **mark == *mark.to_ascii_lowercase(),
            "chromium extension" => {
                mark.len() == 32 && mark.bytes().all(|c| matches!(c, b'a'..=b'p'))
            }
            // They are put into paths.
            "gecko extension" => true,
            _ => !mark.contains('/') && !mark.starts_with('.'),
        };
        let bad = |mark: &str| Err(CatalogueError::Evidence(app.clone(), mark.to_owned()));
        if self.title.is_empty() {
            return bad("title");
        }
        match self.marks().find(|m| m.1.is_empty() || !good(m)) {
            Some((_, mark)) => bad(mark),
            None => Ok(()),
        }
    }
}
