//! What a server sends.

use std::io::{self, Write};

/// The bytes of an answer and what becomes of the connection after them.
#[derive(Clone, Debug)]
pub struct Answer {
    form: Form,
    ending: Ending,
}

/// What a server does when it has sent everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Closes the connection in order.
    Close,
    /// Says nothing more, and waits until the client is gone.
    Hang,
    /// Closes the TCP connection without ending TLS first. Without TLS the same as [`Ending::Close`].
    Cut,
    /// Resets the connection. The client may lose bytes that it has not read yet.
    Reset,
}

#[derive(Clone, Debug)]
enum Form {
    Composed { status: String, headers: Vec<(String, String)>, body: Vec<u8> },
    Raw { bytes: Vec<u8>, repeated: Option<Vec<u8>> },
}

impl Answer {
    /// Status 200 with a body and its length.
    pub fn ok(body: impl Into<Vec<u8>>) -> Self {
        Self::status(200).body(body)
    }

    /// A status with an empty body. The reason phrase is `Reason`, to see that nobody shows it.
    pub fn status(code: u16) -> Self {
        Self {
            form: Form::Composed {
                status: format!("{code} Reason"),
                headers: Vec::new(),
                body: Vec::new(),
            },
            ending: Ending::Close,
        }
    }

    /// A redirect.
    pub fn redirect(code: u16, location: &str) -> Self {
        Self::status(code).header("Location", location)
    }

    /// These very bytes and nothing else.
    pub fn raw(bytes: impl Into<Vec<u8>>) -> Self {
        Self { form: Form::Raw { bytes: bytes.into(), repeated: None }, ending: Ending::Close }
    }

    /// These bytes, then others over and over until the client is gone, or 256 MiB.
    pub fn endless(bytes: impl Into<Vec<u8>>, repeated: impl Into<Vec<u8>>) -> Self {
        Self {
            form: Form::Raw { bytes: bytes.into(), repeated: Some(repeated.into()) },
            ending: Ending::Close,
        }
    }

    /// No answer at all: the server reads the request and is silent.
    pub fn silence() -> Self {
        Self::raw("").then(Ending::Hang)
    }

    /// Adds a field. A raw answer has none and is left as it is.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        if let Form::Composed { headers, .. } = &mut self.form {
            headers.push((name.to_owned(), value.to_owned()));
        }
        self
    }

    /// Sets the body; its length is announced. A raw answer is left as it is.
    pub fn body(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        if let Form::Composed { body, .. } = &mut self.form {
            *body = bytes.into();
        }
        self
    }

    /// What comes after the last byte.
    pub fn then(self, ending: Ending) -> Self {
        Self { ending, ..self }
    }

    pub(crate) fn ending(&self) -> Ending {
        self.ending
    }

    /// An error means that the client is gone, which is its right.
    pub(crate) fn write_to(&self, stream: &mut dyn Write) -> io::Result<()> {
        match &self.form {
            Form::Composed { status, headers, body } => {
                let mut head = format!("HTTP/1.1 {status}\r\n");
                for (name, value) in headers {
                    head.extend([name, ": ", value, "\r\n"]);
                }
                head.push_str(&format!("Content-Length: {}\r\n\r\n", body.len()));
                stream.write_all(head.as_bytes())?;
                stream.write_all(body)?;
            }
            Form::Raw { bytes, repeated } => {
                stream.write_all(bytes)?;
                if let Some(repeated) = repeated {
                    let mut sent = bytes.len();
                    while sent < LONGEST_ANSWER && !repeated.is_empty() {
                        stream.write_all(repeated)?;
                        sent += repeated.len();
                    }
                }
            }
        }
        stream.flush()
    }
}

/// Where an endless answer ends.
pub(crate) const LONGEST_ANSWER: usize = 256 << 20;
