//! What a server was asked.

use std::io::{self, Read};

/// A request as it came in.
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    /// The first line, without its line break.
    pub line: String,
    /// The fields in their order, as they were written.
    pub headers: Vec<(String, String)>,
    /// Everything up to and with the empty line.
    pub raw: String,
}

impl Request {
    /// The value of the first field of that name, in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(candidate, _)| candidate.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// The target: path and query.
    pub fn target(&self) -> &str {
        self.line.split(' ').nth(1).unwrap_or("")
    }

    /// The path without the query.
    pub fn path(&self) -> &str {
        self.target().split('?').next().unwrap_or("")
    }

    /// Reads up to the empty line; `None` if the client is gone before it, or asks at too great length.
    pub(crate) fn read_from(stream: &mut dyn Read) -> io::Result<Option<Self>> {
        let mut raw = Vec::new();
        let mut chunk = [0; 1024];
        while !raw.windows(4).any(|window| window == b"\r\n\r\n") {
            let count = stream.read(&mut chunk)?;
            if count == 0 || raw.len() > LONGEST_REQUEST {
                return Ok(None);
            }
            raw.extend_from_slice(&chunk[..count]);
        }
        let raw = String::from_utf8_lossy(&raw).into_owned();
        let mut lines = raw.split("\r\n");
        let line = lines.next().unwrap_or("").to_owned();
        let headers = lines
            .take_while(|line| !line.is_empty())
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
            .collect();
        Ok(Some(Self { line, headers, raw }))
    }
}

impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.raw)
    }
}

/// Bytes that a client may take for one request.
const LONGEST_REQUEST: usize = 64 << 10;
