//! `cargo xtask properties`: the tests of properties, with many more cases than `cargo xtask test` has time for.

use crate::command;
use crate::failure::Failure;
use crate::workspace::Workspace;

/// The modules of properties among the tests of the package `provision-tests`.
const MODULES: &[&str] = &["format::", "merge::", "peers::"];

const CASES: u32 = 100_000;

/// Builds the tests as a release is built and runs them; the argument, if there is one, is how many cases each has.
pub(crate) fn run(workspace: &Workspace, arguments: &[String]) -> Result<(), Failure> {
    let cases = cases(arguments)?;
    let mut test = workspace.cargo();
    test.args(["test", "--release", "--locked", "--package", "provision-tests", "--test", "it"]);
    test.arg("--").args(MODULES).env("PROPTEST_CASES", cases.to_string());
    command::run(
        &mut test,
        "Each failing test names its smallest case above, and keeps it in `tests/proptest-regressions`: commit that with the mend.",
    )
}

fn cases(arguments: &[String]) -> Result<u32, Failure> {
    match arguments {
        [] => Ok(CASES),
        [cases] => match cases.parse() {
            Ok(cases) if cases > 0 => Ok(cases),
            _ => Err(Failure::usage(format!("`{cases}` is no number of cases"))),
        },
        _ => Err(Failure::usage("`properties` takes one number of cases")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cases_are_a_number_or_the_default() {
        let cases = |words: &[&str]| {
            let words: Vec<String> = words.iter().map(ToString::to_string).collect();
            cases(&words).map_err(|failure| failure.to_string())
        };
        assert_eq!(cases(&[]), Ok(CASES));
        assert_eq!(cases(&["5"]), Ok(5));
        assert_eq!(cases(&["0"]), Err("`0` is no number of cases".to_owned()));
        assert_eq!(cases(&["many"]), Err("`many` is no number of cases".to_owned()));
        assert_eq!(cases(&["1", "2"]), Err("`properties` takes one number of cases".to_owned()));
    }
}
