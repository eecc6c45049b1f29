//! What is written reads back equal, and no input makes a reader panic.

use proptest::prelude::*;
use provision_format::{
    Answer, Config, ErrorAnswer, PROVISION_ELEMENTS, PasswordFormat, ProvisionFile, Secret,
    SignificantSections, Source, UrlTemplate,
};

use crate::strategies;

proptest! {
    #![proptest_config(strategies::cases())]

    /// Spec 1.10.
    #[test]
    fn a_provision_file_reads_back_equal(file in strategies::provision_file()) {
        let xml = file.to_xml().expect("every generated value can be written");
        prop_assert_eq!(read_back(&xml), Ok(file));
    }

    #[test]
    fn no_bytes_make_the_readers_panic(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
        let _ = ProvisionFile::read(&bytes);
        let _ = Config::read(&bytes);
        let _ = Answer::read(&bytes);
    }

    #[test]
    fn no_text_makes_the_readers_panic(
        file in strategies::mutated(strategies::provision_file().prop_map(|file| {
            file.to_xml().expect("every generated value can be written")
        })),
    ) {
        if let Err(report) = ProvisionFile::read(file.as_bytes()) {
            prop_assert!(report.has_errors());
            for finding in report.diagnostics() {
                prop_assert!(finding.message.len() <= 1024);
                let labels = finding.labels.iter().map(|label| label.span);
                for place in labels.chain([finding.span]).chain(finding.fix.as_ref().map(|f| f.span)) {
                    prop_assert!(report.source().text().get(place.range()).is_some());
                }
            }
        }
    }
}

// Spec 1.10: what we write, we read back equal; and what we read, we pass on as it was.
proptest! {
    #![proptest_config(strategies::cases())]

    /// Spec 1.4.
    #[test]
    fn a_line_break_with_its_indentation_at_the_ends_of_a_text_is_layout(
        mut file in strategies::provision_file(),
        line_break in proptest::sample::select(vec!["\n", "\r\n", "\r"]),
        indentation in "[ \t]{0,4}",
    ) {
        let mut xml = file.to_xml().expect("every generated value can be written");
        let layout = format!("{line_break}{indentation}");
        for name in ["user", "password"] {
            xml = xml.replace(&format!("<{name}>"), &format!("<{name}>{layout}"));
            xml = xml.replace(&format!("</{name}>"), &format!("{layout}</{name}>"));
        }
        // Whoever indents a text cannot begin it with blanks, unless by references.
        let unindented = |text: &str| text.trim_start_matches([' ', '\t']).to_owned();
        file.options.user = unindented(&file.options.user);
        file.options.password = Secret::new(unindented(file.options.password.reveal()));
        prop_assert_eq!(read_back(&xml), Ok(file));
    }

    #[test]
    fn a_value_that_xml_cannot_carry_is_an_error_and_no_file(
        file in strategies::provision_file_of(strategies::any_text),
    ) {
        match file.to_xml() {
            Ok(xml) => prop_assert_eq!(read_back(&xml), Ok(file)),
            Err(error) => {
                prop_assert!(!strategies::is_xml_character(error.character), "{}", error);
                let values = texts(&file);
                let holds = |(element, value): &(&str, String)| {
                    *element == error.element && value.contains(error.character)
                };
                prop_assert!(values.iter().any(holds), "{}", error);
            }
        }
    }

    #[test]
    fn what_is_written_stands_in_the_table_of_elements_in_its_order(
        file in strategies::provision_file(),
    ) {
        let xml = file.to_xml().expect("every generated value can be written");
        let table: Vec<_> = PROVISION_ELEMENTS.iter().map(|rule| rule.path).collect();
        let mut last = None;
        for path in written(&xml) {
            let place = table.iter().position(|known| *known == path);
            let is_next = place > last || (place == last && path == "base_urls/base_url");
            prop_assert!(is_next, "{}: {}", path, xml);
            last = place;
        }
    }

    #[test]
    fn a_list_of_sections_reads_back_equal(
        sections in strategies::significant_sections(strategies::any_text()),
    ) {
        prop_assert_eq!(SignificantSections::from_list(&sections.to_string()), sections);
    }

    #[test]
    fn an_error_answer_reads_back_equal(
        text in strategies::long_text(),
        code in proptest::option::of(strategies::long_text()),
    ) {
        let answer = ErrorAnswer::new(&text, code.as_deref());
        match answer.to_xml() {
            Ok(xml) => match Answer::read(xml.as_bytes()).map(|reading| reading.value) {
                Ok(Answer::Error(read)) => prop_assert_eq!(read, answer),
                other => prop_assert!(false, "{:?}", other),
            },
            // Controls are shown as such; these two are none.
            Err(error) => {
                prop_assert!(matches!(error.character, '\u{fffe}' | '\u{ffff}'), "{}", error);
                let is_there = |text: &str| text.contains(error.character);
                prop_assert!(is_there(answer.text()) || answer.code().is_some_and(is_there));
            }
        }
    }

    #[test]
    fn a_document_in_any_encoding_comes_back_to_the_byte(
        (text, bytes) in strategies::encoded(strategies::xml_text().prop_map(|text| format!("<{text}"))),
    ) {
        let source = Source::decode(&bytes, Source::FILE_LIMIT);
        let source = source.map_err(|report| TestCaseError::fail(report.to_string()))?;
        prop_assert_eq!(source.text(), &text);
        prop_assert_eq!(source.to_bytes(), Ok(bytes.into()));
        let changed = source.with_text(format!("{text}>"));
        let written = changed.to_bytes().expect("every encoding has this character");
        let read = Source::decode(&*written, Source::FILE_LIMIT).expect("it was written");
        prop_assert_eq!((read.text(), read.encoding()), (changed.text(), source.encoding()));
        prop_assert_eq!(read.to_bytes(), Ok(written));
    }

    #[test]
    fn a_configuration_passes_through_to_the_byte(
        (text, bytes) in strategies::encoded(prop_oneof![
            strategies::config_text(),
            strategies::odd_config_text(),
        ]),
    ) {
        let config = Config::read(&bytes);
        let config = config.map_err(|report| TestCaseError::fail(report.to_string()))?.value;
        prop_assert_eq!(config.text(), text);
        prop_assert_eq!(config.source().to_bytes(), Ok(bytes.into()));
    }
}

fn read_back(xml: &str) -> Result<ProvisionFile, String> {
    let reading = ProvisionFile::read(xml.as_bytes());
    reading.map(|reading| reading.value).map_err(|report| report.to_string())
}

/// The elements that can hold any text, and what they hold.
fn texts(file: &ProvisionFile) -> Vec<(&'static str, String)> {
    let urls = file.base_urls.iter().map(|url| ("base_url", url.as_str().to_owned()));
    let sections = file.significant_sections.iter();
    urls.chain(sections.map(|sections| ("significant_sections", sections.to_string())))
        .chain([
            ("user", file.options.user.clone()),
            ("password", file.options.password.reveal().to_owned()),
        ])
        .collect()
}

/// The paths of all elements below the root, in their order.
fn written(xml: &str) -> Vec<String> {
    let tree = roxmltree::Document::parse(xml).unwrap_or_else(|error| panic!("{xml:?}: {error}"));
    let below = tree.root_element().descendants().skip(1).filter(roxmltree::Node::is_element);
    below
        .map(|element| {
            let around = element.ancestors().filter(roxmltree::Node::is_element);
            let names: Vec<_> = around.map(|node| node.tag_name().name()).collect();
            names.iter().rev().skip(1).copied().collect::<Vec<_>>().join("/")
        })
        .collect()
}

#[test]
fn a_file_that_says_everything_has_every_element_of_the_table() {
    let mut file = ProvisionFile::default();
    file.base_urls.extend(UrlTemplate::new("https://example.com/"));
    file.options.password = Secret::new("made up".to_owned());
    file.options.password_format = Some(PasswordFormat::Plain);
    file.options.delete_accounts_beforehand = false;
    file.options.delete_contact_services_beforehand = true;
    file.significant_sections = Some(SignificantSections::default());
    let xml = file.to_xml().expect("XML can carry it");
    let table: Vec<_> = PROVISION_ELEMENTS.iter().map(|rule| rule.path).collect();
    assert_eq!(written(&xml), table);
}
