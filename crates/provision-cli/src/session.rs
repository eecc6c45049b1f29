//! What `run` and `fetch` have in common: from the arguments to the library's call.

use std::path::PathBuf;

use provision::fetch::{
    self, ClientCertificate, Credentials, OnErrorAnswer, Order, Password, UrlPassword,
};
use provision::{CredentialSource, Discovery, WorkingDirectory};

use crate::arguments::{AfterErrorAnswer, CredentialArguments, FetchArguments, PassForm};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::password;

/// The file that was named, or a search for one.
pub(crate) fn discovery(named: Option<&PathBuf>) -> Discovery {
    match named {
        Some(file) => Discovery::File(file.clone()),
        None => Discovery::standard(WorkingDirectory::Included),
    }
}

/// Those that were given. A password that cannot be read is a failure of local files.
pub(crate) fn credentials(
    arguments: &CredentialArguments,
) -> Result<CredentialSource<'static>, Failure> {
    let Some(user) = &arguments.user else {
        return Ok(CredentialSource::Preset);
    };
    let password = match &arguments.password_file {
        Some(file) => password::from_file(file),
        None => password::from_stdin(),
    };
    let password = password.map_err(|error| {
        Failure::new(Exit::LocalFiles, "password-unreadable", error.to_string())
    })?;
    Ok(CredentialSource::Given(Credentials::new(user, Password::Plain(password))))
}

/// How the servers are asked.
pub(crate) fn fetch_options(arguments: &FetchArguments, pass: PassForm) -> fetch::Options {
    // Each requires the other.
    let client_files = arguments.client_cert.clone().zip(arguments.client_key.clone());
    let mut options = fetch::Options {
        url_password: match pass {
            PassForm::Md5 => UrlPassword::Md5,
            PassForm::Plain => UrlPassword::Plain,
        },
        extra_ca_files: arguments.ca_file.clone(),
        client_certificate: client_files.map(|(chain, key)| ClientCertificate { chain, key }),
        order: if arguments.sequential { Order::Sequential } else { Order::Staggered },
        on_error_answer: match arguments.on_error_answer {
            AfterErrorAnswer::Next => OnErrorAnswer::Next,
            AfterErrorAnswer::Stop => OnErrorAnswer::Stop,
        },
        ..fetch::Options::default()
    };
    let limits = &mut options.limits;
    limits.connect = arguments.connect_timeout.unwrap_or(limits.connect);
    limits.attempt = arguments.attempt_timeout.unwrap_or(limits.attempt);
    limits.run = arguments.deadline.unwrap_or(limits.run);
    limits.body = arguments.max_body.unwrap_or(limits.body);
    options
}

/// Carries a call of the library out, on this thread.
pub(crate) fn carry_out<T>(call: impl Future<Output = T>) -> Result<T, Failure> {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|error| {
            let message = format!("this system gives no means for the network: {error}");
            Failure::new(Exit::LocalFiles, "no-network", message)
        })?;
    let result = runtime.block_on(call);
    // A name resolution that hangs must not hold the command back.
    runtime.shutdown_background();
    Ok(result)
}
