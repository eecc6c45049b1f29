//! `docs/performance.md`, with its data and its chart beside it. What people have written in the page stays: only what is
//! between the marks is replaced.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::failure::Failure;
use crate::workspace::Workspace;

use super::chart;
use super::summary::{Summary, full_name};

/// Writes the three files into `folder`. The page goes on from what the workspace has.
pub(super) fn write(
    workspace: &Workspace,
    folder: &Path,
    data: &Value,
    summary: &Summary,
) -> Result<(), Failure> {
    let page = fs::read_to_string(workspace.root().join("docs").join(PAGE)).unwrap_or_default();
    let files = [
        (PAGE, with_measured(&page, &measured(data, summary))),
        (CHART, chart::svg(summary)),
        (DATA, format!("{data:#}\n")),
    ];
    for (name, text) in files {
        let path = folder.join(name);
        fs::write(&path, text)
            .map_err(|source| Failure::Write { path: path.display().to_string(), source })?;
        println!("written: {}", path.display());
    }
    Ok(())
}

/// `page` with `measured` between its marks; behind all of it, where it has none.
fn with_measured(page: &str, measured: &str) -> String {
    let between =
        page.split_once(BEGIN).and_then(|(before, rest)| Some((before, rest.split_once(END)?.1)));
    let (before, after) = match between {
        Some((before, after)) => (before.to_owned(), after.to_owned()),
        None if page.is_empty() => ("# Performance\n\n".to_owned(), "\n".to_owned()),
        None => (format!("{}\n\n", page.trim_end()), "\n".to_owned()),
    };
    format!("{before}{BEGIN}\n\n{measured}\n{END}{after}")
}

fn measured(data: &Value, summary: &Summary) -> String {
    let mut text = format!(
        "{} of {} goals are met.\n\n![Each goal and what was taken of it]({CHART})\n\n",
        summary.goals() - summary.missed(),
        summary.goals()
    );
    text += "| benchmark | goal of | median | quartiles | ratio | goal | |\n|---|---|---|---|---|---|---|\n";
    for row in &summary.rows {
        let cells = [
            &row.benchmark,
            &row.name,
            &row.median,
            &row.spread,
            &row.ratio,
            &row.goal,
            &row.outcome.text(),
        ];
        text += &line(&cells.map(String::as_str));
    }
    if !summary.missing.is_empty() {
        text += "\nNot measured, since this machine does not have it:\n\n";
        for missing in &summary.missing {
            text += &format!("- {}\n", escaped(missing));
        }
    }
    text += "\n### The machine\n\n| | |\n|---|---|\n";
    for entry in data["machine"].as_array().into_iter().flatten() {
        let cell = |name: &str| entry[name].as_str().unwrap_or_default().to_owned();
        text += &line(&[&cell("name"), &cell("value")]);
    }
    text += &format!("\n### All figures\n\nAs data: [{DATA}]({DATA}).\n");
    for benchmark in data["benchmarks"].as_array().into_iter().flatten() {
        text += &figures(benchmark);
    }
    text
}

/// Every row of a benchmark, with a goal or without.
fn figures(benchmark: &Value) -> String {
    let name = benchmark["benchmark"].as_str().unwrap_or_default();
    let mut text =
        format!("\n#### {name}\n\n| | median | quartiles | ratio |\n|---|---|---|---|\n");
    for row in benchmark["rows"].as_array().into_iter().flatten() {
        let cell = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let (measure, ratio) = (&row["measure"], &row["ratio"]);
        let median = match row["missing"].as_str() {
            Some(_) => "not measured".to_owned(),
            None => cell(&measure["shown"]),
        };
        let cells = [
            full_name(row).unwrap_or_default(),
            median,
            cell(&measure["spread"]),
            cell(&ratio["shown"]),
        ];
        text += &line(&cells.each_ref().map(String::as_str));
    }
    text
}

/// A line of a table.
fn line(cells: &[&str]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| escaped(cell)).collect();
    // An empty cell leaves no second space.
    format!("| {} |\n", cells.join(" | ")).replace("|  |", "| |").replace("|  |", "| |")
}

/// What a cell, or a line of a list, shows as it is.
fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('|', "\\|");
    // A goal is no tag, and is read as it stands.
    text.replace("&lt;=", "<=").replace("&lt; ", "< ")
}

const PAGE: &str = "performance.md";
const CHART: &str = "performance.svg";
const DATA: &str = "performance.json";

const BEGIN: &str = "<!-- measured by cargo xtask bench -->";
const END: &str = "<!-- end of what is measured -->";

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Rows such as benchmarks write: of each kind one.
    pub(in crate::bench) fn data() -> Value {
        let text = include_str!("page/rows.json");
        serde_json::from_str(text).expect("the fixture is JSON")
    }

    fn page() -> String {
        let data = data();
        measured(&data, &Summary::of(&data).expect("rows as benchmarks write them"))
    }

    #[test]
    fn the_table_has_every_goal() {
        let page = page();
        for line in [
            "3 of 5 goals are met.\n",
            "| merge | 20 KB: merge, of the time of &lt;trees> | 80.0 µs | 79.0 µs .. 81.0 µs | 0.600 | <= 0.3 | MISSED |\n",
            "| fetch | 1 refused | 2.50 ms | 2.40 ms .. 2.60 ms | | < 10 ms | met |\n",
            "| merge | 20 KB: lxml | | | | <= 0.15 | NOT MEASURED: python3 with lxml is missing |\n",
            "| check | 1000 files: provision check \\| 2 threads |",
            "- check: 1000 files: xmlstarlet val: it is missing\n",
            "| processor | Some Processor |\n",
            "![Each goal and what was taken of it](performance.svg)\n",
        ] {
            assert!(page.contains(line), "{line}\nis not in\n{page}");
        }
    }

    #[test]
    fn what_people_have_written_stays() {
        let first = with_measured("", "one\n");
        assert_eq!(first, format!("# Performance\n\n{BEGIN}\n\none\n\n{END}\n"));
        let written =
            first.replace("# Performance", "# How fast") + "\n## What limits it\n\nThe disk.\n";
        let second = with_measured(&written, "two\n");
        assert_eq!(
            second,
            format!("# How fast\n\n{BEGIN}\n\ntwo\n\n{END}\n\n## What limits it\n\nThe disk.\n")
        );
        assert_eq!(
            with_measured("# Mine\n", "two\n"),
            format!("# Mine\n\n{BEGIN}\n\ntwo\n\n{END}\n")
        );
    }

    #[test]
    fn the_page_is_tidy() {
        let page = with_measured("", &page());
        assert!(page.lines().all(|line| line.trim_end() == line), "{page}");
        assert!(page.ends_with(&format!("{END}\n")));
    }
}
