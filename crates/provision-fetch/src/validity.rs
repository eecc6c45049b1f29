//! How long a certificate is valid, read from the certificate itself.

use std::time::SystemTime;

use crate::moment::from_asn1;

/// From when until when a server's certificate is valid, as it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CertificateValidity {
    /// The first moment.
    pub from: SystemTime,
    /// The last one.
    pub until: SystemTime,
}

impl CertificateValidity {
    /// That of a certificate in DER form (RFC 5280 §4.1). Whoever calls this has had it verified: here only
    /// the way to the two times is gone.
    pub(crate) fn of(certificate: &[u8]) -> Option<Self> {
        let (certificate, _) = element(certificate, SEQUENCE)?;
        let (to_be_signed, _) = element(certificate, SEQUENCE)?;
        let serial_number = match element(to_be_signed, VERSION) {
            Some((_, rest)) => rest,
            None => to_be_signed,
        };
        let (_, signature) = element(serial_number, INTEGER)?;
        let (_, issuer) = element(signature, SEQUENCE)?;
        let (_, validity) = element(issuer, SEQUENCE)?;
        let (validity, _) = element(validity, SEQUENCE)?;
        let (from, rest) = time(validity)?;
        let (until, _) = time(rest)?;
        Some(Self { from, until })
    }
}

fn time(input: &[u8]) -> Option<(SystemTime, &[u8])> {
    let (text, rest) = element(input, UTC_TIME).or_else(|| element(input, GENERALIZED_TIME))?;
    Some((from_asn1(std::str::from_utf8(text).ok()?)?, rest))
}

/// What is in the first element, if it is of this kind, and what is behind it.
fn element(input: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (first, rest) = input.split_first()?;
    let (length, rest) = rest.split_first()?;
    if *first != tag {
        return None;
    }
    let (length, rest) = match length {
        0..=0x7f => (usize::from(*length), rest),
        0x81..=0x84 => {
            let (bytes, rest) = rest.split_at_checked(usize::from(length - 0x80))?;
            (bytes.iter().fold(0, |sum, byte| (sum << 8) | usize::from(*byte)), rest)
        }
        _ => return None,
    };
    rest.split_at_checked(length)
}

const INTEGER: u8 = 0x02;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const SEQUENCE: u8 = 0x30;
const VERSION: u8 = 0xa0;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn wrapped(tag: u8, content: &[u8]) -> Vec<u8> {
        let length = u8::try_from(content.len()).expect("it is short");
        [&[tag, 0x81, length], content].concat()
    }

    fn certificate(version: &[u8], from: &[u8], until: &[u8]) -> Vec<u8> {
        let validity = wrapped(SEQUENCE, &[from, until].concat());
        let (number, empty) = (wrapped(INTEGER, &[1]), wrapped(SEQUENCE, &[]));
        let fields = [version, &number, &empty, &empty, &validity, &empty].concat();
        wrapped(SEQUENCE, &wrapped(SEQUENCE, &fields))
    }

    #[test]
    fn both_forms_of_time_and_every_cut_are_taken_well() {
        let until = wrapped(GENERALIZED_TIME, b"20500101000000Z");
        for version in [wrapped(VERSION, &wrapped(INTEGER, &[2])), Vec::new()] {
            let der = certificate(&version, &wrapped(UTC_TIME, b"700101000001Z"), &until);
            let validity = CertificateValidity::of(&der).expect("it is whole");
            assert_eq!(validity.from, SystemTime::UNIX_EPOCH + Duration::from_secs(1));
            assert_eq!(validity.until, SystemTime::UNIX_EPOCH + Duration::from_secs(2_524_608_000));
            for end in 0..der.len() {
                assert_eq!(CertificateValidity::of(&der[..end]), None, "{end}");
            }
        }
        let der = certificate(&[], &wrapped(UTC_TIME, b"700101000001"), &until);
        assert_eq!(CertificateValidity::of(&der), None);
    }
}
