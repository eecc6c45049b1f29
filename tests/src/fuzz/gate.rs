//! What passes the gate, two other parsers accept too and read the same (spec 1.6).

use provision_format::{
    Answer, Checked, Code, Config, DocumentKind, Element, ProvisionFile, Report, Severity, Span,
    UrlTemplate, shown,
};

use crate::peers::{Event, Peer, by_config};

/// White space as XML counts it.
const SPACE: [char; 4] = [' ', '\t', '\r', '\n'];

/// Judges `bytes`, reads them as what they are, and compares what comes out with what others read.
///
/// # Panics
///
/// When they differ.
pub fn gate(bytes: &[u8]) {
    let checked = Checked::read(bytes, Some(DocumentKind::AnyXml));
    let report = checked.report;
    if report.errors().any(|error| IS_NO_TEXT.contains(&error.code)) {
        return;
    }
    let text = report.source().text();
    let theirs = checked.document.map(|_| agreed(bytes, text));
    if theirs.is_none() && report.errors().all(|error| IS_NO_XML.contains(&error.code)) {
        let accepted = Peer::ALL.map(|peer| peer.read(bytes, text).is_ok());
        assert_ne!(accepted, [true, true], "only we refuse {text:?}: {report:?}");
    }
    match DocumentKind::of(report.source()) {
        Some(DocumentKind::Configuration) => configuration(bytes, theirs),
        Some(DocumentKind::ProvisionFile) => provision_file(bytes, theirs),
        Some(DocumentKind::Answer) => error_answer(bytes, theirs),
        _ => {}
    }
}

/// There is no text that another parser could be asked about.
const IS_NO_TEXT: [Code; 6] = [
    Code::TooLarge,
    Code::Empty,
    Code::EncodingUnsupported,
    Code::EncodingContradiction,
    Code::EncodingWithoutMark,
    Code::Undecodable,
];

/// What no parser may accept. Others refuse, as we do not, document types and the like.
const IS_NO_XML: [Code; 9] = [
    Code::BadMarkup,
    Code::OutsideRoot,
    Code::MismatchedTag,
    Code::Unclosed,
    Code::RepeatedAttribute,
    Code::BadCharacter,
    Code::BareAmpersand,
    Code::UnknownEntity,
    Code::BadReference,
];

/// What both other parsers say that the document says.
fn agreed(bytes: &[u8], text: &str) -> Vec<Event> {
    let [one, other] = Peer::ALL.map(|peer| match peer.read_avoiding_bugs(bytes, text) {
        Ok(events) => events,
        Err(error) => panic!("{peer:?} refuses {text:?}: {error}"),
    });
    assert_eq!(one, other, "the other parsers differ: {text:?}");
    one
}

/// In a configuration nothing is forgiven, so others accept it exactly if we do.
fn configuration(bytes: &[u8], theirs: Option<Vec<Event>>) {
    let (config, theirs) = match (Config::read(bytes), theirs) {
        (Ok(reading), Some(theirs)) => (reading.value, theirs),
        (Err(_), None) => return,
        (Ok(reading), None) => panic!("only read, not judged good: {:?}", reading.value.text()),
        (Err(report), Some(_)) => panic!("judged good and not read: {report:?}"),
    };
    let text = config.text();
    assert_eq!(config.source().to_bytes().as_deref(), Ok(bytes), "other bytes: {text:?}");
    assert_eq!(by_config(&config), theirs, "we read {text:?} otherwise");
    places(config.root(), text);
    sections(&config, &theirs);
}

/// Whether an element's places are where its tags are, and those of its children inside.
fn places(element: Element<'_>, text: &str) {
    let [whole, name, content] =
        [element.span(), element.name_span(), element.content_span()].map(Span::range);
    assert_eq!(&text[name.clone()], element.name(), "{text:?}");
    assert_eq!(name.start, whole.start + 1, "{text:?}");
    assert_eq!(&text[whole.start..name.start], "<", "{text:?}");
    assert!(text[..content.start].ends_with('>'), "{text:?}");
    let behind = &text[content.end..whole.end];
    assert!(behind.is_empty() || (behind.starts_with("</") && behind.ends_with('>')), "{text:?}");
    let mut before = content.start;
    for child in element.children() {
        places(child, text);
        let child = child.span().range();
        assert!(before <= child.start && child.end <= content.end, "{text:?}");
        before = child.end;
    }
}

/// Whether each section is what it is in the whole, and has the leaves that it has there.
fn sections(config: &Config, events: &[Event]) {
    let inside = &events[1..events.len() - 1];
    let mut subtrees = inside.split_inclusive({
        let mut depth = 0_usize;
        move |event| match event {
            Event::Start(..) => {
                depth += 1;
                false
            }
            Event::Text(_) => false,
            Event::End => {
                depth -= 1;
                depth == 0
            }
        }
    });
    for section in config.sections() {
        let subtree = subtrees.next().unwrap_or_default();
        let between = usize::from(matches!(subtree.first(), Some(Event::Text(_))));
        let subtree = &subtree[between..];
        let alone = Peer::Roxmltree.read_avoiding_bugs(&[], section.text());
        assert_eq!(alone.as_deref(), Ok(subtree), "a section of {:?}", config.text());
        if section.is_empty() {
            let blank = |event: &Event| match event {
                Event::Text(text) => text.trim_matches(SPACE).is_empty(),
                _ => false,
            };
            let inside = &subtree[1..subtree.len() - 1];
            assert!(inside.iter().all(blank), "no empty section: {:?}", section.text());
        }
        let leaves: Vec<_> =
            section.leaves().map(|leaf| (leaf.path, leaf.element.text().into_owned())).collect();
        assert_eq!(leaves, leaves_of(subtree), "{:?}", section.text());
    }
    assert!(!subtrees.flatten().any(|event| *event == Event::End), "{:?}", config.text());
}

/// The paths and texts of the elements without elements inside, below the one that begins `events`.
fn leaves_of(events: &[Event]) -> Vec<(String, String)> {
    let mut leaves = Vec::new();
    let mut path: Vec<&str> = Vec::new();
    for (index, event) in events.iter().enumerate() {
        match event {
            Event::Start(name, _) => {
                path.push(name);
                let leaf = match &events[index + 1..] {
                    [Event::End, ..] => Some(String::new()),
                    [Event::Text(text), Event::End, ..] => Some(text.clone()),
                    _ => None,
                };
                let leaf = leaf.filter(|_| path.len() > 1);
                leaves.extend(leaf.map(|text| (path[1..].join("/"), text)));
            }
            Event::Text(_) => {}
            Event::End => drop(path.pop()),
        }
    }
    leaves
}

/// What others say of a document in which a bare `&` is forgiven, with `&amp;` in its place, if that is
/// all that is wrong with it by the rules of XML. `strictly` is what they say of it as it is.
fn agreed_when_mended(report: &Report, strictly: Option<Vec<Event>>) -> Option<Vec<Event>> {
    let is_of_values = |code| matches!(code, Code::BadValue | Code::TooComplex);
    if report.errors().any(|error| !is_of_values(error.code)) {
        assert_eq!(strictly, None, "judged good and refused: {report:?}");
        return None;
    }
    let forgiven = report.diagnostics().iter().rev().filter(|finding| {
        finding.code == Code::BareAmpersand && finding.severity == Severity::Warning
    });
    let source = report.source();
    let mut mended = source.text().to_owned();
    for finding in forgiven {
        let fix = finding.fix.as_ref().expect("a forgiven `&` has a mend");
        mended.replace_range(fix.span.range(), &fix.replacement);
    }
    // Not every place is known, or the gate did not look at everything.
    if report.left_out() > 0 || report.errors().any(|error| error.code == Code::TooComplex) {
        return strictly;
    }
    assert_eq!(strictly.is_some(), mended == source.text(), "wrongly forgiven: {report:?}");
    let source = source.with_text(mended);
    let bytes = source.to_bytes().expect("`&amp;` can be written in every encoding");
    Some(agreed(&bytes, source.text()))
}

fn error_answer(bytes: &[u8], strictly: Option<Vec<Event>>) {
    let (answer, report) = match Answer::read(bytes) {
        Ok(reading) => (Some(reading.value), reading.report),
        Err(report) => (None, report),
    };
    let events = agreed_when_mended(&report, strictly);
    let (Some(events), Some(Answer::Error(answer))) = (events, answer) else { return };
    let text = report.source().text();
    // Of a longer one not all is read.
    if text.len() > 4096 {
        return;
    }
    let all: String = events.iter().filter_map(text_of).collect();
    assert_eq!(answer.text(), shown(all.trim()).trim(), "{text:?}");
    let Some(Event::Start(_, attributes)) = events.first() else { return };
    let expected = attributes.iter().find(|(name, _)| name == "code");
    let expected = expected.map(|(_, value)| shown(value.trim()).trim().to_owned());
    let expected = expected.filter(|value| !value.is_empty());
    if expected.as_ref().is_none_or(|value| value.chars().count() <= 64) {
        assert_eq!(answer.code(), expected.as_deref(), "{text:?}");
    }
}

fn provision_file(bytes: &[u8], strictly: Option<Vec<Event>>) {
    let (file, report) = match ProvisionFile::read(bytes) {
        Ok(reading) => (Some(reading.value), reading.report),
        Err(report) => (None, report),
    };
    let events = agreed_when_mended(&report, strictly);
    let (Some(events), Some(file)) = (events, file) else { return };
    let text = report.source().text();
    let first = |parents: &[Event], name: &str| {
        children(parents).into_iter().find(|child| is_named(child, name)).unwrap_or_default()
    };
    let urls: Vec<_> = children(&first(&events, "base_urls"))
        .iter()
        .filter(|child| is_named(child, "base_url"))
        .filter_map(|child| UrlTemplate::new(&direct_text(child)))
        .collect();
    assert!(file.base_urls == urls, "other addresses: {text:?}");
    let options = first(&events, "options");
    let trimmed = |name| direct_text(&first(&options, name)).trim_matches(SPACE).to_owned();
    assert_eq!(file.options.user.trim_matches(SPACE), trimmed("user"), "{text:?}");
    let password = file.options.password.reveal().trim_matches(SPACE);
    assert_eq!(password, trimmed("password"), "{text:?}");
}

/// The elements directly inside the one whose events these are, each with its own events.
fn children(events: &[Event]) -> Vec<Vec<Event>> {
    let mut children: Vec<Vec<Event>> = Vec::new();
    let mut depth = 0_usize;
    for event in events {
        depth -= usize::from(*event == Event::End);
        match event {
            Event::Start(..) if depth == 1 => children.push(vec![event.clone()]),
            _ if depth > 1 || (depth == 1 && *event == Event::End) => {
                children.last_mut().expect("a child is open").push(event.clone());
            }
            _ => {}
        }
        depth += usize::from(matches!(event, Event::Start(..)));
    }
    children
}

/// The text directly inside the element whose events these are.
fn direct_text(events: &[Event]) -> String {
    let mut depth = 0_usize;
    let mut text = String::new();
    for event in events {
        match event {
            Event::Start(..) => depth += 1,
            Event::Text(run) if depth == 1 => text.push_str(run),
            Event::Text(_) => {}
            Event::End => depth -= 1,
        }
    }
    text
}

fn is_named(events: &[Event], name: &str) -> bool {
    matches!(events.first(), Some(Event::Start(begun, _)) if begun == name)
}

fn text_of(event: &Event) -> Option<&str> {
    match event {
        Event::Text(text) => Some(text),
        _ => None,
    }
}
