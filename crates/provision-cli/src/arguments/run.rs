//! The commands that provision a phone, and the one that undoes it.

use std::path::PathBuf;

use clap::Args;

use super::servers::{CredentialArguments, FetchArguments};
use crate::output::OutputArguments;

pub(super) const RUN_EXAMPLES: &str = "\
Examples:
  provision run
      Looks for Provision.xml in the usual places and provisions the usual profile.
  provision run --provision Provision.xml --profile ~/phone --effective effective.xml -v
      Shows every stage, and writes what the phone is to run with.
  provision run --plan
      Asks the servers, and shows what would change, section by section; nothing is written.
  provision run --user alice --password-stdin < password.txt
      Answers for a file that asks the user for credentials.

Exit status:
  0 done, also where there is no Provision.xml    3 no configuration: a server said <error>
  1 an invalid document, or no configuration      4 credentials are needed, and there are none
  2 wrong usage                                   5 local files cannot be read or written
  130 interrupted                                 10 with --plan --exit-code: there are changes";

pub(super) const WATCH_EXAMPLES: &str = "\
Examples:
  provision watch
      Provisions the usual profile now, and again as the refresh rate in Provision.xml says.
  provision watch --user alice --password-file password.txt
      The same with credentials; a changed file counts after `kill -HUP`.
  provision watch --format json > watch.jsonl
      Says what happens to a program, one object a line.

Exit status:
  0 ended by TERM, or no Provision.xml            4 credentials are needed, and there are none
  1 an invalid document, or refused credentials   5 local files cannot be read or written
  2 wrong usage                                   130 interrupted
  3 no configuration: a server said <error>";

pub(super) const FORGET_EXAMPLES: &str = "\
Examples:
  provision forget
      Puts the usual profile back to what it was: to the byte, if the phone has not written its
      Config.xml since, else by appending the sections that are missing from it.
  provision forget --last-change --profile ~/phone
      Takes back what the server changed last, for a phone that cannot reach it any more since.

Exit status:
  0 done, also where there was nothing to do    2 wrong usage
  1 a file of the profile is not valid          5 local files cannot be read or written
  130 interrupted";

#[derive(Args, Debug)]
pub(crate) struct RunArguments {
    /// Show what would change, and write nothing
    ///
    /// Per section and key, with passwords hidden. The servers are asked.
    #[arg(long, conflicts_with = "effective")]
    pub(crate) plan: bool,

    /// Exit with 10 where something would change
    #[arg(long, requires = "plan", hide_short_help = true)]
    pub(crate) exit_code: bool,

    #[command(flatten)]
    pub(crate) provisioning: ProvisioningArguments,
}

// What `run` and `watch` have in common.
#[derive(Args, Debug)]
pub(crate) struct ProvisioningArguments {
    /// Use this file instead of looking for Provision.xml
    #[arg(long, value_name = "FILE")]
    pub(crate) provision: Option<PathBuf>,

    /// The folder that holds Config.xml
    ///
    /// Without it that is Zoiper in the application data folder, which is ~/.config on Linux.
    #[arg(long, value_name = "DIR")]
    pub(crate) profile: Option<PathBuf>,

    /// Write what the phone is to run with; `-` is stdout
    ///
    /// The effective configuration, passwords included.
    #[arg(long, value_name = "OUT")]
    pub(crate) effective: Option<PathBuf>,

    /// Neither use nor keep what a server sent earlier, for when none answers; what is kept is removed
    #[arg(long, hide_short_help = true)]
    pub(crate) no_last_good: bool,

    #[command(flatten)]
    pub(crate) form: OutputArguments,

    #[command(flatten)]
    pub(crate) credentials: CredentialArguments,

    #[command(flatten)]
    pub(crate) fetch: FetchArguments,
}

#[derive(Args, Debug)]
pub(crate) struct ForgetArguments {
    /// The folder that holds Config.xml [default: Zoiper in the application data folder, which is
    /// ~/.config on Linux]
    #[arg(long, value_name = "DIR")]
    pub(crate) profile: Option<PathBuf>,

    /// Take back only what the server's last change replaced, while that is kept: until a run has
    /// succeeded after it
    #[arg(long)]
    pub(crate) last_change: bool,

    #[command(flatten)]
    pub(crate) form: OutputArguments,
}
