//! Points in time as servers and certificates write them. No clock.

use std::time::{Duration, SystemTime};

/// The time in a `Date` field in the form that servers have to write (RFC 9110 §5.6.7), such as
/// `Sun, 06 Nov 1994 08:49:37 GMT`.
pub(crate) fn from_http_date(text: &str) -> Option<SystemTime> {
    let (_, rest) = text.trim().split_once(", ")?;
    let words: Vec<&str> = rest.split(' ').collect();
    let [day, month, year, time, "GMT"] = words[..] else { return None };
    let month = MONTHS.iter().position(|name| *name == month)? + 1;
    let time: Vec<&str> = time.split(':').collect();
    let [hour, minute, second] = time[..] else { return None };
    from_fields([
        digits(year, 4)?,
        i64::try_from(month).ok()?,
        digits(day, 2)?,
        digits(hour, 2)?,
        digits(minute, 2)?,
        digits(second, 2)?,
    ])
}

/// A time of ASN.1 (RFC 5280 §4.1.2.5), `YYMMDDHHMMSSZ` or with four digits for the year.
pub(crate) fn from_asn1(text: &str) -> Option<SystemTime> {
    let text = text.strip_suffix('Z').filter(|text| text.is_ascii())?;
    let (year, rest) = match text.len() {
        12 => {
            let (year, rest) = text.split_at(2);
            let year = digits(year, 2)?;
            (if year < 50 { 2000 + year } else { 1900 + year }, rest)
        }
        14 => {
            let (year, rest) = text.split_at(4);
            (digits(year, 4)?, rest)
        }
        _ => return None,
    };
    let pair = |index: usize| digits(rest.get(2 * index..2 * index + 2)?, 2);
    from_fields([year, pair(0)?, pair(1)?, pair(2)?, pair(3)?, pair(4)?])
}

/// A number of exactly so many digits.
fn digits(text: &str, count: usize) -> Option<i64> {
    let is_number = text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok()).flatten()
}

/// Year, month, day, hour, minute and second in UTC.
fn from_fields([year, month, day, hour, minute, second]: [i64; 6]) -> Option<SystemTime> {
    let is_time = (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && hour < 24
        && minute < 60
        // A leap second is written so.
        && second <= 60;
    if !is_time {
        return None;
    }
    // The year begins in March, so that a leap day is its last one.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let leap_days = year / 4 - year / 100 + year / 400;
    let days = 365 * year + leap_days + (153 * month + 2) / 5 + day - 1 - DAYS_TO_1970;
    let seconds = days * 86_400 + hour * 3_600 + minute * 60 + second;
    let distance = Duration::from_secs(seconds.unsigned_abs());
    match seconds {
        0.. => SystemTime::UNIX_EPOCH.checked_add(distance),
        _ => SystemTime::UNIX_EPOCH.checked_sub(distance),
    }
}

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// From the first of March of the year 0.
const DAYS_TO_1970: i64 = 719_468;

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> SystemTime {
        let distance = Duration::from_secs(seconds.unsigned_abs());
        if seconds < 0 {
            SystemTime::UNIX_EPOCH - distance
        } else {
            SystemTime::UNIX_EPOCH + distance
        }
    }

    #[test]
    fn the_examples_of_the_standards_are_read() {
        assert_eq!(from_http_date("Sun, 06 Nov 1994 08:49:37 GMT"), Some(at(784_111_777)));
        assert_eq!(from_http_date("Thu, 01 Jan 1970 00:00:00 GMT"), Some(at(0)));
        assert_eq!(from_http_date("Tue, 29 Feb 2028 23:59:59 GMT"), Some(at(1_835_481_599)));
        assert_eq!(from_asn1("941106084937Z"), Some(at(784_111_777)));
        assert_eq!(from_asn1("500101000000Z"), Some(at(-631_152_000)));
        assert_eq!(from_asn1("20500101000000Z"), Some(at(2_524_608_000)));
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in [
            "",
            "Sun, 06 Nov 1994 08:49:37",
            "Sun, 06 Nov 1994 08:49:37 CET",
            "Sun, 06 Nov 1994 24:49:37 GMT",
            "Sun, 6 Nov 1994 08:49:37 GMT",
            "Sun, 06 Mai 1994 08:49:37 GMT",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun, 06 Nov +994 08:49:37 GMT",
        ] {
            assert_eq!(from_http_date(text), None, "{text}");
        }
        for text in ["", "Z", "941306084937Z", "9411060849Z", "941106084937+0100", "94110608493éZ"]
        {
            assert_eq!(from_asn1(text), None, "{text}");
        }
    }
}
