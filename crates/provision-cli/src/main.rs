//! The command `provision`.

use std::process::ExitCode;

/// The C library that is linked into the command takes memory from the system in many small pieces, and gives them back:
/// more than a hundred calls a run.
#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

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
