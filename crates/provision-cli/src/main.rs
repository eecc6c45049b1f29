//! The command `provision`.

use std::process::ExitCode;

fn main() -> ExitCode {
    provision_cli::main()
}
