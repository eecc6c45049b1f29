//! What is written reads back equal; what the gate lets pass, another parser reads the same.

use proptest::prelude::*;
use provision_format::{Answer, Config, ProvisionFile};

use crate::strategies;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    /// Spec 1.10.
    #[test]
    fn a_provision_file_reads_back_equal(file in strategies::provision_file()) {
        let xml = file.to_xml().expect("every generated value can be written");
        let reading = ProvisionFile::read(xml.as_bytes());
        prop_assert_eq!(reading.map_err(|report| report.to_string()).map(|r| r.value), Ok(file));
    }

    /// Spec 1.6. roxmltree is more lenient in places, never the other way round.
    #[test]
    fn what_passes_the_gate_is_read_the_same_by_roxmltree(
        text in strategies::mutated(strategies::config_text()),
    ) {
        let Ok(reading) = Config::read(text.as_bytes()) else { return Ok(()) };
        let tree = roxmltree::Document::parse(&text);
        prop_assert!(tree.is_ok(), "{:?}: {:?}", text, tree.err());
        let tree = tree.expect("checked above");
        let theirs: Vec<_> = tree
            .root_element()
            .children()
            .filter(roxmltree::Node::is_element)
            .map(|node| (node.tag_name().name().to_owned(), node.range()))
            .collect();
        let ours: Vec<_> =
            reading.value.sections().map(|s| (s.name().to_owned(), s.span().range())).collect();
        prop_assert_eq!(ours, theirs);
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
