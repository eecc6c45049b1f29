//! The options of `provision init`: one for everything that a provisioning file can say (spec 1).

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::output::OutputArguments;

pub(super) const EXAMPLES: &str = "\
Examples:
  provision init
      Asks for everything, and writes Provision.xml.
  provision init --url 'https://example.com/?u=[user]&p=[pass]' --ask-user
      The phone asks its user for the credentials, which go into the address.
  provision init --url https://example.com/ --user alice --password-stdin -o - < password.txt
      The credentials stand in the file and are sent by HTTP Basic.

Exit status:
  0 done                                    5 the file exists, or cannot be written
  2 wrong usage, or check would warn        130 broken off at a question";

#[derive(Args, Debug)]
pub(crate) struct InitArguments {
    /// A server's address; again for the next one to try
    ///
    /// Without it, everything that no option says is asked, if there is a terminal.
    #[arg(long = "url", value_name = "URL")]
    pub(crate) urls: Vec<String>,

    /// The sections that the server owns [default: all]
    ///
    /// Such as accounts,codecs; phones of Zoiper 3 need them. Without them all that it sends is laid over
    /// the phone's own, key by key, as phones of Zoiper 5 do.
    #[arg(long, value_name = "NAMES")]
    pub(crate) sections: Option<String>,

    /// The file to write [default: Provision.xml]
    ///
    /// `-` is standard output. A new file is its owner's only, and so is one that gets a password.
    #[arg(
        short,
        long,
        value_name = "FILE",
        default_value = "Provision.xml",
        hide_default_value = true
    )]
    pub(crate) output: PathBuf,

    /// Replace the file if it exists
    #[arg(long, hide_short_help = true)]
    pub(crate) force: bool,

    /// Write it even if `provision check` warns about it
    #[arg(long, hide_short_help = true)]
    pub(crate) accept_warnings: bool,

    /// Ask nothing
    #[arg(long, hide_short_help = true)]
    pub(crate) no_input: bool,

    #[command(flatten)]
    pub(crate) form: OutputArguments,

    #[command(flatten)]
    pub(crate) credentials: PresetArguments,

    #[command(flatten)]
    pub(crate) content: ContentArguments,
}

#[derive(Args, Debug)]
#[command(next_help_heading = "Credentials")]
pub(crate) struct PresetArguments {
    /// How the servers get credentials
    ///
    /// Not at all, by HTTP Basic, or in the address in place of [user] and [pass]. Without it that is
    /// `off`; with --user or --ask-user it is as the addresses show.
    #[arg(long, value_enum, value_name = "off|basic|url", hide_possible_values = true)]
    pub(crate) auth: Option<AuthenticationForm>,

    /// The phone asks its user for them
    #[arg(long)]
    pub(crate) ask_user: bool,

    /// The user name to be written
    #[arg(long, value_name = "NAME")]
    pub(crate) user: Option<String>,

    /// Read the password from standard input
    ///
    /// All of it, less one line break at its end. It is written into the file.
    #[arg(long, group = "preset_password", requires = "user", conflicts_with = "ask_user")]
    pub(crate) password_stdin: bool,

    /// Read the password from a file
    ///
    /// All of it, less one line break at its end.
    #[arg(
        long,
        value_name = "FILE",
        group = "preset_password",
        requires = "user",
        conflicts_with = "ask_user"
    )]
    pub(crate) password_file: Option<PathBuf>,

    /// What is given as password
    ///
    /// The password itself, which is the default, or its MD5 digest in 32 hexadecimal digits.
    #[arg(
        long,
        value_enum,
        value_name = "plain|md5",
        hide_possible_values = true,
        requires = "user",
        hide_short_help = true
    )]
    pub(crate) password_format: Option<PasswordForm>,
}

#[derive(Args, Debug)]
#[command(next_help_heading = "What the phone does")]
pub(crate) struct ContentArguments {
    /// Seconds from one run to the next [default: 0]
    ///
    /// 0 is at the start only.
    #[arg(long, value_name = "SECONDS", hide_short_help = true)]
    pub(crate) refresh: Option<u32>,

    /// Zoiper 5: leave the phone's own accounts beside the server's
    #[arg(long, conflicts_with = "sections", hide_short_help = true)]
    pub(crate) keep_accounts: bool,

    /// Zoiper 5: remove the phone's own contact services before the server's are laid over
    #[arg(long, conflicts_with = "sections", hide_short_help = true)]
    pub(crate) delete_contact_services: bool,

    /// Zoiper 3: use the remote address book
    #[arg(long, hide_short_help = true)]
    pub(crate) address_book: bool,

    /// Zoiper 3: what may not be done to the remote address book
    #[arg(long, value_enum, value_name = "WORDS", value_delimiter = ',', hide_short_help = true)]
    pub(crate) restrict: Vec<Restriction>,
}

/// How credentials are sent, if they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum AuthenticationForm {
    Off,
    Basic,
    Url,
}

/// What is given as a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PasswordForm {
    Plain,
    Md5,
}

/// What an address book may be closed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Restriction {
    Add,
    Update,
    Delete,
}
