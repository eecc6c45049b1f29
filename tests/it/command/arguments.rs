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
        &["run", "--exit-code"],
        &["run", "--plan", "--effective", "effective.xml"],
        &["watch", "--user", "alice"],
        &["watch", "--plan"],
        &["fetch", "--user", "alice", "--no-input"],
        &["forget", "--plan"],
        &["check"],
        &["doctor", "Provision.xml"],
        &["doctor", "--user", "alice"],
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
        (&["run", "--help"], "--exit-code"),
        (&["watch", "--help"], "kill -HUP"),
        (&["forget", "--help"], "--last-change"),
        (&["fetch", "--help"], "--output"),
        (&["init", "--help"], "--url"),
        (&["check", "--help"], "--fix"),
        (&["doctor", "--help"], "--profile"),
        (&["explain", "--help"], "[CODE]"),
        (&["--version"], "provision 0.1.0"),
    ] {
        let ran = phone.provision(arguments, "").expect(0);
        let text = String::from_utf8(ran.stdout).expect("UTF-8");
        assert!(text.contains(said), "{text}");
        assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
        assert!(ran.stderr.is_empty());
    }
}

#[test]
fn short_help_fits_on_a_narrow_screen() {
    let phone = Phone::new();
    let screen = [("COLUMNS", "80")];
    for command in
        ["", "run", "watch", "forget", "fetch", "merge", "init", "doctor", "check", "explain"]
    {
        let arguments: Vec<_> =
            [command, "-h"].into_iter().filter(|word| !word.is_empty()).collect();
        let ran = phone.provision_with(&screen, &arguments, "").expect(0);
        let text = String::from_utf8(ran.stdout).expect("UTF-8");
        // One line of the screen is the shell's.
        assert!(text.lines().count() < 24, "{text}");
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
        assert!(command.is_empty() || text.contains("\n  provision "), "no example: {text}");
    }
}
