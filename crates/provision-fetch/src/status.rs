//! What the head of a final answer means for its URL (spec 3.2). No I/O.

use http::{HeaderMap, StatusCode, header};

use crate::attempt::Fault;
use crate::code::Code;
use crate::limits::size_in_words;

/// Every status but 200 fails its URL, whatever the body.
pub(crate) fn judge_status(status: StatusCode) -> Result<(), Fault> {
    if status == StatusCode::OK {
        return Ok(());
    }
    let number = status.as_u16();
    let (may_pass, hint) = match number {
        401 | 403 => (false, "check the user name, the password and the authentication type"),
        404 | 410 => (false, "check the path of the URL"),
        407 => (false, "a proxy in between wants credentials of its own"),
        408 | 425 | 429 => (true, "try again later"),
        300..=399 => {
            (false, "the server sends elsewhere in a way that is not followed; check the URL")
        }
        400..=499 => (false, "the server refuses the request; check the URL"),
        500..=599 => (true, "the server has a fault of its own; try again later"),
        _ => (false, "only status 200 carries a configuration"),
    };
    // Our own name for the status, never the server's reason phrase.
    let message = match status.canonical_reason() {
        Some(reason) => format!("the server answered with status {number} ({reason})"),
        None => format!("the server answered with status {number}"),
    };
    let fault = if may_pass {
        Fault::passing(Code::HttpStatus, message)
    } else {
        Fault::lasting(Code::HttpStatus, message)
    };
    Err(match number {
        401 | 403 => fault.authentication().hint(hint),
        _ => fault.hint(hint),
    })
}

/// Nothing but a plain body will do: we ask for no coding, and one that comes all the same is not undone.
pub(crate) fn judge_encodings(headers: &HeaderMap) -> Result<(), Fault> {
    let foreign = |name, plain: &str| {
        headers.get_all(name).into_iter().any(|value| {
            !value
                .as_bytes()
                .split(|byte| *byte == b',')
                .all(|coding| coding.trim_ascii().eq_ignore_ascii_case(plain.as_bytes()))
        })
    };
    if foreign(header::CONTENT_ENCODING, "identity") {
        return Err(Fault::lasting(
            Code::ContentEncoding,
            "the body is compressed or otherwise encoded, which was not asked for",
        )
        .hint("switch content encoding off for this URL on the server"));
    }
    if foreign(header::TRANSFER_ENCODING, "chunked") {
        return Err(Fault::lasting(
            Code::TransferEncoding,
            "the body comes in a transfer coding that was not asked for",
        )
        .hint("switch transfer compression off for this URL on the server"));
    }
    Ok(())
}

/// What is announced to be too large is not read at all.
pub(crate) fn judge_length(announced: Option<u64>, limit: usize) -> Result<(), Fault> {
    match announced {
        Some(length) if length > limit as u64 => Err(too_large(limit)),
        _ => Ok(()),
    }
}

pub(crate) fn too_large(limit: usize) -> Fault {
    Fault::lasting(Code::BodyTooLarge, format!("the body is larger than {}", size_in_words(limit)))
        .hint("check that the URL leads to a configuration, or raise the limit")
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use http::header::HeaderName;

    use super::*;

    #[test]
    fn only_200_is_good() {
        for code in 100..1000 {
            let status = StatusCode::from_u16(code).expect("in range");
            match judge_status(status) {
                Ok(()) => assert_eq!(code, 200),
                Err(fault) => {
                    let failure = fault.at(crate::Stage::Status);
                    assert_eq!(failure.code, "http-status");
                    assert!(failure.message.contains(&code.to_string()), "{code}");
                    assert_eq!(failure.is_authentication, matches!(code, 401 | 403), "{code}");
                }
            }
        }
    }

    #[test]
    fn plain_encodings_alone_are_good() {
        let judge = |name: HeaderName, values: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(name.clone(), HeaderValue::from_static(value));
            }
            judge_encodings(&headers).map_err(|fault| fault.code())
        };
        for (name, plain, code) in [
            (header::CONTENT_ENCODING, "identity", "content-encoding"),
            (header::TRANSFER_ENCODING, "chunked", "transfer-encoding"),
        ] {
            assert_eq!(judge(name.clone(), &[]), Ok(()));
            assert_eq!(judge(name.clone(), &[plain]), Ok(()));
            assert_eq!(judge(name.clone(), &["gzip"]), Err(code));
            assert_eq!(judge(name.clone(), &["x-nonsense"]), Err(code));
            assert_eq!(judge(name.clone(), &[plain, "gzip"]), Err(code));
            assert_eq!(judge(name.clone(), &[""]), Err(code));
        }
        assert_eq!(judge(header::CONTENT_ENCODING, &["Identity , identity"]), Ok(()));
        assert_eq!(judge(header::TRANSFER_ENCODING, &["gzip, chunked"]), Err("transfer-encoding"));
    }

    #[test]
    fn an_announced_length_counts_before_the_body() {
        assert_eq!(judge_length(None, 10), Ok(()));
        assert_eq!(judge_length(Some(10), 10), Ok(()));
        assert_eq!(judge_length(Some(11), 10), Err(too_large(10)));
        assert_eq!(judge_length(Some(u64::MAX), 10), Err(too_large(10)));
    }
}
