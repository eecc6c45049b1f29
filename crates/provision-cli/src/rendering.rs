//! A finding in the manner of compilers: what it is, where, the lines themselves, and the mend.

use annotate_snippets::renderer::{DEFAULT_LINE_NUM_STYLE, Renderer};
use annotate_snippets::{AnnotationKind, Group, Level, Patch, Snippet};
use provision::format::{Diagnostic, Report, Severity, Span};

use crate::excerpt::{Excerpt, Page, visible_text};
use crate::lines::without_style;
use crate::output::Screen;

/// How much is said about a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Detail {
    /// What was found, where, and what to do.
    Short,
    /// What the code means, too.
    Explained,
}

/// Shows the findings of a report.
pub(crate) struct Rendering<'a> {
    page: Page<'a>,
    name: &'a str,
    screen: Screen,
    detail: Detail,
}

impl<'a> Rendering<'a> {
    /// For a report about the document that is called `name`.
    pub(crate) fn new(report: &'a Report, name: &'a str, screen: Screen, detail: Detail) -> Self {
        Self { page: Page::new(report.source()), name, screen, detail }
    }

    /// The finding as lines, the last of them without a line break.
    pub(crate) fn finding(&self, finding: &Diagnostic) -> String {
        let level = match finding.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let title = level.primary_title(visible_text(&finding.message)).id(finding.code.as_str());
        let mut group = Group::with_title(title).elements(self.snippets(finding));
        let help = finding.help.as_deref().map(visible_text);
        let patch = self.patch(finding, help.as_deref());
        if let (Some(help), None) = (help, &patch) {
            group = group.element(Level::HELP.message(help));
        }
        if self.detail == Detail::Explained {
            group = group.element(Level::NOTE.message(finding.code.meaning()));
            group = group.element(Level::NOTE.with_name("mend").message(finding.code.mend()));
        }
        let groups: Vec<_> = [Some(group), patch].into_iter().flatten().collect();
        let renderer = if self.screen.is_coloured { Renderer::styled() } else { Renderer::plain() };
        // The lines are cut to their width already.
        let text = renderer.term_width(UNBOUNDED).render(&groups);
        self.with_place(&text, finding.span)
    }

    fn snippets(
        &self,
        finding: &Diagnostic,
    ) -> Vec<Snippet<'_, annotate_snippets::Annotation<'_>>> {
        if self.page.is_empty() {
            return Vec::new();
        }
        let mut places = vec![finding.span];
        places.extend(finding.labels.iter().map(|label| label.span));
        let excerpts = self.page.excerpts(&places, self.text_width(&places));
        let snippet = |excerpt: Excerpt| {
            let annotations = excerpt.marks.into_iter().map(|mark| {
                let (kind, text) = match mark.place.checked_sub(1) {
                    None => (AnnotationKind::Primary, String::new()),
                    Some(label) => {
                        (AnnotationKind::Context, visible_text(&finding.labels[label].text))
                    }
                };
                let text = match mark.goes_on_to {
                    Some(line) if text.is_empty() => format!("goes on to line {line}"),
                    Some(line) => format!("{text}; goes on to line {line}"),
                    None => text,
                };
                let label = Some(text).filter(|text| !text.is_empty());
                kind.span(mark.range).label(label)
            });
            let annotations: Vec<_> = annotations.collect();
            Snippet::source(excerpt.text).line_start(excerpt.first_line).annotations(annotations)
        };
        excerpts.into_iter().map(snippet).collect()
    }

    /// What the fix makes of the lines.
    fn patch(&self, finding: &Diagnostic, help: Option<&str>) -> Option<Group<'_>> {
        let fix = finding.fix.as_ref()?;
        let (excerpt, replacement) = self.page.patch(fix, self.text_width(&[fix.span]))?;
        let mark = excerpt.marks.into_iter().next()?;
        // A help that quotes the mended text says what the lines below say.
        let quoted = help.and_then(|help| help.strip_prefix("write `")?.strip_suffix('`'));
        let title = match help {
            Some(_) if quoted.is_some_and(|quoted| quoted.contains(&replacement)) => {
                "write it like this"
            }
            Some(help) => help,
            None => "this can be mended",
        };
        let snippet = Snippet::source(excerpt.text)
            .line_start(excerpt.first_line)
            .patch(Patch::new(mark.range, replacement));
        Some(Level::HELP.secondary_title(title.to_owned()).element(snippet))
    }

    /// The columns that are left for a line behind its number.
    fn text_width(&self, places: &[Span]) -> usize {
        let last = places.iter().map(|place| self.page.position(place.end).line).max();
        let margin = last.unwrap_or(1).to_string().len() + " | ".len();
        self.screen.width.saturating_sub(margin)
    }

    /// Puts the place below the title: the renderer would count columns in the text that it was given,
    /// and not in the document. And lines that are not shown are dots, as everywhere, where the renderer
    /// knows but another snippet.
    fn with_place(&self, rendered: &str, span: Span) -> String {
        let mut lines = rendered.lines().peekable();
        let mut out = lines.next().unwrap_or_default().to_owned();
        // The column of `|`.
        let margin = lines.peek().map_or(2, |line| line.len() - line.trim_start().len()).max(1);
        out +=
            &format!("\n{}{} {}", " ".repeat(margin - 1), self.marginal("-->"), self.place(span));
        while let Some(line) = lines.next() {
            out.push('\n');
            let is_gap = |next: &&str| without_style(next).trim() == ":::";
            if without_style(line).trim() == "|" && lines.next_if(is_gap).is_some() {
                out += &self.marginal("...");
            } else {
                out += line.trim_end();
            }
        }
        out
    }

    fn place(&self, span: Span) -> String {
        if self.page.is_empty() {
            return self.name.to_owned();
        }
        let position = self.page.position(span.start);
        format!("{}:{}:{}", self.name, position.line, position.column)
    }

    /// A sign in the margin, in the margin's colour.
    fn marginal(&self, sign: &str) -> String {
        match self.screen.is_coloured {
            true => format!("{DEFAULT_LINE_NUM_STYLE}{sign}{DEFAULT_LINE_NUM_STYLE:#}"),
            false => sign.to_owned(),
        }
    }
}

/// More columns than any line has, and few enough to be added up.
const UNBOUNDED: usize = 1 << 20;

#[cfg(test)]
mod tests;
