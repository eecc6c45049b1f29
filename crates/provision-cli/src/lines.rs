//! How a line for people looks at a terminal: what it says first has a colour, and what is too long for the screen goes on
//! below its own text. Both go by the beginning of the line, which is always ours.

use clap::builder::styling::{AnsiColor, Style};

/// A terminal, or what else is written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Look {
    pub(crate) is_coloured: bool,
    /// Where nothing breaks lines they have none.
    pub(crate) columns: Option<usize>,
}

impl Look {
    /// The line as it is written. Of a finding, which has colours already, the lines of the document were made for the screen.
    pub(crate) fn of(self, line: String) -> String {
        if line.contains('\n') {
            return match self.columns {
                Some(columns) => finding(&line, columns),
                None => line,
            };
        }
        let line = match self.columns {
            Some(columns) => wrapped(&line, columns),
            None => line,
        };
        if !self.is_coloured {
            return line;
        }
        match line.split_once('\n') {
            Some((first, rest)) => format!("{}\n{rest}", coloured(first)),
            None => coloured(&line),
        }
    }
}

/// The line with its first words coloured.
fn coloured(line: &str) -> String {
    let indent = line.len() - line.trim_start_matches(' ').len();
    let text = &line[indent..];
    let mut spans = Vec::new();
    if let Some((mark, color)) = MARKS.iter().find(|(mark, _)| line.starts_with(mark)) {
        spans.push((0, mark.len(), color.on_default()));
    } else if let Some((length, style)) = label(text) {
        spans.push((indent, length, style));
    } else if let Some(length) = step(line) {
        spans.push((0, length, BOLD));
    }
    let start = text_start(line);
    if let Some((mark, color)) = change(line) {
        // Behind it stands a name from a document.
        spans.push((mark, 1, color.on_default()));
    } else if start > indent {
        let outcome = OUTCOMES.iter().find(|(words, _)| line[start..].starts_with(words));
        spans.extend(outcome.map(|(words, color)| (start, words.len(), color.on_default())));
    }
    let mut out = String::new();
    let mut end = 0;
    for (start, length, style) in spans {
        out += &format!("{}{style}{}{style:#}", &line[end..start], &line[start..start + length]);
        end = start + length;
    }
    out + &line[end..]
}

/// The line in as many as it takes on a screen of `width` columns, broken at spaces alone. What is copied from the screen as one
/// stays whole: the last lines, for a ticket, and commands.
fn wrapped(line: &str, width: usize) -> String {
    let is_whole = WHOLE.iter().any(|start| line.starts_with(start));
    if is_whole || line.chars().count() <= width {
        return line.to_owned();
    }
    let margin = line[..text_start(line)].chars().count();
    broken(line, margin, width)
}

/// A finding whose title, and what is said below the lines of the document, go on below themselves.
fn finding(text: &str, width: usize) -> String {
    let lines = text.split('\n').map(|line| {
        let plain = without_style(line);
        let said = plain.trim_start();
        let margin = match (said.strip_prefix("= "), label(&plain)) {
            (Some(note), _) => plain.len() - note.len() + note.find(": ").map_or(0, |at| at + 2),
            (None, Some(_)) if !WHOLE.iter().any(|start| plain.starts_with(start)) => TITLE,
            _ => return line.to_owned(),
        };
        broken(line, margin, width)
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The line in as many as it takes, those behind the first with a margin.
fn broken(line: &str, margin: usize, width: usize) -> String {
    let (mut out, mut column) = (String::new(), 0);
    for (index, word) in line.split(' ').enumerate() {
        let length = without_style(word).chars().count();
        // A word that is too long for any line stays where it is, and the terminal breaks it.
        if column >= margin && column + 1 + length > width && margin + length <= width {
            out.push('\n');
            out += &" ".repeat(margin);
            column = margin;
        } else if index > 0 {
            out.push(' ');
            column += 1;
        }
        out += word;
        column += length;
    }
    out
}

/// A line without its colours. No document brings an escape character.
pub(crate) fn without_style(line: &str) -> String {
    let mut pieces = line.split('\u{1b}');
    let first = pieces.next().unwrap_or_default();
    let rest = pieces.map(|piece| piece.split_once('m').map_or("", |(_, text)| text));
    std::iter::once(first).chain(rest).collect()
}

/// What kind of line it is, if its first word says so: how long that is, and its look.
fn label(text: &str) -> Option<(usize, Style)> {
    LABELS.iter().find_map(|(name, color, style)| {
        let rest = text.strip_prefix(name)?;
        let code = match rest.strip_prefix('[') {
            Some(code) => code.find("]: ")? + 2,
            None => rest.starts_with(": ").then_some(0)?,
        };
        Some((name.len() + code, style.fg_color(Some((*color).into()))))
    })
}

/// How long the name of a step is, if the line begins with one.
fn step(line: &str) -> Option<usize> {
    let name = line.split(' ').next().filter(|name| !name.is_empty())?;
    let is_padded = line.len() > STEP && line[name.len()..].starts_with(' ');
    let is_step =
        name.len() < STEP && is_padded && line.as_bytes()[name.len()..STEP] == PAD[name.len()..];
    (is_step && name.bytes().all(|byte| byte.is_ascii_lowercase())).then_some(name.len())
}

/// Where the mark of a section or a key that changes is.
fn change(line: &str) -> Option<(usize, AnsiColor)> {
    let at = match step(line) {
        Some(_) => STEP,
        None => STEP + 2,
    };
    let is_alone = line.get(..at).is_some_and(|before| at == STEP || before.trim().is_empty());
    let mark = line.get(at..at + 2).filter(|_| is_alone)?;
    CHANGES.iter().find(|(known, _)| mark == *known).map(|(_, color)| (at, *color))
}

/// Where the text of a line begins: behind its step and the number of a server, or behind its label.
fn text_start(line: &str) -> usize {
    if MARKS.iter().any(|(mark, _)| line.starts_with(mark)) {
        return MARKED.min(line.len());
    }
    let indent = line.len() - line.trim_start_matches(' ').len();
    let mut start = if step(line).is_some() { STEP } else { indent };
    if let Some((mark, _)) = change(line) {
        return mark + 2;
    }
    let rest = &line[start..];
    let digits = rest.len() - rest.trim_start_matches(|digit: char| digit.is_ascii_digit()).len();
    if start >= STEP && digits > 0 && rest[digits..].starts_with(". ") {
        start += digits + 2;
    }
    match LABELS.iter().find(|(name, ..)| line[start..].starts_with(&format!("{name}: "))) {
        Some((name, ..)) => start + name.len() + 2,
        None => start,
    }
}

const BOLD: Style = Style::new().bold();

/// As those of findings.
const LABELS: [(&str, AnsiColor, Style); 6] = [
    ("error", AnsiColor::BrightRed, BOLD),
    ("warning", AnsiColor::Yellow, BOLD),
    ("note", AnsiColor::BrightGreen, BOLD),
    ("help", AnsiColor::BrightCyan, Style::new()),
    ("done", AnsiColor::Green, BOLD),
    ("next", AnsiColor::BrightCyan, Style::new()),
];

const OUTCOMES: [(&str, AnsiColor); 2] =
    [("failed", AnsiColor::BrightRed), ("accepted", AnsiColor::Green)];

const CHANGES: [(&str, AnsiColor); 3] =
    [("+ ", AnsiColor::Green), ("- ", AnsiColor::Red), ("~ ", AnsiColor::Yellow)];

/// Of the parts of an examination.
const MARKS: [(&str, AnsiColor); 3] =
    [("[ok]", AnsiColor::Green), ("[warn]", AnsiColor::Yellow), ("[fail]", AnsiColor::BrightRed)];

/// The columns of such a mark and of the name of a part.
pub(crate) const MARKED: usize = 19;

/// Below its title a finding goes on behind so many columns.
const TITLE: usize = 4;

/// Begin lines that are not broken.
const WHOLE: [&str; 3] = ["error: ", "done: ", "next: "];

/// The columns of the name of a step.
const STEP: usize = 10;
const PAD: [u8; STEP] = [b' '; STEP];

#[cfg(test)]
mod tests {
    use super::*;

    const FAILED: &str = "          1. failed[timeout] at connect after 5 s: no connection";

    /// The parts of a line that have a colour.
    fn parts(line: &str) -> Vec<String> {
        let coloured = coloured(line);
        let mut pieces = coloured.split('\u{1b}');
        let mut plain = pieces.next().unwrap_or_default().to_owned();
        let mut parts = Vec::new();
        for piece in pieces {
            let (sequence, text) = piece.split_once('m').expect("a style ends with it");
            plain += text;
            if sequence != "[0" && !text.is_empty() {
                parts.push(text.to_owned());
            }
        }
        assert_eq!(plain, line);
        parts
    }

    #[test]
    fn what_a_line_says_first_is_coloured() {
        for (line, expected) in [
            ("error: it failed (exit status 1)", &["error"][..]),
            ("          warning[bad-value]: it is", &["warning[bad-value]"]),
            ("             help: check it", &["help"]),
            ("fetch     1. https://example.com/", &["fetch"]),
            (FAILED, &["failed"]),
            ("          2. accepted after 3 ms", &["accepted"]),
            ("merge     ~ accounts         replaced", &["merge", "~"]),
            ("merge     . audio            kept", &["merge"]),
            ("            + accounts/account: 2 keys", &["+"]),
            ("            - failed/key", &["-"]),
            ("merge     ~ accepted         replaced", &["merge", "~"]),
            ("             the server says: error: no", &[]),
            ("Provision.xml: provisioning file: 1 error", &[]),
            ("errors: none", &[]),
            ("failed to fetch", &[]),
            ("[fail] file        Provision.xml", &["[fail]"]),
            ("", &[]),
        ] {
            assert_eq!(parts(line), expected, "{line}");
        }
    }

    #[test]
    fn what_was_made_for_a_screen_stays_as_it_is() {
        let look = Look { is_coloured: true, columns: Some(10) };
        let lines = "  |\n3 | <one two three>\n  | ^^^^ four five";
        assert_eq!(look.of(lines.to_owned()), lines);
        let plain = Look { is_coloured: false, columns: None };
        assert_eq!(plain.of("note: one two three".to_owned()), "note: one two three");
        assert_eq!(look.of("note: one two".to_owned()).matches('\n').count(), 1);
    }

    #[test]
    fn what_a_finding_says_goes_on_below_itself() {
        let look = Look { is_coloured: true, columns: Some(24) };
        let text = "\u{1b}[1mwarning[x]\u{1b}[0m: one two three\n --> z\n  \u{1b}[1m= help\u{1b}[0m: four five sixteen\nhelp: seven eight nine ten";
        let expected = "\u{1b}[1mwarning[x]\u{1b}[0m: one two\n    three\n --> z\n  \u{1b}[1m= help\u{1b}[0m: four five\n          sixteen\nhelp: seven eight nine\n    ten";
        assert_eq!(look.of(text.to_owned()), expected);
        let unbroken = Look { is_coloured: true, columns: None };
        assert_eq!(unbroken.of(text.to_owned()), text);
    }

    #[test]
    fn long_lines_go_on_below_their_text() {
        let expected = "          1. failed[timeout] at\n             connect after 5 s: no\n             connection";
        assert_eq!(wrapped(FAILED, 34), expected);
        assert_eq!(wrapped("note: one two three", 14), "note: one two\n      three");
        assert_eq!(
            wrapped("fetch     1. https://example.com/ again", 20),
            "fetch     1. https://example.com/\n             again"
        );
        let key = "            ~ accounts/account: from one";
        assert_eq!(wrapped(key, 23), key.replace(" from", "\n              from"));
        let part = wrapped("[ok]   trust       one two", 24);
        assert_eq!(part, "[ok]   trust       one\n                   two");
        for whole in ["error: one two three", "next: one two three", "done: one two three", "short"]
        {
            assert_eq!(wrapped(whole, 8), whole);
        }
    }
}
