//! Text files: white space, and traces of the machine that they were written on.

use super::Finding;

pub(super) fn check(path: &str, text: &str) -> Vec<Finding> {
    // Fixtures and the inputs of fuzzing are the bytes that the tests need, white space included.
    let is_exact = path.starts_with("fixtures/") || path.starts_with("fuzz/corpus/");
    if is_exact || text.is_empty() || text.contains('\0') {
        return Vec::new();
    }
    let mut findings = Vec::new();
    for (number, line) in (1..).zip(text.split('\n')) {
        if line.ends_with(char::is_whitespace) {
            findings.push(Finding::new(path, number, "trailing white space: remove it"));
        }
        if let Some(found) = machine_path(line) {
            let message = format!("`{found}` exists on one machine only: use a relative path");
            findings.push(Finding::new(path, number, message));
        }
    }
    if !text.ends_with('\n') || text.ends_with("\n\n") {
        let last = text.lines().count();
        findings.push(Finding::new(path, last, "end the file with exactly one line break"));
    }
    findings
}

/// Folders that no file of the repository can mean. A path that goes on to the left (`example.com/home/x`) is no
/// absolute one. Taken apart, so that this file does not hold them itself.
fn machine_path(line: &str) -> Option<String> {
    let absolute = ["work", "home", "root"].into_iter().map(|folder| format!("/{folder}/"));
    let outside = format!("../{}", "shared");
    absolute
        .filter(|needle| {
            line.match_indices(needle).any(|(at, _)| {
                let before = line[..at].chars().next_back();
                !before
                    .is_some_and(|before| before.is_alphanumeric() || "._-~]})*$%".contains(before))
            })
        })
        .chain(Some(outside.clone()).filter(|_| line.contains(&outside)))
        .next()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<usize> {
        check("a.md", text).iter().map(|finding| finding.line).collect()
    }

    #[test]
    fn white_space_at_the_end_is_found() {
        assert_eq!(lines("a\nb\n"), [0; 0]);
        assert_eq!(lines("a \nb\t\nc\r\n"), [1, 2, 3]);
        assert_eq!(lines("a\nb"), [2]);
        assert_eq!(lines("a\n\n"), [2]);
        assert_eq!(lines(""), [0; 0]);
        assert_eq!(check("fixtures/config/a.xml", "a \r\n\n"), []);
        assert_eq!(check("fuzz/corpus/gate/a", "a "), []);
    }

    #[test]
    fn paths_of_one_machine_are_found() {
        let home = format!("/{}/", "home");
        assert_eq!(lines(&format!("see {home}someone\n")), [1]);
        assert_eq!(lines(&format!("https://example.com{home}someone\n")), [0; 0]);
        assert_eq!(lines(&format!("../{}/notes\n", "shared")), [1]);
    }
}
