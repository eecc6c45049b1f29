use std::io;

use super::*;

/// What is asked, when these lines and these passwords are the answers, and what becomes of the draft.
fn asked(mut draft: Draft, lines: &str, passwords: &[&str]) -> (Result<Draft, Stopped>, String) {
    let mut output = Vec::new();
    let mut input = lines.as_bytes();
    let mut passwords = passwords.iter();
    let mut dialogue = Dialogue {
        input: &mut input,
        output: &mut output,
        hidden: &mut |question, output| {
            write!(output, "{question}")?;
            match passwords.next() {
                Some(password) => Ok(Secret::new(*password)),
                None => Err(io::ErrorKind::Interrupted.into()),
            }
        },
    };
    let outcome = ask(&mut draft, &mut dialogue).map(|()| draft);
    assert!(outcome.is_err() || input.is_empty(), "not read: {input:?}");
    (outcome, String::from_utf8(output).expect("questions are text"))
}

/// The file that comes of the answers; nothing is to be said about it.
fn written(lines: &str, passwords: &[&str]) -> String {
    let (outcome, said) = asked(Draft::default(), lines, passwords);
    let draft = outcome.unwrap_or_else(|stopped| panic!("{stopped:?}\n{said}"));
    let report = draft.checked().expect("XML can carry it").report;
    assert!(report.diagnostics().is_empty(), "{report}");
    report.source().text().to_owned()
}

fn has(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part:?} is not in:\n{text}");
    }
}

#[test]
fn an_address_alone_is_enough() {
    let text = written("https://example.com/\n\n\n\n\n\n\n", &[]);
    has(&text, &["<base_url>https://example.com/</base_url>", "<use_authentication>0<"]);
    assert!(!text.contains("significant_sections"), "{text}");
    assert!(!text.contains("delete_"), "{text}");
}

#[test]
fn every_answer_goes_into_the_file() {
    let text = written(
        " https://one.example.com/?u=[user]&p=[pass] \nhttps://two.example.com/[user]/[pass]\n\n\
         \nFILE\nalice\n3600\naccounts, codecs\nyes\nadd,Delete\n",
        &["made up", "made up"],
    );
    has(
        &text,
        &[
            "<base_url>https://one.example.com/?u=[user]&amp;p=[pass]</base_url>",
            "<base_url>https://two.example.com/[user]/[pass]</base_url>",
            "<use_authentication>1<",
            "<user_input_authentication>0<",
            "<authentication_type>url<",
            "<user>alice<",
            "<password>made up<",
            "<refresh_rate>3600<",
            "<significant_sections>accounts,codecs<",
            "<use_addressbook>1<",
            "<restrictions>add,delete<",
        ],
    );
    let text = written("https://example.com/\nnone\nbasic\nuser\n0\nall\nno\nyes\n", &[]);
    has(
        &text,
        &[
            "<authentication_type>basic<",
            "<user_input_authentication>1<",
            "<delete_accounts_beforehand>0<",
            "<delete_contact_services_beforehand>1<",
        ],
    );
}

#[test]
fn a_bad_answer_is_asked_for_again_with_the_reason() {
    let lines = "\nftp://example.com/\nhttps://example.com/\n\nperhaps\noff\nsoon\n-1\n60\n\n\n\n";
    let (outcome, said) = asked(Draft::default(), lines, &[]);
    let draft = outcome.expect("there is an answer to everything");
    assert_eq!((draft.urls.len(), draft.refresh), (1, Some(60)));
    has(
        &said,
        &[
            "Address of the server:   an address is needed\n",
            "  this is no http or https address\n  help: only http and https servers are asked\n",
            "  write one of `off`, `basic`, `url`\n",
            "at the start only [0]:   write a number of whole seconds, from 0 to 4294967295\n",
        ],
    );
    assert_eq!(said.matches("whole seconds").count(), 2);
}

#[test]
fn what_check_warns_of_is_taken_when_it_is_said_twice() {
    let begin = "https://example.com/\n\n\n\n";
    let sections = "acounts\naccounts,skins\naccounts,skins\n";
    let (outcome, said) = asked(Draft::default(), &format!("{begin}{sections}\n"), &[]);
    let draft = outcome.expect("there is an answer to everything");
    assert_eq!(draft.sections, Some(Sections::Listed("accounts,skins".to_owned())));
    has(
        &said,
        &[
            "`acounts` is not one that phones are known to have\n  help: did you mean `accounts`?\n",
            "`skins` is not one that phones are known to have\n  (if it is meant so, give the same answer again)\n",
        ],
    );
}

#[test]
fn credentials_are_not_sent_over_plain_http_without_a_word() {
    let lines = "http://example.com/\n\nbasic\nbasic\n\n\n\n\n\n";
    let (outcome, said) = asked(Draft::default(), lines, &[]);
    assert!(outcome.is_ok(), "{said}");
    has(&said, &["  user name and password go over plain http"]);
}

#[test]
fn a_password_is_asked_for_twice_and_never_shown() {
    let lines = "https://example.com/\n\nbasic\nfile\n\nbob:\nbob\n\n\n\n\n";
    let passwords = ["", "c4nary", "other", "c4nary", "c4nary"];
    let (outcome, said) = asked(Draft::default(), lines, &passwords);
    let draft = outcome.expect("there is an answer to everything");
    assert_eq!(draft.password, Some(Secret::new("c4nary")));
    assert_eq!(draft.user.as_deref(), Some("bob"));
    assert!(!said.contains("c4nary") && !format!("{draft:?}").contains("c4nary"), "{said}");
    has(
        &said,
        &[
            "a user name is needed",
            "a colon cannot be sent",
            "a password is needed",
            "two different",
        ],
    );
}

#[test]
fn a_digest_is_told_from_a_password_by_asking() {
    let digest = "0123456789abcdef0123456789abcdef";
    let begin = "https://example.com/?u=[user]&p=[pass]\n\n\nfile\nalice\n";
    for (answer, form) in [("", "0"), ("plain", "1")] {
        let text = written(&format!("{begin}{answer}\n\n\n\n\n"), &[digest, digest]);
        has(&text, &[&format!("<password_format>{form}<")]);
    }
}

#[test]
fn what_an_option_has_said_is_not_asked() {
    let draft = Draft {
        authentication: Some(AuthenticationForm::Basic),
        holder: Some(Holder::User),
        refresh: Some(0),
        sections: Some(Sections::Listed("accounts".to_owned())),
        ..Draft::default()
    };
    let (outcome, said) = asked(draft, "https://example.com/\n\n\n", &[]);
    assert!(outcome.is_ok(), "{said}");
    assert_eq!(said.matches("]: ").count(), 2, "{said}");
}

#[test]
fn an_end_of_the_answers_ends_the_questions() {
    for lines in ["", "https://example.com/\n\nbasic\nfile\na\n"] {
        let (outcome, said) = asked(Draft::default(), lines, &[]);
        assert!(matches!(outcome, Err(Stopped::Declined | Stopped::Interrupted)), "{said}");
    }
}
