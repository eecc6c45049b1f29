//! The arguments of `provision doctor`.

use std::path::PathBuf;

use clap::Args;

use super::{CredentialArguments, FetchArguments};
use crate::output::OutputArguments;

pub(super) const EXAMPLES: &str = "\
Examples:
  provision doctor
      Says which Provision.xml counts, whether the phone's folder is fit, and what every server does.
  provision doctor --provision Provision.xml --profile ~/phone -v
      Shows every place, address, stage and file as well.
  provision doctor --user alice --password-stdin --format json < password.txt
      Says it all to a program.

Every server is asked as a run would ask it, also behind the first good one; without the credentials
that a file asks for, each is connected to and not asked.

Exit status:
  0 a run would succeed, warnings included    2 wrong usage
  1 something would make it fail              5 local files cannot be read; before 1
  130 interrupted";

#[derive(Args, Debug)]
pub(crate) struct DoctorArguments {
    /// Use this file instead of looking for Provision.xml
    #[arg(long, value_name = "FILE")]
    pub(crate) provision: Option<PathBuf>,

    /// The folder that holds Config.xml
    ///
    /// Without it that is Zoiper in the application data folder, which is ~/.config on Linux.
    #[arg(long, value_name = "DIR")]
    pub(crate) profile: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) form: OutputArguments,

    #[command(flatten)]
    pub(crate) credentials: CredentialArguments,

    #[command(flatten)]
    pub(crate) fetch: FetchArguments,
}
