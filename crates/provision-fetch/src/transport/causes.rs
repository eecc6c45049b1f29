//! Looking for an error's root.

use std::error::Error;
use std::io;

/// The first `E` in the chain of causes.
///
/// An `io::Error` skips the error that it wraps in its own `source`, so that one is looked into as well.
pub(super) fn find<'a, E: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a E> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<E>() {
            return Some(found);
        }
        let wrapped = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        next = match wrapped {
            Some(wrapped) => Some(wrapped),
            None => error.source(),
        };
    }
    None
}

/// The innermost I/O error: the one the system gave.
pub(super) fn system_error<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a io::Error> {
    let mut io_error = find::<io::Error>(error)?;
    while let Some(inner) = io_error.get_ref().and_then(|inner| find::<io::Error>(inner)) {
        io_error = inner;
    }
    Some(io_error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrapped_errors_are_found() {
        let error = io::Error::other(io::Error::other(rustls::Error::DecryptError));
        assert_eq!(find::<rustls::Error>(&error), Some(&rustls::Error::DecryptError));
        let error = io::Error::other(io::Error::from(io::ErrorKind::ConnectionReset));
        let system = system_error(&error).map(io::Error::kind);
        assert_eq!(system, Some(io::ErrorKind::ConnectionReset));
        assert!(find::<rustls::Error>(&error).is_none());
    }
}
