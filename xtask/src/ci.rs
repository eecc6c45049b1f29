//! `cargo xtask ci`: the gate. The steps stand in [`STEPS`], in the order in which they run.

use std::time::{Duration, Instant};

use crate::command;
use crate::failure::Failure;
use crate::workspace::{Package, Workspace};
use crate::{demo, package, test, tidy, tools};

/// Runs the named steps, or all, in the order of the gate; the first failure ends it.
pub(crate) fn run(workspace: &Workspace, names: &[String]) -> Result<(), Failure> {
    if let Some(unknown) = names.iter().find(|name| STEPS.iter().all(|step| step.name != **name)) {
        return Err(Failure::usage(format!("there is no step `{unknown}`")));
    }
    let mut done = Vec::new();
    let mut outcome = Ok(());
    for step in STEPS {
        if !names.is_empty() && !names.iter().any(|name| name == step.name) {
            continue;
        }
        eprintln!("\n=== {}: {}", step.name, step.about);
        let start = Instant::now();
        outcome = (step.run)(workspace)
            .map_err(|cause| Failure::Step { name: step.name, cause: Box::new(cause) });
        done.push((step.name, start.elapsed(), outcome.is_ok()));
        if outcome.is_err() {
            break;
        }
    }
    eprint!("\n{}", summary(&done));
    outcome
}

/// The steps with one line each, for the usage text.
pub(crate) fn step_list() -> String {
    let lines = STEPS.iter().map(|step| format!("  {:<18} {}\n", step.name, step.about));
    format!("Steps of ci:\n{}", lines.collect::<String>())
}

struct Step {
    name: &'static str,
    about: &'static str,
    run: fn(&Workspace) -> Result<(), Failure>,
}

const STEPS: &[Step] = &[
    Step {
        name: "test",
        about: "every test of the workspace",
        run: |workspace| test::run(workspace, &[]),
    },
    Step { name: "fmt", about: "the formatting of the sources", run: fmt },
    Step { name: "clippy", about: "the lints, as errors", run: clippy },
    Step { name: "docs", about: "the documentation, its warnings as errors", run: docs },
    Step { name: "tidy", about: "the rules of the architecture and of the files", run: tidy::run },
    Step {
        name: "features",
        about: "every crate without features, with each, with all; https by either provider",
        run: features,
    },
    Step { name: "package", about: "the crates as they would be published", run: package::run },
    Step {
        name: "licences",
        about: "licences, bans and sources of the dependencies",
        run: licences,
    },
    Step { name: "spelling", about: "the spelling of sources and texts", run: spelling },
    Step {
        name: "demo",
        about: "a whole run, as a person sees it",
        run: |workspace| demo::run(workspace, &[]),
    },
];

fn fmt(workspace: &Workspace) -> Result<(), Failure> {
    command::run(workspace.cargo().args(["fmt", "--all", "--check"]), "`cargo fmt --all` mends it.")
}

fn clippy(workspace: &Workspace) -> Result<(), Failure> {
    let mut clippy = workspace.cargo();
    clippy.args(["clippy", "--workspace", "--all-targets", "--all-features", "--locked"]);
    clippy.args(["--", "-D", "warnings"]);
    command::run(&mut clippy, "Mend what clippy names above.")
}

fn docs(workspace: &Workspace) -> Result<(), Failure> {
    let mut doc = workspace.cargo();
    doc.args(["doc", "--workspace", "--no-deps", "--all-features", "--locked"]);
    doc.env("RUSTDOCFLAGS", "-D warnings");
    command::run(&mut doc, "Mend the documentation that rustdoc names above.")
}

fn features(workspace: &Workspace) -> Result<(), Failure> {
    for package in workspace.packages()?.iter().filter(|package| package.published) {
        for selection in feature_selections(package) {
            let mut check = workspace.cargo();
            check
                .args(["check", "--quiet", "--locked", "--package", &package.name])
                .args(selection);
            command::run(&mut check, "The crate must build with this selection of its features.")?;
        }
    }
    let mut without = workspace.cargo();
    without.args(["test", "--locked", "--package", "provision-fetch", "--no-default-features"]);
    without.args(["--lib", "provider"]);
    command::run(&mut without, "A program without a provider must say that it has no https.")?;
    // The step `test` has fetched with the default provider; here both are in the program, and the other one is chosen.
    let mut https = workspace.cargo();
    https.args(["test", "--locked", "--package", "provision-tests", "--features", "aws-lc-rs"]);
    https.args(["--test", "it", "fetch::https"]);
    command::run(&mut https, "A program with both providers must fetch over https.")
}

/// The arguments for: no feature, each alone, all. Without features there is one selection.
fn feature_selections(package: &Package) -> Vec<Vec<String>> {
    let none = || vec!["--no-default-features".to_owned()];
    let mut selections = vec![none()];
    for feature in &package.features {
        let mut alone = none();
        alone.extend(["--features".to_owned(), feature.clone()]);
        selections.push(alone);
    }
    if !package.features.is_empty() {
        selections.push(vec!["--all-features".to_owned()]);
    }
    selections
}

/// Not the advisories: they need the network, and would let the same commit pass on one day and fail on the next.
fn licences(workspace: &Workspace) -> Result<(), Failure> {
    let mut deny = tools::CARGO_DENY.command(workspace)?;
    deny.args(["--locked", "--all-features", "check", "licenses", "bans", "sources"]);
    command::run(&mut deny, "`deny.toml` says what is allowed and why.")?;
    let mut tree = workspace.cargo();
    tree.args(["tree", "--locked", "--package", "provision-cli", "--target", "all"]);
    tree.args(["--edges", "normal,build", "--prefix", "none"]);
    eprintln!("$ {}", command::shown(&tree));
    let crates = command::capture(&mut tree, "Mend the manifest that cargo names above.")?;
    match crates.lines().find(|line| line.starts_with("aws-lc")) {
        None => Ok(()),
        Some(line) => Err(Failure::Output {
            command: command::shown(&tree),
            message: format!("{line} is in the default build, where ring is the only provider"),
        }),
    }
}

fn spelling(workspace: &Workspace) -> Result<(), Failure> {
    let mut typos = tools::TYPOS.command(workspace)?;
    command::run(&mut typos, "Mend the word, or add it to `typos.toml` with the reason.")
}

fn summary(done: &[(&str, Duration, bool)]) -> String {
    let mut table = String::new();
    for (name, taken, passed) in done {
        let outcome = if *passed { "ok" } else { "FAILED" };
        table += &format!("{name:<10} {:>8.1} s  {outcome}\n", taken.as_secs_f64());
    }
    let total: Duration = done.iter().map(|(_, taken, _)| *taken).sum();
    table + &format!("{:<10} {:>8.1} s\n", "together", total.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn features_are_tried_none_each_and_all() {
        let mut package = Package::default();
        assert_eq!(feature_selections(&package), [["--no-default-features"]]);
        package.features = vec!["default".into(), "proxy".into()];
        let lines: Vec<String> =
            feature_selections(&package).iter().map(|words| words.join(" ")).collect();
        assert_eq!(
            lines,
            [
                "--no-default-features",
                "--no-default-features --features default",
                "--no-default-features --features proxy",
                "--all-features",
            ]
        );
    }

    #[test]
    fn the_summary_has_every_step_and_the_sum() {
        let done = [
            ("fmt", Duration::from_millis(1500), true),
            ("clippy", Duration::from_secs(61), false),
        ];
        assert_eq!(
            summary(&done),
            "fmt             1.5 s  ok\nclippy         61.0 s  FAILED\ntogether       62.5 s\n"
        );
    }
}
