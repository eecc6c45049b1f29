//! The command line.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::time::Duration;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::error::{ContextKind, ErrorKind};
use clap::{Args, Parser, Subcommand, ValueEnum};
use provision::format::{Code, DocumentKind};

use crate::console::Verbosity;
use crate::output::OutputArguments;

/// Remote provisioning for softphones
///
/// Fetches a phone's configuration from the first provisioning server that works, lays the sections
/// that the server owns over the phone's Config.xml, and stores only the rest.
#[derive(Debug, Parser)]
#[command(name = "provision", version, max_term_width = 100)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,

    /// Say more: the trace by stage, what happened to each section, what findings mean
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
    Run(Box<RunArguments>),

    /// Fetch a phone's configuration from the first server that works, and change nothing
    #[command(after_help = FETCH_EXAMPLES)]
    Fetch(Box<FetchCommandArguments>),

    /// Merge two configurations as a run would, and show what that changes
    #[command(after_help = MERGE_EXAMPLES)]
    Merge(MergeArguments),

    /// Say everything that is wrong with provisioning files, configurations and answers
    #[command(after_help = CHECK_EXAMPLES)]
    Check(CheckArguments),

    /// Say what a finding's code means, with an example and the mend
    #[command(after_help = EXPLAIN_EXAMPLES)]
    Explain(ExplainArguments),
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

const FETCH_EXAMPLES: &str = "\
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
  2 wrong usage                                   5 no Provision.xml, or files cannot be used";

const MERGE_EXAMPLES: &str = "\
Examples:
  provision merge --local Config.xml --remote answer.xml --provision Provision.xml --plan
      Shows what the phone would get, section by section and key by key, passwords hidden.
  provision merge --local Config.xml --remote answer.xml --sections accounts,general > effective.xml
      Writes what the phone would run with.
  provision fetch | provision merge --local Config.xml --remote - --provision Provision.xml --plan
      Shows what a run would change now.

Exit status:
  0 done, warnings included    5 a file cannot be read or written
  1 an invalid document        10 with --plan --exit-code: something would change
  2 wrong usage";

const CHECK_EXAMPLES: &str = "\
Examples:
  provision check Provision.xml
      Says what the file is, and shows what is wrong in it line by line, with the mend.
  provision check --diff phones/ > fixes.diff
      Checks every *.xml in the folder, and shows what --fix would change.
  curl https://example.com/p | provision check --as answer --format json -
      Judges what a server sends, for another program.

Exit status:
  0 good, or warnings only    2 wrong usage
  1 a document has errors     5 a file cannot be read or written; before 1";

const EXPLAIN_EXAMPLES: &str = "\
Examples:
  provision explain bare-ampersand
  provision explain
      Lists every code with what it means.

Exit status:
  0 done    2 wrong usage, or no such code";

#[derive(Args, Debug)]
pub(crate) struct CheckArguments {
    /// Files, or folders of which every *.xml is checked; `-` is standard input
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,

    /// What the documents are read as, `xml` being anything [default: what their root elements say]
    #[arg(long = "as", value_enum, value_name = "KIND")]
    pub(crate) kind: Option<DocumentForm>,

    /// Make the safe fixes in the files, and report what remains
    #[arg(long)]
    pub(crate) fix: bool,

    /// Write what --fix would change to standard output, passwords masked, and change nothing
    #[arg(long, conflicts_with = "fix")]
    pub(crate) diff: bool,

    #[command(flatten)]
    pub(crate) output: OutputArguments,
}

#[derive(Args, Debug)]
pub(crate) struct ExplainArguments {
    /// The code, as it stands in brackets behind `error` or `warning`; without it, all are listed
    #[arg(value_name = "CODE", value_parser = CodeParser, hide_possible_values = true)]
    pub(crate) code: Option<Code>,

    #[command(flatten)]
    pub(crate) output: OutputArguments,
}

/// What a document can be read as, and its name in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum DocumentForm {
    Provision,
    Config,
    Answer,
    Xml,
}

impl From<DocumentForm> for DocumentKind {
    fn from(form: DocumentForm) -> Self {
        match form {
            DocumentForm::Provision => Self::ProvisionFile,
            DocumentForm::Config => Self::Configuration,
            DocumentForm::Answer => Self::Answer,
            DocumentForm::Xml => Self::AnyXml,
        }
    }
}

/// Reads a code; a misspelt one gets a suggestion, and not the list of all.
#[derive(Clone)]
struct CodeParser;

impl CodeParser {
    fn names() -> PossibleValuesParser {
        PossibleValuesParser::new(Code::ALL.iter().map(|code| code.as_str()))
    }
}

impl TypedValueParser for CodeParser {
    type Value = Code;

    fn parse_ref(
        &self,
        command: &clap::Command,
        argument: Option<&clap::Arg>,
        value: &OsStr,
    ) -> Result<Code, clap::Error> {
        let known = Self::names().parse_ref(command, argument, value).and_then(|name| {
            Code::from_name(&name)
                .ok_or_else(|| clap::Error::new(ErrorKind::InvalidValue).with_cmd(command))
        });
        known.map_err(|mut error| {
            error.remove(ContextKind::ValidValue);
            error
        })
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(Code::ALL.iter().map(|code| PossibleValue::new(code.as_str()))))
    }
}

#[derive(Args, Debug)]
pub(crate) struct MergeArguments {
    /// The phone's own configuration; `-` is standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) local: PathBuf,

    /// The server's configuration; `-` is standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) remote: PathBuf,

    /// The sections that the server owns, such as accounts,general
    #[arg(long, value_name = "NAMES", required_unless_present = "provision")]
    pub(crate) sections: Option<String>,

    /// Merge as this provisioning file says
    #[arg(long, value_name = "FILE", conflicts_with = "sections")]
    pub(crate) provision: Option<PathBuf>,

    /// Write what the phone would run with, passwords included; `-` is standard output, where it goes
    /// if nothing else is asked for
    #[arg(long, value_name = "OUT")]
    pub(crate) effective: Option<PathBuf>,

    /// Write what the phone would store; `-` is standard output
    #[arg(long, value_name = "OUT")]
    pub(crate) stored: Option<PathBuf>,

    /// Show what would change per section and key, and write nothing
    #[arg(long, conflicts_with_all = ["effective", "stored"])]
    pub(crate) plan: bool,

    /// Answer with exit status 10 where something would change
    #[arg(long, requires = "plan")]
    pub(crate) exit_code: bool,

    #[command(flatten)]
    pub(crate) form: OutputArguments,
}

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

/// Named for the command; [`FetchArguments`] are those of every command that asks servers.
#[derive(Args, Debug)]
pub(crate) struct FetchCommandArguments {
    /// Use this provisioning file instead of looking for one
    #[arg(long, value_name = "FILE")]
    pub(crate) provision: Option<PathBuf>,

    /// Write the document, passwords included, to this file; `-` is standard output, where --format
    /// json cannot go then [default: -]
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

    /// Show this certificate, a PEM file, to https servers that ask for one
    #[arg(long, value_name = "PEM", requires = "client_key")]
    pub(crate) client_cert: Option<PathBuf>,

    /// The private key of that certificate, a PEM file that is not encrypted
    #[arg(long, value_name = "PEM", requires = "client_cert")]
    pub(crate) client_key: Option<PathBuf>,

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

    /// Wait for a slow server, instead of asking the next one beside it
    #[arg(long)]
    pub(crate) sequential: bool,

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
