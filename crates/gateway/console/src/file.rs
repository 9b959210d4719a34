//! The files, and what each is.

/// One file of the build, with its packed forms where they are smaller.
#[derive(Debug)]
pub(crate) struct File {
    /// In the address, from `/` on.
    pub(crate) path: &'static str,
    /// Changes with the content.
    pub(crate) tag: &'static str,
    pub(crate) plain: &'static [u8],
    pub(crate) brotli: Option<&'static [u8]>,
    pub(crate) gzip: Option<&'static [u8]>,
}

include!(concat!(env!("OUT_DIR"), "/files.rs"));

pub(crate) const HTML: &str = "text/html; charset=utf-8";

impl File {
    /// By the ending: `nosniff` forbids browsers to guess, so everything the build makes is here.
    pub(crate) fn media_type(&self) -> &'static str {
        media_type(self.path)
    }
}

pub(crate) fn media_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, ending)| ending) {
        Some("html") => HTML,
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("json" | "map") => "application/json",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("woff2") => "font/woff2",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// The table is sorted by path.
pub(crate) fn find(path: &str) -> Option<&'static File> {
    let at = FILES.binary_search_by(|file| file.path.cmp(path)).ok()?;
    FILES.get(at)
}
