//! The command `provision`.

use std::process::ExitCode;

fn main() -> ExitCode {
    #[cfg(panic = "abort")]
    exit_on_panic();
    provision_cli::main()
}

/// A release does not unwind, and a process that aborts may leave a file with all its memory, and the passwords in it. So one
/// that panics exits, with the status that it has where it unwinds.
#[cfg(panic = "abort")]
fn exit_on_panic() {
    let report = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        report(panic);
        std::process::exit(101);
    }));
}
