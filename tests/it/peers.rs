//! What passes the gate, other parsers accept and read the same; their known faults are faults still.

use proptest::prelude::*;
use provision_format::{Code, Config};
use provision_tests::fuzz;
use provision_tests::peers::{BUGS, Event, Fault, Peer, by_config};

use crate::{markup, strategies};

proptest! {
    #![proptest_config(strategies::cases())]

    #[test]
    fn a_document_of_the_subset_passes_the_gate(
        document in markup::encoded(markup::document()),
    ) {
        let reading = Config::read(&document);
        prop_assert!(reading.is_ok(), "{:?}: {:?}", String::from_utf8_lossy(&document), reading);
        fuzz::gate(&document);
    }

    #[test]
    fn what_is_nearly_a_document_is_judged_alike(
        document in markup::encoded(markup::damaged(markup::document())),
    ) {
        fuzz::gate(&document);
    }

    #[test]
    fn what_is_nearly_a_configuration_is_judged_alike(
        text in strategies::mutated(prop_oneof![
            strategies::config_text(),
            strategies::odd_config_text(),
        ]),
    ) {
        fuzz::gate(text.as_bytes());
    }

    #[test]
    fn what_is_nearly_a_provisioning_file_is_judged_alike(
        text in strategies::mutated(strategies::provision_file().prop_map(|file| {
            file.to_xml().expect("every generated value can be written")
        })),
    ) {
        // Some of the `&` bare, and line ends of all kinds, none of them written as a reference.
        let bare = text.replacen("&amp;", "&", 3).replace("&#13;", "\r").replace("&#10;", "\n");
        for text in [bare, text] {
            fuzz::gate(text.as_bytes());
            fuzz::models(text.as_bytes());
        }
    }

    #[test]
    fn what_is_nearly_an_error_answer_is_judged_alike(
        text in markup::damaged(markup::document()),
    ) {
        let text = text.replace("<options", "<error").replace("</options", "</error");
        fuzz::gate(text.replacen("&amp;", "&", 3).as_bytes());
    }

    /// What the first byte stands for, `fuzz::models` says.
    #[test]
    fn no_secret_shows(holder in 0..9_u8, text in markup::rubble()) {
        fuzz::models(&[&[holder], text.as_bytes()].concat());
    }
}

/// Once a parser has mended one, it goes from the table.
#[test]
fn the_known_faults_of_the_others_are_there_and_do_no_harm() {
    for bug in BUGS {
        for example in bug.examples {
            let theirs = bug.peer.read(example.as_bytes(), example);
            let ours = Config::read(example.as_bytes());
            let shown = format!("{:?}, {}: {example:?}: {theirs:?}", bug.peer, bug.about);
            match bug.fault {
                Fault::AcceptsWhatIsNoXml => {
                    let report = ours.expect_err(&shown);
                    assert!(report.errors().all(|error| error.code != Code::WrongRoot), "{shown}");
                    assert!(theirs.is_ok(), "mended: {shown}");
                }
                Fault::Misreads { .. } => {
                    let ours = by_config(&ours.expect(&shown).value);
                    assert_ne!(theirs.as_ref(), Ok(&ours), "mended: {shown}");
                    let avoided = bug.peer.read_avoiding_bugs(example.as_bytes(), example);
                    assert_eq!(avoided, Ok(ours), "{shown}");
                }
            }
        }
    }
}

#[test]
fn the_subset_is_as_large_as_it_is_said_to_be() {
    let nested = |depth: usize| format!("{}{}", "<a>".repeat(depth), "</a>".repeat(depth));
    let attributes: String = (0..256).map(|number| format!(" a{number}=''")).collect();
    let long = "n".repeat(1024);
    for text in [
        format!("<options>{}</options>", nested(63)),
        format!("<options{attributes}/>"),
        format!("<options {long}='' é{}=''><{long}/></options>", &long[2..]),
        format!("<options a='{long}'>{}</options>", "&#x0000000000000000041;".repeat(1000)),
    ] {
        assert!(Config::read(text.as_bytes()).is_ok(), "{text:?}");
        fuzz::gate(text.as_bytes());
    }
}

/// At the ends of the ranges of characters that names and texts may have, and beside them.
#[test]
fn every_kind_of_character_is_judged_alike() {
    let ends = "\0\t\n\r - .09:AZ_az·ÀÖØöø˿̀ͯͰͽͿ҂᠎\u{1fff}\u{200c}\u{200d}\u{203f}\u{2040}\u{2070}\u{218f}\
                \u{2c00}\u{2fef}\u{3001}\u{d7ff}\u{e000}\u{f900}\u{fdcf}\u{fdf0}\u{fffd}\u{10000}\u{effff}\u{10ffff}";
    for end in ends.chars().map(u32::from) {
        for character in (end.saturating_sub(1)..=end + 1).filter_map(char::from_u32) {
            for text in [
                format!("<options><{character}/></options>"),
                format!("<options a{character}=''/>"),
                format!("<options a='{character}'/>"),
                format!("<options>{character}</options>"),
                format!("<options><![CDATA[{character}]]></options>"),
                format!("<options><!--{character}--></options>"),
                format!("<options>&#{};</options>", u32::from(character)),
                format!("<options a='&#x{:X};'/>", u32::from(character)),
                format!("<options>&{character};</options>"),
                format!("<options{character}/>"),
                format!("<options/>{character}"),
            ] {
                fuzz::gate(text.as_bytes());
            }
        }
    }
}

/// Line ends and white space, by the rules of XML 1.0 §2.11 and §3.3.3.
#[test]
fn the_events_are_those_of_the_standard() {
    let text = "<options a='\r\n\t&#13;&#9;\"'>\r\n\r&#13;\n<![CDATA[\r]]>x<b\n/></options>";
    let start = |name: &str, attributes: &[(&str, &str)]| {
        let attributes = attributes.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned()));
        Event::Start(name.to_owned(), attributes.collect())
    };
    let expected = [
        start("options", &[("a", "  \r\t\"")]),
        Event::Text("\n\n\r\n\nx".to_owned()),
        start("b", &[]),
        Event::End,
        Event::End,
    ];
    let config = Config::read(text.as_bytes()).expect("the text is valid").value;
    assert_eq!(by_config(&config), expected);
    for peer in Peer::ALL {
        let theirs = peer.read_avoiding_bugs(text.as_bytes(), text);
        assert_eq!(theirs.as_deref(), Ok(&expected[..]), "{peer:?}");
    }
}
