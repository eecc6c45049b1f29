//! Which crate of ours may depend on which.

use crate::workspace::{DependencyKind, Package};

use super::Finding;

const FORMAT: &str = "provision-format";
const FETCH: &str = "provision-fetch";
const MERGE: &str = "provision-merge";
const RUN: &str = "provision";

/// Every member of the workspace and the members that it may depend on. Whatever is not here is forbidden, so
/// nothing can depend on the command, the tests or this crate.
const ALLOWED: &[(&str, &[&str])] = &[
    (FORMAT, &[]),
    (FETCH, &[]),
    (MERGE, &[FORMAT]),
    (RUN, &[FORMAT, FETCH, MERGE]),
    ("provision-cli", &[RUN, FORMAT, FETCH, MERGE]),
    ("provision-tests", &[RUN, FORMAT, FETCH, MERGE]),
    ("xtask", &[]),
];

/// The leaves and the run must be publishable in the order of the arrows, which a development dependency on one
/// another would turn into a circle.
const NO_DEVELOPMENT_ARROWS: &[&str] = &[FORMAT, FETCH, MERGE, RUN];

pub(super) fn check(packages: &[Package]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let is_member = |name: &str| packages.iter().any(|package| package.name == name);
    for package in packages {
        let name = &package.name;
        let Some((_, allowed)) = ALLOWED.iter().find(|(from, _)| from == name) else {
            let message =
                format!("`{name}` has no arrows yet: give it a row in the table of `tidy`");
            findings.push(Finding::new(&package.manifest, 1, message));
            continue;
        };
        for dependency in
            package.dependencies.iter().filter(|dependency| is_member(&dependency.name))
        {
            let to = &dependency.name;
            let message = if dependency.kind == DependencyKind::Development
                && NO_DEVELOPMENT_ARROWS.contains(&name.as_str())
            {
                format!("`{name}` must not test itself with `{to}`: move the test to `tests/`")
            } else if !allowed.contains(&to.as_str()) {
                format!("`{name}` must not depend on `{to}`: move what it needs along the arrows")
            } else {
                continue;
            };
            findings.push(Finding::new(&package.manifest, 1, message));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::Dependency;

    fn package(name: &str, dependencies: &[(&str, DependencyKind)]) -> Package {
        let dependencies = dependencies
            .iter()
            .map(|&(name, kind)| Dependency { name: name.into(), kind })
            .collect();
        let manifest = format!("crates/{name}/Cargo.toml");
        Package { name: name.into(), manifest, dependencies, ..Package::default() }
    }

    fn check_one(name: &str, dependency: &str, kind: DependencyKind) -> Vec<String> {
        let packages = [package(name, &[(dependency, kind)]), package(dependency, &[])];
        check(&packages).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_arrows_point_one_way() {
        let normal = DependencyKind::Normal;
        assert_eq!(check_one(MERGE, FORMAT, normal), [""; 0]);
        assert_eq!(check_one("provision-cli", RUN, normal), [""; 0]);
        assert_eq!(
            check_one(FORMAT, MERGE, normal),
            ["crates/provision-format/Cargo.toml:1: `provision-format` must not depend on \
              `provision-merge`: move what it needs along the arrows"]
        );
        assert_eq!(check_one(FETCH, FORMAT, DependencyKind::Build).len(), 1);
        assert_eq!(check_one("provision-tests", "provision-cli", normal).len(), 1);
        assert_eq!(
            check_one("provision-cli", "provision-tests", DependencyKind::Development).len(),
            1
        );
        assert_eq!(check_one("xtask", FORMAT, normal).len(), 1);
    }

    #[test]
    fn libraries_are_not_tested_with_each_other() {
        let findings = check_one(MERGE, FORMAT, DependencyKind::Development);
        assert!(findings[0].ends_with("move the test to `tests/`"), "{findings:?}");
        assert_eq!(check_one("provision-tests", RUN, DependencyKind::Development), [""; 0]);
    }

    #[test]
    fn crates_of_others_are_no_arrows() {
        let packages = [package(FORMAT, &[("roxmltree", DependencyKind::Normal)])];
        assert_eq!(check(&packages), []);
    }

    #[test]
    fn a_new_member_needs_a_row() {
        assert_eq!(check(&[package("provision-more", &[])]).len(), 1);
    }
}
