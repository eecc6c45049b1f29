use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use provision::format::{Checked, DocumentKind, Fix, Label, Source};

use super::*;

const PLAIN: Screen = Screen { is_coloured: false, width: 80 };

fn rendered(text: &str, kind: DocumentKind) -> String {
    let report = Checked::read(text.as_bytes(), Some(kind)).report;
    let rendering = Rendering::new(&report, "a.xml", PLAIN, Detail::Short);
    let findings: Vec<_> =
        report.diagnostics().iter().map(|finding| rendering.finding(finding)).collect();
    findings.join("\n\n") + "\n"
}

#[test]
fn a_finding_is_shown_with_its_line_and_its_mend() {
    assert_eq!(
        rendered("<error>\n  R&D\n</error>", DocumentKind::Answer),
        "\
warning[bare-ampersand]: `&` must be written `&amp;`
 --> a.xml:2:4
  |
2 |   R&D
  |    ^
  |
help: write it like this
  |
2 |   R&amp;D
  |     ++++
"
    );
}

/// The mend makes it longer.
#[test]
fn a_mended_line_fits_on_the_screen() {
    for behind in 0..100 {
        let text = format!("<error>{}&{}</error>", "before ".repeat(7), "x".repeat(behind));
        let shown = rendered(&text, DocumentKind::Answer);
        assert!(shown.contains("&amp;"), "{shown}");
        assert!(shown.lines().all(|line| line.chars().count() <= PLAIN.width), "{shown}");
    }
}

/// The column is the document's, not that of what is shown.
#[test]
fn a_place_behind_a_secret_has_the_column_of_the_document() {
    let text = "<options><a password='correct horse battery staple'>&</a></options>";
    assert_eq!(
        rendered(text, DocumentKind::Configuration),
        "\
error[bare-ampersand]: `&` must be written `&amp;`
 --> a.xml:1:53
  |
1 | <options><a password='[masked]'>&</a></options>
  |                                 ^
  |
help: replace it by `&amp;`
  |
1 | <options><a password='[masked]'>&amp;</a></options>
  |                                  ++++
"
    );
}

#[test]
fn lines_that_are_left_out_are_dots() {
    let text = format!("<options>\n{}</option>", "\n".repeat(100_000));
    assert_eq!(
        rendered(&text, DocumentKind::AnyXml),
        "\
error[mismatched-tag]: this end tag is for `option`, but `options` is open
      --> a.xml:100002:3
       |
     1 | <options>
       |  ------- the element that is open
...
100002 | </option>
       |   ^^^^^^
       |
       = help: write the same name in both tags
"
    );
}

#[test]
fn a_document_without_a_text_has_no_place() {
    assert_eq!(
        rendered("", DocumentKind::AnyXml),
        "error[empty]: the document is empty\n --> a.xml\n"
    );
}

#[test]
fn colours_change_nothing_but_colours() {
    let report = Checked::read(b"<options>\n\n\n\n<a>&</a>", None).report;
    let screen = Screen { is_coloured: true, width: 80 };
    let coloured = Rendering::new(&report, "a.xml", screen, Detail::Explained);
    let plain = Rendering::new(&report, "a.xml", PLAIN, Detail::Explained);
    for finding in report.diagnostics() {
        let text = coloured.finding(finding);
        assert!(text.contains('\u{1b}'), "{text}");
        let lines: Vec<_> =
            text.lines().map(|line| without_style(line).trim_end().to_owned()).collect();
        assert_eq!(lines.join("\n"), plain.finding(finding));
    }
}

/// Texts with all that could be hard to show.
fn any_text() -> impl Strategy<Value = String> {
    let pieces = select(vec![
        "\n",
        "\r",
        "\r\n",
        "\t",
        " ",
        "<a>",
        "</a>",
        "<password>",
        "</password>",
        "&",
        "x",
        "é",
        "漢",
        "e\u{301}",
        "\u{1b}[2J",
        "\u{9b}",
        "\u{202e}",
        "\u{200d}",
        "\u{2028}",
        "\u{0}",
        "👩\u{200d}🚀",
        "0123456789012345678901234567890123456789",
        "https://example.com/?a=b",
    ]);
    prop_oneof![vec(pieces, 0..60).prop_map(|pieces| pieces.concat()), any::<String>(),]
}

/// A place whose ends are ends of characters.
fn place(text: &str, first: Index, second: Index) -> Span {
    let mut ends = [first, second].map(|index| {
        let mut offset = index.index(text.len() + 1);
        while !text.is_char_boundary(offset) {
            offset -= 1;
        }
        offset
    });
    ends.sort_unstable();
    Span::new(ends[0], ends[1])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    /// Wherever a finding points, however the document looks.
    #[test]
    fn any_finding_about_any_text_can_be_shown(
        text in any_text(),
        places in vec(any::<(Index, Index)>(), 2..6),
        replacement in any_text(),
        width in 40_usize..200,
        is_coloured: bool,
    ) {
        let example = Checked::read(b"<error>&</error>", None).report;
        let mut finding = example.diagnostics()[0].clone();
        let mut places = places.into_iter().map(|(first, second)| place(&text, first, second));
        finding.span = places.next().unwrap_or_default();
        let fix = places.next().unwrap_or_default();
        finding.fix = Some(Fix { span: fix, replacement: replacement.clone() });
        finding.labels = places.map(|span| Label { span, text: replacement.clone() }).collect();
        finding.message = replacement;

        let source = Source::from(text);
        let rendering = Rendering {
            page: Page::new(&source),
            name: "a.xml",
            screen: Screen { is_coloured, width },
            detail: Detail::Explained,
        };
        let shown: String =
            rendering.finding(&finding).lines().map(|line| without_style(line) + "\n").collect();
        prop_assert!(!shown.contains(|c: char| c != '\n' && c.is_control()), "{shown:?}");
        prop_assert!(!shown.contains(['\u{202e}', '\u{2028}']), "{shown:?}");
        let place = rendering.page.position(finding.span.start);
        let arrow = format!("--> a.xml:{}:{}\n", place.line, place.column);
        prop_assert!(source.text().is_empty() || shown.contains(&arrow), "{shown}");
    }

    #[test]
    fn any_bytes_can_be_shown(bytes in vec(any::<u8>(), 0..200), kind in any_kind()) {
        let report = Checked::read(&bytes, kind).report;
        let rendering = Rendering::new(&report, "a.xml", PLAIN, Detail::Explained);
        for finding in report.diagnostics() {
            rendering.finding(finding);
        }
    }
}

fn any_kind() -> impl Strategy<Value = Option<DocumentKind>> {
    select(vec![
        None,
        Some(DocumentKind::ProvisionFile),
        Some(DocumentKind::Configuration),
        Some(DocumentKind::Answer),
        Some(DocumentKind::AnyXml),
    ])
}
