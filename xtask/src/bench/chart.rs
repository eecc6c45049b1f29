//! The chart: for each goal how much of what it allows was taken, as SVG that is readable on light and dark.

use super::summary::{Outcome, Row, Summary};

/// The chart of all goals. On its logarithmic axis each bar ends where the measure is in what the goal allows: on the line at
/// 1 it is just met, to the right of it missed.
pub(super) fn svg(summary: &Summary) -> String {
    let mut body = String::new();
    let mut y = TOP;
    let mut benchmark = "";
    for row in &summary.rows {
        if row.benchmark != benchmark {
            benchmark = &row.benchmark;
            y += GAP;
            body += &text(LEFT, y + BASELINE, "start", "benchmark", benchmark);
            y += LINE;
        }
        body += &bar(row, y);
        y += LINE;
    }
    let height = y + BOTTOM;
    let mut axis = String::new();
    for (mark, label) in MARKS {
        let x = place(mark);
        let class = if label == "1" { "limit" } else { "grid" };
        axis += &format!(
            "<line class=\"{class}\" x1=\"{x:.1}\" y1=\"{TOP}\" x2=\"{x:.1}\" y2=\"{y}\"/>\n"
        );
        axis += &text(x, TOP - 6.0, "middle", "", label);
    }
    let title =
        text(LEFT, 24.0, "start", "title", "What each goal allows, and what was taken of it");
    let legend = text(
        LEFT,
        44.0,
        "start",
        "",
        "left of the line at 1: met; right of it: missed; the axis is logarithmic",
    );
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height}\" \
         viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"Goals and measures\">\n\
         <style>\n{STYLE}</style>\n\
         <rect class=\"ground\" width=\"{WIDTH}\" height=\"{height}\" rx=\"6\"/>\n\
         {title}{legend}{axis}{body}</svg>\n"
    )
}

fn bar(row: &Row, y: f64) -> String {
    let mut bar = text(LEFT, y + BASELINE, "start", "", &shortened(&row.name));
    let class = if row.outcome == Outcome::Met { "met" } else { "missed" };
    if let Some(used) = row.used {
        let end = place(used);
        let width = (end - AXIS).max(1.0);
        bar += &format!(
            "<rect class=\"{class}\" x=\"{AXIS}\" y=\"{:.1}\" width=\"{width:.1}\" height=\"{}\"/>\n",
            y + 3.0,
            LINE - 6.0
        );
    }
    let measured = if row.ratio.is_empty() { &row.median } else { &row.ratio };
    let beside = match &row.outcome {
        Outcome::NotMeasured(_) => format!("not measured ({})", row.goal),
        _ => format!("{measured} ({})", row.goal),
    };
    bar + &text(VALUES, y + BASELINE, "start", class, &beside)
}

/// The place of a value on the axis; what is beyond its ends stands at them.
fn place(value: f64) -> f64 {
    let part = (value.max(LEAST).log10() - LEAST.log10()) / (MOST.log10() - LEAST.log10());
    AXIS + part.min(1.0) * (AXIS_END - AXIS)
}

fn text(x: f64, y: f64, anchor: &str, class: &str, text: &str) -> String {
    let text = escaped(text);
    format!(
        "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\" class=\"{class}\">{text}</text>\n"
    )
}

/// A name as its column can hold it.
fn shortened(name: &str) -> String {
    if name.chars().count() <= LETTERS {
        return name.to_owned();
    }
    let beginning: String = name.chars().take(LETTERS - 1).collect();
    format!("{}…", beginning.trim_end())
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

const WIDTH: f64 = 1090.0;
const LEFT: f64 = 16.0;
const AXIS: f64 = 520.0;
const AXIS_END: f64 = 900.0;
const VALUES: f64 = 912.0;
const TOP: f64 = 76.0;
const BOTTOM: f64 = 16.0;
const LINE: f64 = 20.0;
const GAP: f64 = 8.0;
const BASELINE: f64 = 14.0;
const LETTERS: usize = 76;

const LEAST: f64 = 0.01;
const MOST: f64 = 10.0;
const MARKS: [(f64, &str); 7] = [
    (0.01, "0.01"),
    (0.03, "0.03"),
    (0.1, "0.1"),
    (0.3, "0.3"),
    (1.0, "1"),
    (3.0, "3"),
    (10.0, "10"),
];

const STYLE: &str = "\
text { font: 12px system-ui, sans-serif; fill: #24292f; }
.title { font-size: 16px; font-weight: 600; }
.benchmark { font-weight: 600; }
.ground { fill: #ffffff; stroke: #d0d7de; }
.grid { stroke: #d0d7de; }
.limit { stroke: #24292f; stroke-width: 1.5; }
rect.met { fill: #2da44e; }
rect.missed { fill: #cf222e; }
text.missed { fill: #cf222e; font-weight: 600; }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3; }
  .ground { fill: #0d1117; stroke: #30363d; }
  .grid { stroke: #30363d; }
  .limit { stroke: #e6edf3; }
  rect.met { fill: #3fb950; }
  rect.missed { fill: #f85149; }
  text.missed { fill: #f85149; }
}
";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::page::tests::data;

    fn chart() -> String {
        svg(&Summary::of(&data()).expect("rows as benchmarks write them"))
    }

    #[test]
    fn a_bar_ends_where_the_measure_is() {
        assert!((place(1.0) - (AXIS + (AXIS_END - AXIS) * 2.0 / 3.0)).abs() < 0.01);
        for beyond in [1e9, f64::INFINITY] {
            assert!((place(beyond) - AXIS_END).abs() < 0.01, "{beyond}");
        }
        for below in [0.0, 1e-9] {
            assert!((place(below) - AXIS).abs() < 0.01, "{below}");
        }
    }

    #[test]
    fn what_is_missed_can_be_told() {
        let chart = chart();
        let bars = |class: &str| chart.matches(&format!("<rect class=\"{class}\"")).count();
        // Of five goals one was not measured, and one allows nothing.
        assert_eq!((bars("met"), bars("missed")), (2, 1));
        assert_eq!(chart.matches("not measured (&lt;= 0.15)").count(), 1, "{chart}");
    }

    #[test]
    fn names_cannot_break_the_document() {
        let chart = chart();
        assert!(chart.contains("of the time of &lt;trees&gt;"), "{chart}");
        assert_eq!(chart.matches("<text").count(), chart.matches("</text>").count());
        assert!(!chart.contains("<script") && chart.ends_with("</svg>\n"));
    }

    #[test]
    fn a_long_name_is_cut() {
        assert_eq!(shortened("short"), "short");
        let long = shortened(&"a".repeat(200));
        assert_eq!((long.chars().count(), long.ends_with('…')), (LETTERS, true));
    }
}
