//! The command line.

mod doctor;
mod init;
mod run;
mod servers;

use std::ffi::OsStr;
use std::path::PathBuf;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::error::{ContextKind, ErrorKind};
use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};
use provision::format::DocumentKind;

use crate::codes::{self, Explained};
use crate::console::Verbosity;
use crate::output::{Color, OutputArguments};

pub(crate) use self::doctor::DoctorArguments;
pub(crate) use self::init::{AuthenticationForm, InitArguments, PasswordForm, Restriction};
pub(crate) use self::run::{ForgetArguments, ProvisioningArguments, RunArguments};
pub(crate) use self::servers::{
    AfterErrorAnswer, CredentialArguments, FetchArguments, FetchCommandArguments, PassForm,
};

/// Remote provisioning for softphones
///
/// Fetches a phone's configuration from the first provisioning server that works, lays the sections
/// that the server owns over the phone's Config.xml, and stores only the rest.
#[derive(Debug, Parser)]
#[command(name = "provision", version, max_term_width = 100)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,

    /// Say more
    ///
    /// The trace by stage, what happened to each section and key, and what findings mean.
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

/// The command line. What stands behind the help of a command stands whole behind its long one; behind the
/// short one, which is to fit on a screen, stand the first examples.
pub(crate) fn command() -> clap::Command {
    Arguments::command().mut_subcommands(|command| {
        let Some(whole) = command.get_after_help().map(ToString::to_string) else {
            return command;
        };
        let short = first_examples(&whole);
        command.after_long_help(whole).after_help(short)
    })
}

/// The first two examples that fit on a narrow screen, without what is said about them.
fn first_examples(epilogue: &str) -> String {
    let commands = epilogue.lines().filter(|line| line.starts_with("  provision "));
    let short: Vec<_> = commands.filter(|line| line.len() < NARROW).take(2).collect();
    format!("Examples (--help has more, and every option):\n{}", short.join("\n"))
}

/// The columns of a narrow screen.
const NARROW: usize = 80;

// The arguments of a command are put together when it is the one that is given. A description of their type would go before
// that of the command then.
#[derive(Debug, Subcommand)]
#[command(defer = true)]
pub(crate) enum Command {
    /// Provision a phone once: find Provision.xml, fetch, merge, store
    #[command(after_help = run::RUN_EXAMPLES)]
    Run(Box<RunArguments>),

    /// Keep a phone provisioned: a run now, and again as the refresh rate says
    ///
    /// The signal HUP asks for a run now, but at a terminal it says that the terminal has gone, and ends it as Ctrl-C
    /// does, with 130; TERM ends it with 0. What is under way is given up, and the phone's files stay as they were.
    /// Servers that fail do not end it, unless they refuse the credentials, which are not sent again. If they do, or
    /// the first run fails and no other is to come, its exit status is that of run.
    #[command(after_help = run::WATCH_EXAMPLES)]
    Watch(Box<ProvisioningArguments>),

    /// Give a phone back what provisioning took out of its Config.xml, and remove what is kept beside it
    #[command(after_help = run::FORGET_EXAMPLES)]
    Forget(ForgetArguments),

    /// Fetch a phone's configuration from the first server that works
    #[command(after_help = servers::EXAMPLES)]
    Fetch(Box<FetchCommandArguments>),

    /// Merge two configurations as a run would, without a server
    #[command(after_help = MERGE_EXAMPLES)]
    Merge(MergeArguments),

    /// Write a Provision.xml, from options or by asking
    #[command(after_help = init::EXAMPLES)]
    Init(Box<InitArguments>),

    /// Say what a run would meet here, and change nothing
    #[command(after_help = doctor::EXAMPLES)]
    Doctor(Box<DoctorArguments>),

    /// Say everything that is wrong with the documents of phones
    #[command(after_help = CHECK_EXAMPLES)]
    Check(CheckArguments),

    /// Say what a code means, and what to do about it
    #[command(after_help = EXPLAIN_EXAMPLES)]
    Explain(ExplainArguments),
}

impl Command {
    /// Whether text for people is coloured.
    pub(crate) fn color(&self) -> Color {
        let output = match self {
            Self::Run(arguments) => &arguments.provisioning.form,
            Self::Watch(arguments) => &arguments.form,
            Self::Forget(arguments) => &arguments.form,
            Self::Fetch(arguments) => &arguments.form,
            Self::Merge(arguments) => &arguments.form,
            Self::Init(arguments) => &arguments.form,
            Self::Doctor(arguments) => &arguments.form,
            Self::Check(arguments) => &arguments.output,
            Self::Explain(arguments) => &arguments.output,
        };
        output.color
    }
}

const MERGE_EXAMPLES: &str = "\
Examples:
  provision merge --local Config.xml --remote answer.xml --provision Provision.xml --plan
      Shows what the phone would get, section by section and key by key, passwords hidden.
  provision merge --local Config.xml --remote answer.xml --sections accounts
      Writes what the phone would run with to standard output.
  provision fetch | provision merge --local Config.xml --remote - --provision Provision.xml --plan
      Shows what a run would change now.

Exit status:
  0 done, warnings included    5 a file cannot be read or written
  1 an invalid document        10 with --plan --exit-code: something would change
  2 wrong usage                130 interrupted";

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
  1 a document has errors     5 a file cannot be read or written; before 1
  130 interrupted";

const EXPLAIN_EXAMPLES: &str = "\
Examples:
  provision explain bare-ampersand
  provision explain
      Lists every code with what it means.

Exit status:
  0 done    2 wrong usage, or no such code";

#[derive(Args, Debug)]
pub(crate) struct CheckArguments {
    /// Files, folders with *.xml, or `-` for standard input
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,

    /// What they are read as [default: by their roots]
    ///
    /// `provision`, `config`, `answer`, or `xml`, which is anything.
    #[arg(long = "as", value_enum, value_name = "KIND", hide_possible_values = true)]
    pub(crate) kind: Option<DocumentForm>,

    /// Make the safe fixes, and report what remains
    #[arg(long)]
    pub(crate) fix: bool,

    /// Show what --fix would change, and change nothing
    ///
    /// It goes to standard output, with passwords masked.
    #[arg(long, conflicts_with = "fix")]
    pub(crate) diff: bool,

    #[command(flatten)]
    pub(crate) output: OutputArguments,
}

#[derive(Args, Debug)]
pub(crate) struct ExplainArguments {
    /// The code in brackets, such as connect-refused [default: all]
    #[arg(value_name = "CODE", value_parser = CodeParser, hide_possible_values = true)]
    pub(crate) code: Option<Explained>,

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
        PossibleValuesParser::new(codes::all().map(|explained| explained.code))
    }
}

impl TypedValueParser for CodeParser {
    type Value = Explained;

    fn parse_ref(
        &self,
        command: &clap::Command,
        argument: Option<&clap::Arg>,
        value: &OsStr,
    ) -> Result<Explained, clap::Error> {
        let known = Self::names().parse_ref(command, argument, value).and_then(|name| {
            codes::find(&name)
                .ok_or_else(|| clap::Error::new(ErrorKind::InvalidValue).with_cmd(command))
        });
        known.map_err(|mut error| {
            error.remove(ContextKind::ValidValue);
            error
        })
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(codes::all().map(|explained| PossibleValue::new(explained.code))))
    }
}

#[derive(Args, Debug)]
pub(crate) struct MergeArguments {
    /// The phone's own configuration; `-` is stdin
    #[arg(long, value_name = "FILE")]
    pub(crate) local: PathBuf,

    /// The server's configuration; `-` is stdin
    #[arg(long, value_name = "FILE")]
    pub(crate) remote: PathBuf,

    /// The sections that the server owns, with commas
    #[arg(long, value_name = "NAMES", required_unless_present = "provision")]
    pub(crate) sections: Option<String>,

    /// Merge as this provisioning file says
    #[arg(long, value_name = "FILE", conflicts_with = "sections")]
    pub(crate) provision: Option<PathBuf>,

    /// Write what the phone would run with; `-` is stdout
    ///
    /// Passwords included. It goes to standard output if nothing else is asked for.
    #[arg(long, value_name = "OUT")]
    pub(crate) effective: Option<PathBuf>,

    /// Write what the phone would store; `-` is stdout
    #[arg(long, value_name = "OUT")]
    pub(crate) stored: Option<PathBuf>,

    /// Show what would change, and write nothing
    ///
    /// Per section and key, with passwords hidden.
    #[arg(long, conflicts_with_all = ["effective", "stored"])]
    pub(crate) plan: bool,

    /// Exit with 10 where something would change
    #[arg(long, requires = "plan")]
    pub(crate) exit_code: bool,

    #[command(flatten)]
    pub(crate) form: OutputArguments,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        command().debug_assert();
    }

    #[test]
    fn a_command_is_described_alike_before_and_after_its_arguments_are_there() {
        let descriptions = |command: &clap::Command| {
            let about = |command: &clap::Command| {
                let [short, long] = [command.get_about(), command.get_long_about()];
                [short, long].map(|about| about.map(ToString::to_string))
            };
            let commands = command.get_subcommands().filter(|command| command.get_name() != "help");
            commands.map(about).collect::<Vec<_>>()
        };
        let before = command();
        let mut after = command();
        after.build();
        assert_eq!(descriptions(&before), descriptions(&after));
    }
}
