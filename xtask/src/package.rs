//! `cargo xtask ci package`: each crate as it would be published, built from what its package holds.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use crate::command;
use crate::failure::Failure;
use crate::workspace::{Package, Workspace};

pub(crate) fn run(workspace: &Workspace) -> Result<(), Failure> {
    let packages = workspace.packages()?;
    forget_earlier(workspace, &packages)?;
    let mut package = workspace.cargo();
    package.args(["package", "--workspace", "--locked"]);
    for unpublished in packages.iter().filter(|package| !package.published) {
        package.args(["--exclude", &unpublished.name]);
    }
    if workspace.is_dirty()? {
        eprintln!(
            "There are changes that are not committed: what is packaged is not what a commit holds."
        );
        package.arg("--allow-dirty");
    }
    command::run(&mut package, "Each crate must build from what its package holds.")
}

/// Removes what an earlier run of this step left. Cargo takes a published version for one that never
/// changes: it would build each crate upon its siblings as they were when the step first ran here.
fn forget_earlier(workspace: &Workspace, packages: &[Package]) -> Result<(), Failure> {
    let mut clean = workspace.cargo();
    clean.args(["clean", "--quiet", "--locked"]);
    let published = packages.iter().filter(|package| package.published);
    for package in published.clone() {
        clean.args(["--package", &package.name]);
    }
    command::run(&mut clean, "The build folder must be writable.")?;
    let Some(unpacked) = cargo_home().map(|home| home.join("registry/src")) else {
        return Ok(());
    };
    let folders: Vec<String> =
        published.map(|package| format!("{}-{}", package.name, package.version)).collect();
    for registry in local_registries(&unpacked) {
        for folder in &folders {
            let folder = registry.join(folder);
            if folder.is_dir() {
                fs::remove_dir_all(&folder).map_err(|source| Failure::Remove {
                    path: folder.display().to_string(),
                    source,
                })?;
            }
        }
    }
    Ok(())
}

/// The folders below `unpacked` of registries without a host: those that `cargo package` makes.
fn local_registries(unpacked: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(unpacked) else {
        return Vec::new();
    };
    let is_local = |path: &PathBuf| {
        path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.starts_with('-'))
    };
    entries.filter_map(|entry| Some(entry.ok()?.path())).filter(is_local).collect()
}

fn cargo_home() -> Option<PathBuf> {
    env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| env::home_dir().map(|home| home.join(".cargo")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_registries_without_a_host_are_local() {
        let unpacked = tempfile::tempdir().expect("a temporary folder");
        for name in ["-0827fddcb9a94fb1", "index.crates.io-1949cf8c6b5b557f"] {
            fs::create_dir(unpacked.path().join(name)).expect("a new folder");
        }
        assert_eq!(local_registries(unpacked.path()), [unpacked.path().join("-0827fddcb9a94fb1")]);
        assert!(local_registries(&unpacked.path().join("none")).is_empty());
    }
}
