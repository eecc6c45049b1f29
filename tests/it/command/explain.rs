//! `provision explain`.

use provision::fetch;
use provision_format::Code;

use super::json::object;
use crate::phone::Phone;

#[test]
fn every_code_is_explained_on_standard_output() {
    let phone = Phone::new();
    let ran = phone.provision(&["explain", "bare-ampersand"], "").expect(0);
    let text = String::from_utf8(ran.stdout).expect("UTF-8");
    assert!(ran.stderr.is_empty());
    assert!(text.starts_with("bare-ampersand\n\n  "), "{text}");
    for said in [
        "\nWhat to do\n\n  ",
        "\nExample, read as a provisioning file\n\n  <provision>\n",
        "\nwarning[bare-ampersand]: ",
        "\n --> example:3:44\n",
    ] {
        assert!(text.contains(said), "{said:?} is not in:\n{text}");
    }
}

/// What was asked for is data, and no verbosity changes it (spec 8.4).
#[test]
fn an_explanation_is_the_same_at_every_verbosity() {
    let phone = Phone::new();
    let explain = |more: &[&str]| {
        let ran = phone.provision(&[&["explain", "bare-ampersand"], more].concat(), "").expect(0);
        assert!(ran.stderr.is_empty(), "{}", ran.stderr);
        ran.stdout
    };
    let plain = explain(&[]);
    for option in ["-v", "-q", "--color=auto", "--color=never"] {
        assert_eq!(explain(&[option]), plain, "{option}");
    }
    assert!(explain(&["--color=always"]).contains(&0x1b) && !plain.contains(&0x1b));
}

#[test]
fn without_a_code_all_are_listed() {
    let phone = Phone::new();
    let ran = phone.provision(&["explain"], "").expect(0);
    let text = String::from_utf8(ran.stdout).expect("UTF-8");
    let lines = text.lines().filter_map(|line| line.strip_prefix("  "));
    let names: Vec<_> = lines.map(|line| line.split(' ').next().unwrap_or("")).collect();
    let documents = Code::ALL.iter().map(|code| code.as_str());
    let servers = fetch::Code::ALL.iter().map(|code| code.as_str());
    let runs = provision::Code::ALL.iter().map(|code| code.as_str());
    let codes: Vec<_> = documents.chain(servers).chain(runs).collect();
    assert_eq!(names[..codes.len()], codes);
    assert!(names[codes.len()..].contains(&"usage"), "{names:?}");
    for title in ["The bytes", "Proxies", "What the user of a run should know"] {
        assert!(text.contains(&format!("\n{title}\n")) || text.starts_with(title), "{title}");
    }

    let ran = phone.provision(&["explain", "--format", "json"], "").expect(0);
    let listed = object(&ran)["codes"].as_array().map(Vec::len);
    assert_eq!(listed, Some(names.len()));
}

#[test]
fn a_misspelt_code_gets_a_suggestion_and_not_the_whole_list() {
    let phone = Phone::new();
    let ran = phone.provision(&["explain", "bare-ampresand"], "").expect(2);
    ran.says("bare-ampresand").says("'bare-ampersand'").says("--help");
    assert!(!ran.stderr.contains("unclosed"), "{}", ran.stderr);
    let ran = phone.provision(&["explain", "connect-refuse"], "").expect(2);
    ran.says("'connect-refused'");
    let ran = phone.provision(&["explain", "--format", "json", "unclosed"], "").expect(0);
    assert_eq!(object(&ran)["codes"][0]["code"], "unclosed");
}

#[test]
fn what_a_run_ends_with_can_be_explained() {
    let phone = Phone::new();
    phone.write("Provision.xml", "<provision/>");
    let ran = phone.provision(&["fetch", "--format", "json", "-o", "a.xml"], "").expect(1);
    let code = object(&ran)["error"]["code"].as_str().expect("it has a name").to_owned();
    let ran = phone.provision(&["explain", &code], "").expect(0);
    assert_eq!(
        String::from_utf8(ran.stdout).expect("UTF-8"),
        "no-urls\n\n  The list of servers is empty.\n\nWhat to do\n\n  Give at least one `base_url`.\n"
    );
}
