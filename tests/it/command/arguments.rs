//! The command line itself.

use crate::phone::Phone;

#[test]
fn wrong_usage_ends_with_2() {
    let phone = Phone::new();
    for arguments in [
        &[][..],
        &["no-such-command"],
        &["run", "--no-such-flag"],
        &["run", "--user", "alice"],
        &["run", "--password-stdin"],
        &["run", "--user", "a", "--password-stdin", "--password-file", "f"],
        &["run", "--deadline", "0"],
        &["run", "--deadline", "soon"],
        &["run", "--pass", "sha1"],
        &["run", "-v", "-q"],
        &["check"],
        &["check", "--as", "html", "a.xml"],
        &["check", "--fix", "--diff", "a.xml"],
        &["check", "--format", "yaml", "a.xml"],
        &["explain", "no-such-code"],
        &["explain", "empty", "unclosed"],
    ] {
        phone.provision(arguments, "").expect(2).says("--help");
    }
}

#[test]
fn a_password_cannot_be_an_argument() {
    let phone = Phone::new();
    phone.provision(&["run", "--password", "x"], "").expect(2);
    phone.provision(&["run", "--user", "a", "--password-stdin=x"], "").expect(2);
}

#[test]
fn help_and_version_go_to_standard_output() {
    let phone = Phone::new();
    for (arguments, said) in [
        (&["--help"][..], "Usage: provision"),
        (&["run", "--help"], "--password-stdin"),
        (&["fetch", "--help"], "--output"),
        (&["check", "--help"], "--fix"),
        (&["explain", "--help"], "[CODE]"),
        (&["--version"], "provision 0.1.0"),
    ] {
        let ran = phone.provision(arguments, "").expect(0);
        let text = String::from_utf8(ran.stdout).expect("UTF-8");
        assert!(text.contains(said), "{text}");
        assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
        assert!(text.lines().count() <= 50 || ["run", "fetch"].contains(&arguments[0]), "{text}");
        assert!(ran.stderr.is_empty());
    }
}
