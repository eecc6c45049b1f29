//! How long and how large anything may get (spec 3.9).

use std::time::Duration;

/// The bounds of a fetch. The times, the body and the number of interim answers and redirects are kept by this crate
/// itself; the exact size of a head by hyper, with a bound of our own at twice that (128 KiB by default) behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Name resolution, TCP connection and TLS handshake together, anew for each redirect. 5 s.
    pub connect: Duration,
    /// One URL of the list, its redirects included. 10 s.
    pub attempt: Duration,
    /// The whole run over all URLs. 60 s.
    pub run: Duration,
    /// Bytes of an accepted body. 8 MiB.
    pub body: usize,
    /// Bytes of a response head, and of the trailer of a chunked body. 64 KiB. At twice that ends what of a body is no data:
    /// sizes and extensions of chunks.
    pub head: usize,
    /// Redirects followed for one URL. 5.
    pub redirects: usize,
    /// Interim (1xx) answers before a final one. 8.
    pub interim_answers: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            attempt: Duration::from_secs(10),
            run: Duration::from_secs(60),
            body: 8 << 20,
            head: 64 << 10,
            redirects: 5,
            interim_answers: 8,
        }
    }
}

/// A duration in words, for messages.
pub(crate) fn time_in_words(duration: Duration) -> String {
    if duration.subsec_nanos() == 0 {
        format!("{} s", duration.as_secs())
    } else if duration < Duration::from_secs(1) {
        format!("{} ms", duration.as_millis())
    } else {
        format!("{:.1} s", duration.as_secs_f64())
    }
}

/// A number of bytes in words, for messages.
pub(crate) fn size_in_words(bytes: usize) -> String {
    match bytes {
        0 => "0 bytes".to_owned(),
        _ if bytes % (1 << 20) == 0 => format!("{} MiB", bytes >> 20),
        _ if bytes % (1 << 10) == 0 => format!("{} KiB", bytes >> 10),
        _ => format!("{bytes} bytes"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words() {
        assert_eq!(time_in_words(Duration::from_secs(5)), "5 s");
        assert_eq!(time_in_words(Duration::from_millis(250)), "250 ms");
        assert_eq!(time_in_words(Duration::from_millis(1500)), "1.5 s");
        assert_eq!(size_in_words(8 << 20), "8 MiB");
        assert_eq!(size_in_words(64 << 10), "64 KiB");
        assert_eq!(size_in_words(1000), "1000 bytes");
    }
}
