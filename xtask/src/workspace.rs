//! What cargo and git know of the workspace.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::command;
use crate::failure::Failure;

/// The checkout that this program belongs to.
#[derive(Debug)]
pub(crate) struct Workspace {
    root: PathBuf,
}

/// A member of the workspace, as its manifest describes it.
#[derive(Debug, Default)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) version: String,
    /// Relative to the workspace's root, with forward slashes.
    pub(crate) manifest: String,
    pub(crate) description: Option<String>,
    pub(crate) license: Option<String>,
    pub(crate) published: bool,
    pub(crate) features: Vec<String>,
    pub(crate) dependencies: Vec<Dependency>,
}

/// A dependency that a manifest declares.
#[derive(Debug)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    pub(crate) kind: DependencyKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DependencyKind {
    Normal,
    Build,
    Development,
}

impl Package {
    /// The package's folder, relative to the workspace's root.
    pub(crate) fn folder(&self) -> &str {
        self.manifest.strip_suffix("/Cargo.toml").unwrap_or("")
    }
}

impl Workspace {
    /// `cargo run` and `cargo test` name this crate's folder when they start it; a copied binary falls back to
    /// where it was built.
    pub(crate) fn here() -> Self {
        let manifest_folder = env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let root = manifest_folder.parent().map_or_else(|| ".".into(), Path::to_path_buf);
        Self { root }
    }

    /// Another checkout.
    pub(crate) fn at(root: PathBuf) -> Self {
        Self { root }
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn cargo(&self) -> Command {
        command::cargo(&self.root)
    }

    /// The members with the dependencies that they declare; nothing is resolved or downloaded.
    pub(crate) fn packages(&self) -> Result<Vec<Package>, Failure> {
        let mut metadata = self.cargo();
        metadata.args(["metadata", "--no-deps", "--format-version", "1"]);
        let text = command::capture(&mut metadata, "Mend the manifest that cargo names above.")?;
        let unexpected =
            |message: String| Failure::Output { command: command::shown(&metadata), message };
        let value: Value =
            serde_json::from_str(&text).map_err(|error| unexpected(error.to_string()))?;
        packages_of(&value)
            .ok_or_else(|| unexpected("a field is missing or of another type".into()))
    }

    /// Where cargo builds.
    pub(crate) fn target_folder(&self) -> Result<PathBuf, Failure> {
        let mut metadata = self.cargo();
        metadata.args(["metadata", "--no-deps", "--format-version", "1"]);
        let text = command::capture(&mut metadata, "Mend the manifest that cargo names above.")?;
        let value: Option<Value> = serde_json::from_str(&text).ok();
        let folder = value.and_then(|value| Some(value["target_directory"].as_str()?.into()));
        folder.ok_or_else(|| Failure::Output {
            command: command::shown(&metadata),
            message: "it names no folder to build in".into(),
        })
    }

    /// The files that git tracks or would track, relative to the root, sorted; what was deleted and not yet
    /// committed is left out.
    pub(crate) fn files(&self) -> Result<Vec<String>, Failure> {
        let mut list = self.git();
        list.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
        let text = command::capture(&mut list, GIT_ADVICE)?;
        let mut files: Vec<String> = text
            .split_terminator('\0')
            .filter(|path| self.root.join(path).is_file())
            .map(str::to_owned)
            .collect();
        files.sort_unstable();
        files.dedup();
        Ok(files)
    }

    /// Whether the checkout has changes that are not committed.
    pub(crate) fn is_dirty(&self) -> Result<bool, Failure> {
        let mut status = self.git();
        status.args(["status", "--porcelain"]);
        Ok(!command::capture(&mut status, GIT_ADVICE)?.is_empty())
    }

    /// When the commit that is checked out was made, in seconds since 1970.
    pub(crate) fn commit_time(&self) -> Result<u64, Failure> {
        let mut log = self.git();
        log.args(["log", "-1", "--format=%ct"]);
        let text = command::capture(&mut log, GIT_ADVICE)?;
        text.trim().parse().map_err(|_| Failure::Output {
            command: command::shown(&log),
            message: "it is no time".into(),
        })
    }

    /// The file's text, or nothing if it is not UTF-8.
    pub(crate) fn text(&self, path: &str) -> Result<Option<String>, Failure> {
        let bytes = std::fs::read(self.root.join(path))
            .map_err(|source| Failure::Read { path: path.to_owned(), source })?;
        Ok(String::from_utf8(bytes).ok())
    }

    pub(crate) fn git(&self) -> Command {
        let mut git = Command::new("git");
        git.current_dir(&self.root);
        git
    }
}

fn packages_of(metadata: &Value) -> Option<Vec<Package>> {
    let root = metadata["workspace_root"].as_str()?;
    metadata["packages"].as_array()?.iter().map(|value| package_of(value, root)).collect()
}

fn package_of(value: &Value, root: &str) -> Option<Package> {
    let manifest = Path::new(value["manifest_path"].as_str()?).strip_prefix(root).ok()?;
    let text = |name: &str| value[name].as_str().map(str::to_owned);
    Some(Package {
        name: text("name")?,
        version: text("version")?,
        manifest: manifest.to_str()?.replace('\\', "/"),
        description: text("description"),
        license: text("license"),
        // `publish = false` is an empty list of registries.
        published: value["publish"].as_array().is_none_or(|registries| !registries.is_empty()),
        features: value["features"].as_object()?.keys().cloned().collect(),
        dependencies: value["dependencies"]
            .as_array()?
            .iter()
            .map(dependency_of)
            .collect::<Option<_>>()?,
    })
}

fn dependency_of(value: &Value) -> Option<Dependency> {
    let kind = match value["kind"].as_str() {
        None => DependencyKind::Normal,
        Some("build") => DependencyKind::Build,
        Some("dev") => DependencyKind::Development,
        Some(_) => return None,
    };
    Some(Dependency { name: value["name"].as_str()?.to_owned(), kind })
}

/// Writes a file, and makes its folder first.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(path, bytes))
        .map_err(|source| Failure::Write { path: path.display().to_string(), source })
}

pub(crate) const GIT_ADVICE: &str = "Install git, and run this in a clone of the repository.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_metadata_of_cargo_is_read() {
        let metadata: Value = serde_json::from_str(
            r#"{"workspace_root": "/w", "packages": [{
                "name": "a", "version": "0.1.0", "manifest_path": "/w/crates/a/Cargo.toml", "description": "x", "license": null,
                "publish": [], "features": {"default": [], "f": ["default"]},
                "dependencies": [{"name": "b", "kind": null}, {"name": "c", "kind": "dev"}]}]}"#,
        )
        .expect("valid JSON");
        let packages = packages_of(&metadata).expect("all fields are there");
        let package = &packages[0];
        assert_eq!((package.name.as_str(), package.folder()), ("a", "crates/a"));
        assert_eq!(package.features, ["default", "f"]);
        assert_eq!(package.license, None);
        assert!(!package.published);
        let kinds: Vec<_> = package.dependencies.iter().map(|dependency| dependency.kind).collect();
        assert_eq!(kinds, [DependencyKind::Normal, DependencyKind::Development]);
    }

    #[test]
    fn this_workspace_has_this_crate() {
        let packages = Workspace::here().packages().expect("cargo is here");
        let this = packages.iter().find(|package| package.name == "xtask").expect("a member");
        assert_eq!(this.manifest, "xtask/Cargo.toml");
        assert!(!this.published);
    }
}
