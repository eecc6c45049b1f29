//! Waiting for a future on a thread that has no runtime.

use std::io;

use tokio::runtime::{Builder, Handle};

use crate::error::RunError;

/// Drives a future of this crate to its end on this thread, for a program that runs no asynchronous code.
///
/// # Errors
///
/// [`RunError::NoRuntime`] where the thread does run asynchronous code, or the system gives no means to wait.
///
/// ```no_run
/// let forgotten = provision::block_on(provision::forget("profile".as_ref(), |_| {}))??;
/// println!("{} sections are back", forgotten.given_back.len());
/// # Ok::<(), provision::RunError>(())
/// ```
pub fn block_on<T>(future: impl Future<Output = T>) -> Result<T, RunError> {
    if Handle::try_current().is_ok() {
        let message = "this thread already runs asynchronous code";
        return Err(RunError::NoRuntime(io::Error::other(message)));
    }
    let runtime =
        Builder::new_current_thread().enable_all().build().map_err(RunError::NoRuntime)?;
    let output = runtime.block_on(future);
    // A name resolution that hangs must not hold the program back.
    runtime.shutdown_background();
    Ok(output)
}
