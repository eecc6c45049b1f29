use super::*;

/// The excerpts as they are printed: a number and a bar before every line, a line of carets below it.
fn shown(text: &str, places: &[Span], width: usize) -> String {
    let source = Source::from(text.to_owned());
    let mut out = String::new();
    for excerpt in Page::new(&source).excerpts(places, width) {
        let mut start = 0;
        for (number, line) in (excerpt.first_line..).zip(excerpt.text.split_inclusive('\n')) {
            out += &format!("{number}|{line}");
            let end = start + line.len() - 1;
            for mark in &excerpt.marks {
                if mark.range.start <= end && mark.range.end >= start {
                    let from = mark.range.start.max(start) - start;
                    let to = mark.range.end.min(end) - start;
                    out += &format!(" |{}{}\n", " ".repeat(from), "^".repeat((to - from).max(1)));
                }
            }
            start = end + 1;
        }
        out += "--\n";
    }
    out
}

fn of(text: &str, part: &str) -> Span {
    let start = text.find(part).expect("the text has the part");
    Span::new(start, start + part.len())
}

fn one(text: &str, part: &str) -> String {
    shown(text, &[of(text, part)], 40)
}

#[test]
fn every_kind_of_line_end_ends_a_line() {
    for line_end in ["\n", "\r\n", "\r"] {
        let text = ["<a>", "  <b/>", "</a>", ""].join(line_end);
        assert_eq!(one(&text, "b"), "2|  <b/>\n |   ^\n--\n", "{line_end:?}");
        assert_eq!(one(&text, "</a>"), "3|</a>\n |^^^^\n--\n", "{line_end:?}");
        // A place that ends with its line break, or is nothing else, is on the line before it.
        let line_break = of(&text, line_end);
        assert_eq!(shown(&text, &[line_break], 40), "1|<a>\n |   ^\n--\n", "{line_end:?}");
    }
    // The second half of a line break, which no finding is about.
    assert_eq!(shown("ab\r\ncd", &[Span::at(3)], 40), "1|ab\n |  ^\n--\n");
}

#[test]
fn places_at_the_end_of_the_text_are_shown() {
    assert_eq!(shown("<a>\n<b>", &[Span::at(7)], 40), "2|<b>\n |   ^\n--\n");
    assert_eq!(shown("<a>\n", &[Span::at(4)], 40), "2|\n |^\n--\n");
    assert_eq!(shown("", &[Span::at(0)], 40), "1|\n |^\n--\n");
}

#[test]
fn what_a_terminal_would_act_upon_is_written_out() {
    let text = "<a>\tred\u{1b}[31m\u{202e}\u{200b}\u{9b}x</a>";
    assert_eq!(
        shown(text, &[of(text, "x")], 80),
        "1|<a>    red\\u{1b}[31m\\u{202e}\\u{200b}\\u{9b}x</a>\n |                                          ^\n--\n"
    );
}

#[test]
fn a_long_line_is_cut_around_the_place() {
    let text = format!("{}<b>{}", "x".repeat(8 << 20), "y".repeat(8 << 20));
    let near = shown(&text, &[of(&text, "<b>")], 40);
    assert_eq!(
        near,
        format!("1|...{}<b>{}...\n |{:14}^^^\n--\n", "x".repeat(11), "y".repeat(20), "")
    );
    let start = shown(&text, &[Span::new(0, 2)], 40);
    assert_eq!(start, format!("1|{}...\n |^^\n--\n", "x".repeat(37)));
    let end = shown(&text, &[Span::at(text.len())], 40);
    assert_eq!(end, format!("1|...{}\n |{:37}^\n--\n", "y".repeat(34), ""));
    // Two places far from each other are two windows of one line.
    let both = shown(&text, &[of(&text, "<b>"), Span::new(0, 2)], 40);
    assert_eq!(both, start + &near);
}

#[test]
fn a_place_that_is_long_itself_is_shown_by_its_beginning() {
    let text = format!("<a b=\"{}\"/>", "x".repeat(1 << 20));
    let shown = shown(&text, &[Span::new(6, text.len() - 3)], 40);
    assert_eq!(shown, format!("1|<a b=\"{}...\n |      {}\n--\n", "x".repeat(31), "^".repeat(31)));
}

#[test]
fn wide_characters_take_two_columns() {
    let text = format!("{}<b>", "漢".repeat(30));
    let shown = shown(&text, &[of(&text, "<b>")], 40);
    let line = shown.lines().next().unwrap_or_default();
    assert_eq!(line, format!("1|...{}<b>", "漢".repeat(15)));
}

#[test]
fn a_place_of_several_lines_is_shown_whole_if_it_is_short() {
    let text = "<a>\n<!-- one\n\n  two\n--></a>";
    assert_eq!(
        one(text, "<!-- one\n\n  two\n-->"),
        "2|<!-- one\n |^^^^^^^^\n3|\n |^\n4|  two\n |^^^^^\n5|--></a>\n |^^^\n--\n"
    );
    let long = format!("<a><!-- one\n{}--></a>", "more\n".repeat(1000));
    let source = Source::from(long.clone());
    let excerpts = Page::new(&source).excerpts(&[Span::new(3, long.len() - 4)], 40);
    let mark = Mark { place: 0, range: 3..11, goes_on_to: Some(1002) };
    assert_eq!(
        excerpts,
        [Excerpt { first_line: 1, text: "<a><!-- one\n".to_owned(), marks: vec![mark] }]
    );
}

#[test]
fn lines_that_follow_upon_each_other_stay_together() {
    let text = "1\n2\n3\n4\n5\n6\n7\n";
    let places = ["6", "1", "3", "4"].map(|part| of(text, part));
    assert_eq!(shown(text, &places, 40), "1|1\n |^\n2|2\n3|3\n |^\n4|4\n |^\n5|5\n6|6\n |^\n--\n");
    assert_eq!(shown(text, &[of(text, "7"), of(text, "2")], 40), "2|2\n |^\n--\n7|7\n |^\n--\n");
}

/// A secret of three lines is three lines, so that all numbers are those of the document.
#[test]
fn secrets_are_masked_line_by_line() {
    let text = "<a>\n<password>hun\nt\ner2</password>\n<b/></a>";
    assert_eq!(one(text, "<b/>"), "5|<b/></a>\n |^^^^\n--\n");
    assert_eq!(one(text, "un"), "2|<password>[masked]\n |          ^^^^^^^^\n--\n");
    assert_eq!(one(text, "t\n"), "3|[masked]\n |^^^^^^^^\n--\n");
    assert_eq!(one(text, "r2</password>"), "4|[masked]</password>\n |^^^^^^^^^^^^^^^^^^^\n--\n");
    let long = format!("<a><password>{}</password><b/></a>", "hunter2".repeat(1 << 16));
    assert_eq!(
        one(&long, "<b/>"),
        "1|...[masked]</password><b/></a>\n |                      ^^^^\n--\n"
    );
}

fn patched(text: &str, part: &str, replacement: &str) -> Option<String> {
    let fix = Fix { span: of(text, part), replacement: replacement.to_owned() };
    let source = Source::from(text.to_owned());
    let (excerpt, replacement) = Page::new(&source).patch(&fix, 40)?;
    let range = excerpt.marks[0].range.clone();
    let (before, behind) = (&excerpt.text[..range.start], &excerpt.text[range.end..]);
    Some(format!("{}|{before}{replacement}{behind}", excerpt.first_line))
}

#[test]
fn a_patch_is_exact_or_not_shown() {
    assert_eq!(patched("<a>\nR&D</a>", "&", "&amp;").as_deref(), Some("2|R&amp;D</a>\n"));
    assert_eq!(patched("<a>\r\n<b/>\r\n</a>", "<b/>\r\n", "").as_deref(), Some("2|"));
    assert_eq!(patched("<a>\n<b/>\n</a>", "\n<b/>", "").as_deref(), Some("1|<a>\n"));
    assert_eq!(
        patched("<a>\r</a>", "<a>\r", "<a>\r\n\t<b/>\u{9b}\r\n").as_deref(),
        Some("1|<a>\n    <b/>\\u{9b}\n")
    );
    let long = format!("<a>{}R&D{0}</a>", "x".repeat(1 << 16));
    assert_eq!(
        patched(&long, "&", "&amp;"),
        Some(format!("1|...{}R&amp;D{}...\n", "x".repeat(9), "x".repeat(18)))
    );
    assert_eq!(patched("<password>R&D</password>", "&", "&amp;"), None);
    assert_eq!(patched(&format!("<a b='{}'/>", "x".repeat(50)), &"x".repeat(50), "y"), None);
    assert_eq!(patched("<a/>", "<a/>", &"x".repeat(5000)), None);
}
