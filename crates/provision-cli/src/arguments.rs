//! The command line.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::console::Verbosity;

/// Remote provisioning for softphones
///
/// Fetches a phone's configuration from the first provisioning server that works, lays the sections
/// that the server owns over the phone's Config.xml, and stores only the rest.
#[derive(Debug, Parser)]
#[command(name = "provision", version, max_term_width = 100)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,

    /// Show the trace by stage and what happened to each section
    #[arg(short, long, global = true, display_order = 100)]
    verbose: bool,

    /// Show errors only
    #[arg(short, long, global = true, display_order = 101, conflicts_with = "verbose")]
    quiet: bool,
}

impl Arguments {
    pub(crate) fn verbosity(&self) -> Verbosity {
        match (self.quiet, self.verbose) {
            (true, _) => Verbosity::Quiet,
            (false, false) => Verbosity::Normal,
            (false, true) => Verbosity::Trace,
        }
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Provision a phone once: find Provision.xml, fetch, merge, store
    #[command(after_help = RUN_EXAMPLES)]
    Run(RunArguments),
}

const RUN_EXAMPLES: &str = "\
Examples:
  provision run
      Looks for Provision.xml in the usual places and provisions the usual profile.
  provision run --provision Provision.xml --profile ~/phone --effective effective.xml -v
      Shows every stage, and writes what the phone is to run with.
  provision run --user alice --password-stdin < password.txt
      Answers for a file that asks the user for credentials.

Exit status:
  0 done, also where there is no Provision.xml    3 no configuration: a server said <error>
  1 an invalid document, or no configuration      4 credentials are needed, and there are none
  2 wrong usage                                   5 local files cannot be read or written";

#[derive(Args, Debug)]
pub(crate) struct RunArguments {
    /// Use this provisioning file instead of looking for one
    #[arg(long, value_name = "FILE")]
    pub(crate) provision: Option<PathBuf>,

    /// The folder that holds Config.xml [default: Zoiper in the application data folder, which is
    /// ~/.config on Linux]
    #[arg(long, value_name = "DIR")]
    pub(crate) profile: Option<PathBuf>,

    /// Write the effective configuration, passwords included, to this file; `-` is standard output
    #[arg(long, value_name = "OUT")]
    pub(crate) effective: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) credentials: CredentialArguments,

    #[command(flatten)]
    pub(crate) fetch: FetchArguments,
}

#[derive(Args, Debug)]
#[command(next_help_heading = "Credentials")]
pub(crate) struct CredentialArguments {
    /// The user name; goes before one in the provisioning file
    #[arg(long, value_name = "NAME", requires = "password")]
    pub(crate) user: Option<String>,

    /// Read the password from standard input, less one line break at its end
    #[arg(long, group = "password", requires = "user")]
    pub(crate) password_stdin: bool,

    /// Read the password from a file, less one line break at its end
    #[arg(long, value_name = "FILE", group = "password", requires = "user")]
    pub(crate) password_file: Option<PathBuf>,

    /// What stands for [pass] in a URL: the MD5 digest of the password, or the password
    #[arg(long, value_enum, value_name = "FORM", default_value_t)]
    pub(crate) pass: PassForm,
}

#[derive(Args, Debug)]
#[command(next_help_heading = "Servers")]
pub(crate) struct FetchArguments {
    /// Trust the certificates in this PEM file too; may be given more than once
    #[arg(long, value_name = "PEM")]
    pub(crate) ca_file: Vec<PathBuf>,

    /// Seconds for name resolution, connection and TLS handshake together [default: 5]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(crate) connect_timeout: Option<Duration>,

    /// Seconds for one URL [default: 10]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(crate) attempt_timeout: Option<Duration>,

    /// Seconds for all URLs together [default: 60]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(crate) deadline: Option<Duration>,

    /// The largest answer that is read, in bytes [default: 8388608]
    #[arg(long, value_name = "BYTES")]
    pub(crate) max_body: Option<usize>,

    /// After a server's <error>: try the next URL, or stop
    #[arg(long, value_enum, value_name = "POLICY", default_value_t)]
    pub(crate) on_error_answer: AfterErrorAnswer,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(crate) enum PassForm {
    #[default]
    Md5,
    Plain,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(crate) enum AfterErrorAnswer {
    #[default]
    Next,
    Stop,
}

/// A time from a millisecond to a day.
fn seconds(text: &str) -> Result<Duration, &'static str> {
    let seconds: f64 = text.parse().map_err(|_| "write a number of seconds, such as 5 or 0.5")?;
    if (0.001..=86_400.0).contains(&seconds) {
        Ok(Duration::from_secs_f64(seconds))
    } else {
        Err("write a number of seconds from 0.001 to 86400")
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn times_have_bounds() {
        assert_eq!(seconds("0.5"), Ok(Duration::from_millis(500)));
        for bad in ["0", "-1", "NaN", "inf", "1e9", "5s", ""] {
            assert!(seconds(bad).is_err(), "{bad}");
        }
    }
}
