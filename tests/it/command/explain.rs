//! `provision explain`.

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

#[test]
fn without_a_code_all_are_listed() {
    let phone = Phone::new();
    let ran = phone.provision(&["explain"], "").expect(0);
    let text = String::from_utf8(ran.stdout).expect("UTF-8");
    let names: Vec<_> = text.lines().map(|line| line.split(' ').next().unwrap_or("")).collect();
    let codes: Vec<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(names, codes);

    let ran = phone.provision(&["explain", "--format", "json"], "").expect(0);
    let listed = object(&ran)["codes"].as_array().map(Vec::len);
    assert_eq!(listed, Some(codes.len()));
}

#[test]
fn a_misspelt_code_gets_a_suggestion_and_not_the_whole_list() {
    let phone = Phone::new();
    let ran = phone.provision(&["explain", "bare-ampresand"], "").expect(2);
    ran.says("bare-ampresand").says("'bare-ampersand'").says("--help");
    assert!(!ran.stderr.contains("unclosed"), "{}", ran.stderr);
    let ran = phone.provision(&["explain", "--format", "json", "unclosed"], "").expect(0);
    assert_eq!(object(&ran)["codes"][0]["code"], "unclosed");
}
