//! `provision explain`: what a code means (spec 8).

use std::io::{self, IsTerminal};

use provision::format::{Checked, DocumentKind};
use serde::Serialize;

use crate::arguments::ExplainArguments;
use crate::codes::{self, Explained};
use crate::console::{Console, write_data};
use crate::excerpt::visible_text;
use crate::exit::Exit;
use crate::json;
use crate::output::{Format, Screen};
use crate::rendering::{Detail, Rendering};

pub(crate) fn explain(arguments: &ExplainArguments, console: &mut Console) -> Exit {
    let screen = Screen::of_standard_output(arguments.output.color);
    let text = match (arguments.output.format, arguments.code) {
        (Format::Json, Some(explained)) => as_json([explained]),
        (Format::Json, None) => as_json(codes::all()),
        (Format::Human, Some(explained)) => Ok(explanation(explained, screen).into_bytes()),
        (Format::Human, None) => {
            let width = io::stdout().is_terminal().then_some(screen.width);
            Ok(list(width).into_bytes())
        }
    };
    match text.and_then(|text| write_data(&text)) {
        Ok(()) => Exit::Done,
        Err(error) => {
            let message = format!("standard output cannot be written: {error}");
            console.fail(Exit::LocalFiles, &message)
        }
    }
}

/// A code with all that is to be said about it.
fn explanation(explained: Explained, screen: Screen) -> String {
    let width = screen.width.min(TEXT_WIDTH);
    let Explained { code, meaning, mend, .. } = explained;
    let mut out = format!("{code}\n\n{}", wrapped(meaning, "  ", width));
    out += &format!("\nWhat to do\n\n{}", wrapped(mend, "  ", width));
    if let Some((kind, example)) = explained.example {
        out += &format!("\nExample, read as {}\n\n", with_article(kind));
        for line in example.split('\n') {
            let line = format!("  {}", visible_text(line));
            match line.char_indices().nth(width) {
                Some((end, _)) => out += &format!("{}...\n", &line[..end]),
                None => out += &format!("{}\n", line.trim_end()),
            }
        }
        let report = Checked::read(example.as_bytes(), Some(kind)).report;
        let rendering = Rendering::new(&report, "example", screen, Detail::Short);
        if let Some(finding) = report.diagnostics().iter().find(|found| found.code.as_str() == code)
        {
            out += &format!("\nWhat `provision check` says\n\n{}\n", rendering.finding(finding));
        }
    }
    out
}

fn with_article(kind: DocumentKind) -> String {
    match kind {
        DocumentKind::AnyXml => format!("any {kind}"),
        _ => format!("a {kind}"),
    }
}

/// Every code with the first sentence of its meaning, below the title of its group; on one line each
/// unless a terminal is too narrow.
fn list(width: Option<usize>) -> String {
    let longest = codes::all().map(|explained| explained.code.len()).max().unwrap_or(0);
    let margin = " ".repeat(longest + 4);
    let mut out = String::new();
    let mut title = "";
    for Explained { code, group, meaning, .. } in codes::all() {
        if group != title {
            let space = if title.is_empty() { "" } else { "\n" };
            out += &format!("{space}{group}\n");
            title = group;
        }
        let sentence = meaning.split_once(". ").map_or(meaning, |(first, _)| first);
        let text = wrapped(sentence.trim_end_matches('.'), &margin, width.unwrap_or(usize::MAX));
        out += &format!("  {code:<longest$}  {}", text.trim_start());
    }
    out
}

/// A text in lines of at most `width` characters where words allow it, each behind `margin` and with a
/// line break at its end.
fn wrapped(text: &str, margin: &str, width: usize) -> String {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_ascii_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(format!("{margin}{word}")),
        }
    }
    lines.iter().map(|line| format!("{line}\n")).collect()
}

fn as_json(codes: impl IntoIterator<Item = Explained>) -> io::Result<Vec<u8>> {
    let entries = codes.into_iter().map(|explained| Entry {
        code: explained.code,
        group: explained.group,
        meaning: explained.meaning,
        mend: explained.mend,
        example: explained.example.map(|(kind, text)| Example { kind: json::kind(kind), text }),
    });
    json::object("explain", Explain { codes: entries.collect() })
}

#[derive(Serialize)]
struct Explain {
    codes: Vec<Entry>,
}

#[derive(Serialize)]
struct Entry {
    code: &'static str,
    group: &'static str,
    meaning: &'static str,
    mend: &'static str,
    example: Option<Example>,
}

#[derive(Serialize)]
struct Example {
    kind: &'static str,
    text: &'static str,
}

/// Paragraphs wider than this are hard to read.
const TEXT_WIDTH: usize = 90;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_can_be_explained() {
        let screen = Screen { is_coloured: false, width: 80 };
        for explained in codes::all() {
            let text = explanation(explained, screen);
            assert!(text.starts_with(&format!("{}\n\n  ", explained.code)), "{text}");
            assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{text}");
        }
    }

    #[test]
    fn the_list_has_a_line_a_code_and_stays_within_a_terminal() {
        let is_code = |line: &&str| line.starts_with("  ");
        assert_eq!(list(None).lines().filter(is_code).count(), codes::all().count());
        for line in list(Some(80)).lines() {
            assert!(line.chars().count() <= 80, "{line}");
        }
    }

    #[test]
    fn words_that_are_too_long_have_a_line_of_their_own() {
        assert_eq!(wrapped("a bb cccccccc d", "  ", 6), "  a bb\n  cccccccc\n  d\n");
        assert_eq!(wrapped("", "  ", 6), "");
    }
}
