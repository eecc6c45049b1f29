//! Any provisioning file or error answer that the models can hold is written so that everybody reads it
//! back equal.

use provision_format::{
    AddressBook, Answer, AuthenticationType, ErrorAnswer, PasswordFormat, ProvisionFile,
    ProvisionOptions, Restrictions, Secret, SignificantSections, UrlTemplate, WriteError,
};

use crate::peers::{Event, Peer};

/// Makes a provisioning file and an error answer of `bytes`, writes them and reads them back.
///
/// # Panics
///
/// When another one comes back, or another parser does not read the same.
pub fn write(bytes: &[u8]) {
    let file = made_of(bytes);
    error_answer(&file);
    provision_file(&file);
}

fn error_answer(file: &ProvisionFile) {
    let code = file.options.use_authentication.then(|| file.options.password.reveal());
    let answer = ErrorAnswer::new(&file.options.user, code);
    let text = match answer.to_xml() {
        Ok(text) => text,
        Err(error) => {
            let character = error.character;
            assert!(matches!(character, '\u{fffe}' | '\u{ffff}'), "{error}");
            let code = answer.code().unwrap_or_default();
            assert!(answer.text().contains(character) || code.contains(character), "{error}");
            return;
        }
    };
    match Answer::read(text.as_bytes()) {
        Ok(reading) => match reading.value {
            Answer::Error(read) => assert_eq!(read, answer, "another one came back: {text:?}"),
            Answer::Configuration(_) => panic!("another kind came back: {text:?}"),
        },
        Err(report) => panic!("{text:?} is refused: {report}"),
    }
    let events = agreed(&text);
    let attributes = answer.code().map(|code| ("code".to_owned(), code.to_owned()));
    let start = Event::Start("error".to_owned(), attributes.into_iter().collect());
    let content = Some(Event::Text(answer.text().to_owned())).filter(|_| !answer.text().is_empty());
    let expected: Vec<_> = [start].into_iter().chain(content).chain([Event::End]).collect();
    assert_eq!(events, expected, "{text:?}");
}

/// What both other parsers read.
fn agreed(text: &str) -> Vec<Event> {
    let [one, other] = Peer::ALL.map(|peer| match peer.read(text.as_bytes(), text) {
        Ok(events) => events,
        Err(error) => panic!("{peer:?} refuses {text:?}: {error}"),
    });
    assert_eq!(one, other, "the other parsers differ: {text:?}");
    one
}

fn provision_file(file: &ProvisionFile) {
    let text = match file.to_xml() {
        Ok(text) => text,
        Err(error) => return check_refusal(file, error),
    };
    match ProvisionFile::read(text.as_bytes()) {
        Ok(reading) => assert_eq!(&reading.value, file, "another one came back: {text:?}"),
        Err(report) => panic!("{text:?} is refused: {report}"),
    }
    let events = agreed(&text);
    let mut leaves = events.windows(2).filter_map(|pair| match pair {
        [Event::Start(name, _), Event::Text(text)] => Some((name.as_str(), text.as_str())),
        [Event::Start(name, _), Event::End] => Some((name.as_str(), "")),
        _ => None,
    });
    let urls = file.base_urls.iter().map(|url| ("base_url", url.as_str()));
    let exact = [("user", &*file.options.user), ("password", file.options.password.reveal())];
    for value in urls.chain(exact) {
        // They stand in this order.
        assert!(leaves.any(|leaf| leaf == value), "nowhere is {value:?}: {text:?}");
    }
}

/// The character is in a value and XML cannot carry it.
fn check_refusal(file: &ProvisionFile, error: WriteError) {
    let character = error.character;
    let is_carried = matches!(character,
        '\t' | '\n' | '\r' | '\u{20}'..='\u{fffd}' | '\u{10000}'..);
    assert!(!is_carried, "{error}");
    let sections = file.significant_sections.as_ref().map(ToString::to_string).unwrap_or_default();
    let is_there = match error.element {
        "base_url" => file.base_urls.iter().any(|url| url.as_str().contains(character)),
        "user" => file.options.user.contains(character),
        "password" => file.options.password.reveal().contains(character),
        "significant_sections" => sections.contains(character),
        _ => false,
    };
    assert!(is_there, "{error}");
}

/// Six bytes for what is no text, then texts with NUL between them: user, password, the list of
/// sections, and addresses.
fn made_of(bytes: &[u8]) -> ProvisionFile {
    let (numbers, texts) = bytes.split_at(bytes.len().min(6));
    let number = |index: usize| numbers.get(index).copied().unwrap_or_default();
    let bit = |index: u8| (number(usize::from(index / 8)) >> (index % 8)) & 1 == 1;
    let texts = String::from_utf8_lossy(texts);
    let mut texts = texts.split('\0');
    let mut text = || texts.next().unwrap_or_default().to_owned();
    let (user, password, sections) = (text(), text(), text());
    ProvisionFile {
        base_urls: texts.filter_map(UrlTemplate::new).collect(),
        options: ProvisionOptions {
            use_authentication: bit(0),
            user_input_authentication: bit(1),
            authentication_type: if bit(2) {
                AuthenticationType::Basic
            } else {
                AuthenticationType::Url
            },
            user,
            password: Secret::new(password),
            refresh_rate: u32::from_le_bytes([number(2), number(3), number(4), number(5)]),
            password_format: bit(3)
                .then(|| if bit(4) { PasswordFormat::Plain } else { PasswordFormat::Md5Digest }),
            delete_accounts_beforehand: bit(5),
            delete_contact_services_beforehand: bit(6),
        },
        significant_sections: bit(7).then(|| SignificantSections::from_list(&sections)),
        address_book: AddressBook {
            use_addressbook: bit(8),
            restrictions: Restrictions { add: bit(9), update: bit(10), delete: bit(11) },
        },
    }
}
