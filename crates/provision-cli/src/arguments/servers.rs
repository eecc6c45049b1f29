//! What `fetch`, `run` and `watch` need to know to ask servers.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

use crate::output::OutputArguments;

pub(super) const EXAMPLES: &str = "\
Examples:
  provision fetch > answer.xml
      Looks for Provision.xml in the usual places, and writes what the server sends, byte for byte.
  provision fetch --provision Provision.xml -o answer.xml -v
      Shows every attempt and stage: how long it took, and why a server was left.
  provision fetch --user alice --password-stdin -o answer.xml --format json < password.txt
      Says it all to a program.

Exit status:
  0 done, warnings included                       3 no configuration: a server said <error>
  1 an invalid document, or no configuration      4 credentials are needed, and there are none
  2 wrong usage                                   5 no Provision.xml, or files cannot be used
  130 interrupted";

// Named for the command; [`FetchArguments`] are those of every command that asks servers.
#[derive(Args, Debug)]
pub(crate) struct FetchCommandArguments {
    /// Use this file instead of looking for Provision.xml
    #[arg(long, value_name = "FILE")]
    pub(crate) provision: Option<PathBuf>,

    /// Write the document to this file [default: -]
    ///
    /// Passwords included. `-` is standard output, where --format json cannot go then.
    #[arg(short, long, value_name = "OUT")]
    pub(crate) output: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) form: OutputArguments,

    #[command(flatten)]
    pub(crate) credentials: CredentialArguments,

    #[command(flatten)]
    pub(crate) fetch: FetchArguments,
}

#[derive(Args, Debug)]
#[command(next_help_heading = "Credentials")]
pub(crate) struct CredentialArguments {
    /// The user name; goes before one in the file
    ///
    /// Without one of the next two options the password is asked for, if there is a terminal.
    #[arg(long, value_name = "NAME")]
    pub(crate) user: Option<String>,

    /// Read the password from standard input
    ///
    /// All of it, less one line break at its end.
    #[arg(long, group = "password", requires = "user")]
    pub(crate) password_stdin: bool,

    /// Read the password from a file
    ///
    /// All of it, less one line break at its end.
    #[arg(long, value_name = "FILE", group = "password", requires = "user")]
    pub(crate) password_file: Option<PathBuf>,

    /// Ask nothing, even at a terminal
    #[arg(long)]
    pub(crate) no_input: bool,

    /// What stands for [pass] in a URL: the MD5 digest of the password, or the password
    #[arg(long, value_enum, value_name = "FORM", default_value_t, hide_short_help = true)]
    pub(crate) pass: PassForm,
}

#[derive(Args, Debug)]
#[command(next_help_heading = "Servers")]
pub(crate) struct FetchArguments {
    /// Trust the certificates in this PEM file too; may be given more than once
    #[arg(long, value_name = "PEM", hide_short_help = true)]
    pub(crate) ca_file: Vec<PathBuf>,

    /// Show this certificate, a PEM file, to https servers that ask for one
    #[arg(long, value_name = "PEM", hide_short_help = true, requires = "client_key")]
    pub(crate) client_cert: Option<PathBuf>,

    /// The private key of that certificate, a PEM file that is not encrypted
    #[arg(long, value_name = "PEM", hide_short_help = true, requires = "client_cert")]
    pub(crate) client_key: Option<PathBuf>,

    /// Seconds for name resolution, connection and TLS handshake together [default: 5]
    #[arg(long, value_name = "SECONDS", value_parser = seconds, hide_short_help = true)]
    pub(crate) connect_timeout: Option<Duration>,

    /// Seconds for one URL [default: 10]
    #[arg(long, value_name = "SECONDS", value_parser = seconds, hide_short_help = true)]
    pub(crate) attempt_timeout: Option<Duration>,

    /// Seconds for all URLs together [default: 60]
    #[arg(long, value_name = "SECONDS", value_parser = seconds, hide_short_help = true)]
    pub(crate) deadline: Option<Duration>,

    /// The largest answer that is read, in bytes [default: 8388608]
    #[arg(long, value_name = "BYTES", hide_short_help = true)]
    pub(crate) max_body: Option<usize>,

    /// Wait for a slow server, instead of asking the next one beside it
    #[arg(long, hide_short_help = true)]
    pub(crate) sequential: bool,

    /// After a server's <error>: try the next URL, or stop
    #[arg(long, value_enum, value_name = "POLICY", default_value_t, hide_short_help = true)]
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
    use super::*;

    #[test]
    fn times_have_bounds() {
        assert_eq!(seconds("0.5"), Ok(Duration::from_millis(500)));
        for bad in ["0", "-1", "NaN", "inf", "1e9", "5s", ""] {
            assert!(seconds(bad).is_err(), "{bad}");
        }
    }
}
