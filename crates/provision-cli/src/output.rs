//! How the commands are asked to print, and what the reader's terminal can show (spec 8.4).

use std::env;
use std::ffi::OsString;
use std::io::{self, IsTerminal};

use clap::{Args, ValueEnum};
use terminal_size::{Height, Width, terminal_size_of};

use crate::lines::Look;

// The options of every command that says something about documents.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct OutputArguments {
    /// For people, or one JSON object
    ///
    /// Text for people goes to standard error, the object for programs to standard output.
    #[arg(
        long,
        value_enum,
        value_name = "human|json",
        hide_possible_values = true,
        default_value_t,
        display_order = 90
    )]
    pub(crate) format: Format,

    /// Whether text is coloured
    ///
    /// `auto` asks the terminal and the variable `NO_COLOR`.
    #[arg(
        long,
        value_enum,
        value_name = "auto|always|never",
        hide_possible_values = true,
        default_value_t,
        display_order = 91,
        hide_short_help = true
    )]
    pub(crate) color: Color,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    #[default]
    Human,
    Json,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    #[default]
    Auto,
    Always,
    Never,
}

/// What a text is printed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Screen {
    /// Whether it shows colours.
    pub(crate) is_coloured: bool,
    /// How many columns it has.
    pub(crate) width: usize,
}

impl Screen {
    /// Standard error, where people read.
    pub(crate) fn of_standard_error(color: Color) -> Self {
        let stream = io::stderr();
        Self { is_coloured: is_coloured(&stream, color), width: width(terminal_size_of(&stream)) }
    }

    /// Standard output.
    pub(crate) fn of_standard_output(color: Color) -> Self {
        let stream = io::stdout();
        Self { is_coloured: is_coloured(&stream, color), width: width(terminal_size_of(&stream)) }
    }
}

impl Look {
    /// Of standard error.
    pub(crate) fn of_standard_error(color: Color) -> Self {
        let stream = io::stderr();
        let columns = terminal_size_of(&stream).map(|size| width(Some(size)));
        Self { is_coloured: is_coloured(&stream, color), columns }
    }
}

fn is_coloured(stream: &impl IsTerminal, color: Color) -> bool {
    match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => stream.is_terminal() && wants_colours(|name| env::var_os(name)),
    }
}

/// The width of a terminal, or where there is none, within what is good to read.
fn width(size: Option<(Width, Height)>) -> usize {
    size.map_or(WIDTH, |(Width(columns), _)| usize::from(columns)).clamp(NARROWEST, WIDEST)
}

/// Whether a terminal in this environment is to show colours (<https://no-color.org>).
fn wants_colours(variable: impl Fn(&str) -> Option<OsString>) -> bool {
    let is_set = |name| variable(name).is_some_and(|value| !value.is_empty());
    // Windows' older console prints the sequences themselves.
    let understands =
        !cfg!(windows) || ["WT_SESSION", "TERM", "ConEmuANSI"].into_iter().any(is_set);
    understands && !is_set("NO_COLOR") && variable("TERM").is_none_or(|term| term != "dumb")
}

/// The width where there is no terminal.
const WIDTH: usize = 120;
const NARROWEST: usize = 40;
const WIDEST: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_has_a_say_in_colours() {
        let wants = |set: &[(&str, &str)]| {
            let find = |name: &str| set.iter().find(|(known, _)| *known == name);
            wants_colours(|name| find(name).map(|(_, value)| OsString::from(value)))
        };
        assert!(wants(&[("TERM", "xterm")]));
        assert!(wants(&[("TERM", "xterm"), ("NO_COLOR", "")]));
        assert!(!wants(&[("TERM", "xterm"), ("NO_COLOR", "1")]));
        assert!(!wants(&[("TERM", "dumb")]));
    }

    #[test]
    fn a_text_is_as_wide_as_is_good_to_read() {
        assert_eq!(width(None), WIDTH);
        assert_eq!(width(Some((Width(80), Height(24)))), 80);
        assert_eq!(width(Some((Width(1), Height(1)))), NARROWEST);
        assert_eq!(width(Some((Width(1000), Height(1)))), WIDEST);
    }
}
