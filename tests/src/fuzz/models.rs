//! Whatever comes in, the readers return, their messages are bounded and point into the document, and
//! no secret is in them.

use provision_format::{Checked, Code, Diagnostic, DocumentKind, Masked, Report};

/// Reads `bytes` as a document of each kind; or, if they begin with the index of one of `HOLDERS`, a
/// document that they and a secret make, or, with the next index, one in which a secret stands anywhere.
///
/// # Panics
///
/// When a report breaks a promise, or shows the secret.
pub fn models(bytes: &[u8]) {
    match bytes {
        [ANYWHERE, rest @ ..] => secret_anywhere(&String::from_utf8_lossy(rest)),
        _ => match holder(bytes) {
            None => read(bytes, None),
            Some((before, after, rest)) => {
                if let Some(document) = with_secret(before, after, &String::from_utf8_lossy(rest)) {
                    read(document.as_bytes(), Some(SECRET_BEGINNING));
                }
            }
        },
    }
}

/// A document in which the secret stands at each bar. What the masked text hides, no finding may show;
/// that is promised for a document without errors only, since one with errors is read as what it may
/// have been meant to be.
fn secret_anywhere(text: &str) {
    if text.to_lowercase().contains(SECRET_BEGINNING) {
        return;
    }
    let checked = Checked::read(text.replace('|', SECRET).as_bytes(), None);
    let masked = checked.report.source().masked();
    let is_hidden = !masked.text().contains(SECRET_BEGINNING) && !checked.report.has_errors();
    check(&checked, &masked, is_hidden.then_some(SECRET_BEGINNING));
}

/// The secret that is planted. Nothing else has its beginning in it.
const SECRET: &str = "xq7hunter";
/// As much of it as must not be seen: a quotation may be cut.
const SECRET_BEGINNING: &str = "xq7";

/// What a document is read as, one after the other: what it is, what a server sends, and XML.
const KINDS: [Option<DocumentKind>; 3] =
    [None, Some(DocumentKind::Answer), Some(DocumentKind::AnyXml)];

/// Reads a document in every way; nothing that could be shown of what comes out may hold the `hidden`
/// text.
fn read(bytes: &[u8], hidden: Option<&str>) {
    let mut masked = None;
    for kind in KINDS {
        let checked = Checked::read(bytes, kind);
        let masked = masked.get_or_insert_with(|| checked.report.source().masked());
        check(&checked, masked, hidden);
        // All text inside an error is the server's message, whatever elements it stands in.
        if hidden.is_some() && checked.kind != Some(DocumentKind::Answer) {
            check_shown(&format!("{checked:?}"), hidden);
        }
    }
    check_shown(masked.as_ref().map_or("", Masked::text), hidden);
}

fn check(checked: &Checked, masked: &Masked, hidden: Option<&str>) {
    let report = &checked.report;
    let text = report.source().text();
    assert_eq!(checked.document.is_none(), report.has_errors(), "{text:?}: {report:?}");
    for finding in report.diagnostics() {
        assert_ne!(finding.code, Code::ParserDisagreement, "{text:?}");
        check_finding(finding, text, masked, hidden);
    }
    if let Some(fixed) = report.fixed() {
        // What a machine can mend, it can mend to the end. Not at once: of several `<` in a value only the
        // first is told of.
        let again = Checked::new(fixed, checked.kind);
        let can_be_mended = |report: &Report| report.errors().all(|error| error.fix.is_some());
        let is_told = report.left_out() == 0 && can_be_mended(report);
        assert!(!is_told || can_be_mended(&again.report), "{text:?}: {:?}", again.report);
    }
}

fn check_finding(finding: &Diagnostic, text: &str, masked: &Masked, hidden: Option<&str>) {
    let mut places = vec![finding.span];
    let mut messages = vec![finding.message.as_str()];
    for label in &finding.labels {
        places.push(label.span);
        messages.push(&label.text);
    }
    messages.extend(finding.help.as_deref());
    if let Some(fix) = &finding.fix {
        places.push(fix.span);
        messages.push(&fix.replacement);
    }
    for place in places {
        assert!(text.get(place.range()).is_some(), "no place in {text:?}: {finding:?}");
        let shown = masked.text().get(masked.range(place));
        assert!(shown.is_some(), "no place in what is shown of {text:?}: {finding:?}");
    }
    for message in messages {
        assert!(message.len() <= 1024, "{} bytes in {text:?}: {finding:?}", message.len());
        assert!(!message.contains(char::is_control), "a control in {text:?}: {finding:?}");
        check_shown(message, hidden);
    }
}

fn check_shown(shown: &str, hidden: Option<&str>) {
    let leaks = hidden.is_some_and(|hidden| shown.to_lowercase().contains(hidden));
    assert!(!leaks, "a secret shows: {shown}");
}

/// What stands before and behind the secret, and what is left of the bytes.
fn holder(bytes: &[u8]) -> Option<(&'static str, &'static str, &[u8])> {
    let (index, rest) = bytes.split_first()?;
    let holder: &'static str = HOLDERS.get(usize::from(*index))?;
    let (before, after) = holder.split_once('|')?;
    Some((before, after, rest))
}

/// What a secret stands in, at the bar: elements with names like `password`, attributes of such names,
/// and the query of an address.
const HOLDERS: [&str; 8] = [
    "<provision><options><password>|</password>",
    "<provision><options><user>u</user><password f='1'>\n|</password></options></provision>",
    "<provision><passwords>|</passwords>",
    "<options><accounts><account><AuthPwd>|</AuthPwd></account></accounts></options>",
    "<options><token>|</token>",
    "<error><secret_key>|</secret_key>",
    "<options><a password=\"|\"",
    "<provision><base_urls><base_url>http://h/?p=|</base_url>",
];

/// The first byte for a document with a secret anywhere.
const ANYWHERE: u8 = HOLDERS.len() as u8;

/// A document in which the secret stands at each bar of `text`, or at its end, between `before` and
/// `after`. What follows the first `~` of `text` follows the holder of the secret, and can be anything.
fn with_secret(before: &str, after: &str, text: &str) -> Option<String> {
    // What looks like the secret and is not would be found where it may be.
    if text.to_lowercase().contains(SECRET_BEGINNING) {
        return None;
    }
    let (inside, behind) = text.split_once('~').unwrap_or((text, ""));
    let mut inside = match inside.contains('|') {
        true => inside.replace('|', SECRET),
        false => format!("{inside}{SECRET}"),
    };
    if after.starts_with('"') {
        inside = inside.replace('"', "'");
    }
    if after.starts_with('<') {
        // An end tag inside would be that of the holder itself, or of an element around it; an address
        // inside the address would be one without a secret.
        inside = inside.replace("</", "< /").replace("<base_url", "< base_url");
        inside.push_str(if inside.ends_with('<') { " " } else { "" });
    }
    Some(format!("{before}{inside}{after}{behind}"))
}
