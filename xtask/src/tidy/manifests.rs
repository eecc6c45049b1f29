//! What every crate, and the changelog, must have.

use crate::workspace::Package;

use super::Finding;

pub(super) fn check_packages(packages: &[Package], files: &[String]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let exists = |path: &str| files.iter().any(|file| file == path);
    for package in packages.iter().filter(|package| package.manifest.starts_with("crates/")) {
        let mut missing = |what: &str| findings.push(Finding::new(&package.manifest, 1, what));
        if package.description.is_none() {
            missing("`description` is missing: one sentence on what the crate does");
        }
        if package.license.is_none() {
            missing("`license` is missing: `license.workspace = true`");
        }
        if !exists(&format!("{}/README.md", package.folder())) {
            missing(
                "a README.md is missing beside this manifest: what the crate is for, with an example",
            );
        }
    }
    if !exists("CHANGELOG.md") {
        findings.push(Finding::new(
            "CHANGELOG.md",
            1,
            "it is missing: what each version changes for whom",
        ));
    }
    findings
}

pub(super) fn check_text(path: &str, text: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    if path == "CHANGELOG.md" && !text.lines().any(is_version_heading) {
        findings.push(Finding::new(
            path,
            1,
            "a heading is missing: `## [Unreleased]` or `## [1.2.3]`",
        ));
    }
    let is_crate = path.starts_with("crates/") && path.ends_with("/Cargo.toml");
    if is_crate && !inherits_lints(text) {
        let message = "the workspace's lints are not inherited: `[lints]` with `workspace = true`";
        findings.push(Finding::new(path, 1, message));
    }
    findings
}

fn is_version_heading(line: &str) -> bool {
    line.strip_prefix("## ").is_some_and(|heading| {
        let heading = heading.trim_start_matches('[');
        heading.starts_with("Unreleased]")
            || heading.starts_with(|first: char| first.is_ascii_digit())
    })
}

fn inherits_lints(manifest: &str) -> bool {
    let mut table = "";
    manifest.lines().map(str::trim).any(|line| {
        if line.starts_with('[') {
            table = line;
        }
        table == "[lints]" && line.replace(' ', "") == "workspace=true"
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lints_are_inherited_in_their_own_table() {
        let check = |text| check_text("crates/a/Cargo.toml", text).len();
        assert_eq!(check("[lints]\nworkspace = true\n"), 0);
        assert_eq!(check("[dependencies.b]\nworkspace = true\n\n[lints]\n"), 1);
        assert_eq!(check("[lints]\n[features]\nworkspace = true\n"), 1);
    }

    #[test]
    fn the_changelog_has_a_heading() {
        let check = |text| check_text("CHANGELOG.md", text).len();
        assert_eq!(check("# Changes\n\n## [Unreleased]\n"), 0);
        assert_eq!(check("## [0.1.0]\n"), 0);
        assert_eq!(check("## 0.1.0 (2026-01-01)\n"), 0);
        assert_eq!(check("# Changes\n"), 1);
    }

    #[test]
    fn a_crate_says_what_it_is() {
        let bare = Package { manifest: "crates/a/Cargo.toml".into(), ..Package::default() };
        assert_eq!(check_packages(&[bare], &["CHANGELOG.md".into()]).len(), 3);
        let full = Package {
            manifest: "crates/a/Cargo.toml".into(),
            description: Some("A thing".into()),
            license: Some("MIT".into()),
            ..Package::default()
        };
        let files = ["CHANGELOG.md".into(), "crates/a/README.md".into()];
        assert_eq!(check_packages(&[full], &files), []);
    }
}
