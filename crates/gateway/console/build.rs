//! Lists the files of `console/dist`, so that the library can hold their bytes. Where the console
//! was not built there are none, and the crate builds all the same.

use std::{
    collections::BTreeMap,
    env,
    fmt::Write as _,
    fs,
    hash::{DefaultHasher, Hasher},
    io,
    path::{Path, PathBuf},
};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("../../../console/dist");
    println!("cargo:rerun-if-changed={}", root.display());
    let mut files = BTreeMap::new();
    if root.is_dir() {
        collect(&root, &root, &mut files)?;
    }
    let mut table = String::from("pub(crate) static FILES: &[File] = &[\n");
    for (name, path) in &files {
        if name.ends_with(".br") || name.ends_with(".gz") || name.contains("/.") {
            continue;
        }
        let mut hash = DefaultHasher::new();
        hash.write(&fs::read(path)?);
        let packed = |ending: &str| match files.get(&format!("{name}{ending}")) {
            Some(path) => format!("Some(include_bytes!({path:?}))"),
            None => String::from("None"),
        };
        writeln!(
            table,
            "File {{ path: {name:?}, tag: \"{:016x}\", plain: include_bytes!({path:?}), brotli: {}, gzip: {} }},",
            hash.finish(),
            packed(".br"),
            packed(".gz"),
        )?;
    }
    table.push_str("];\n");
    let out = PathBuf::from(env::var("OUT_DIR")?).join("files.rs");
    // Written only when it differs, so that nothing is compiled for nothing.
    if fs::read_to_string(&out).ok().as_deref() != Some(table.as_str()) {
        fs::write(out, table)?;
    }
    Ok(())
}

/// Files below `folder`, by their path in the address: `/assets/index-3f2a.js`.
fn collect(root: &Path, folder: &Path, files: &mut BTreeMap<String, PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(root, &path, files)?;
        } else if let Ok(relative) = path.strip_prefix(root) {
            let name = relative.to_string_lossy().replace('\\', "/");
            files.insert(format!("/{name}"), path.canonicalize()?);
        }
    }
    Ok(())
}
