//! Documents and values at random.

pub(crate) mod configurations;

use std::env;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use provision_format::{
    AddressBook, AuthenticationType, PasswordFormat, ProvisionFile, ProvisionOptions, Restrictions,
    Secret, SectionName, SignificantSections, UrlTemplate,
};

/// As many cases as `PROPTEST_CASES` says, which `ProptestConfig::with_cases` does not ask; else a thousand.
pub(crate) fn cases() -> ProptestConfig {
    let default = ProptestConfig::default();
    let cases = if env::var_os("PROPTEST_CASES").is_some() { default.cases } else { 1000 };
    ProptestConfig { cases, ..default }
}

/// `Char` of XML 1.0 §2.2.
pub(crate) fn is_xml_character(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

/// Any character that XML can carry, those with a meaning more often.
fn xml_character() -> impl Strategy<Value = char> {
    prop_oneof![
        4 => select(vec!['&', '<', '>', '"', '\'', ']', '\r', '\n', '\t', ' ', ';', '#', ',', '[']),
        4 => proptest::char::range(' ', '~'),
        // Controls, line ends and white space of Unicode, noncharacters, and the ends of ranges.
        1 => select(vec![
            '\u{7f}', '\u{80}', '\u{85}', '\u{9b}', '\u{9f}', '\u{a0}', '\u{200b}', '\u{2028}', '\u{2029}',
            '\u{202e}', '\u{3000}', '\u{d7ff}', '\u{e000}', '\u{fdd0}', '\u{fdef}', '\u{feff}', '\u{fffd}',
            '\u{10000}', '\u{1fffe}', '\u{10ffff}',
        ]),
        2 => any::<char>().prop_map(|any| if is_xml_character(any) { any } else { '\u{fffd}' }),
    ]
}

/// Any text that XML can carry, and often one that looks like layout or markup.
pub(crate) fn xml_text() -> impl Strategy<Value = String> {
    let any_text = || vec(xml_character(), 0..24).prop_map(String::from_iter);
    prop_oneof![
        6 => any_text(),
        2 => (white_space(), any_text(), white_space())
            .prop_map(|(before, text, behind)| before + &text + &behind),
        1 => white_space(),
        1 => select(vec![
            "]]>", "\n", "\r\n", "\n  x\n  ", "\r\n\tx\r\n", "&amp;", "&#10;", "<![CDATA[x]]>", "<!-- x -->",
            "</user>", "<?x?>",
        ])
        .prop_map(str::to_owned),
    ]
}

fn white_space() -> impl Strategy<Value = String> {
    let blanks = vec!["\n", "\r", "\r\n", "\t", " ", "  ", "\u{85}", "\u{a0}", "\u{2028}"];
    vec(select(blanks), 0..6).prop_map(|blanks| blanks.concat())
}

/// Any text, and often one with a character that XML cannot carry.
pub(crate) fn any_text() -> impl Strategy<Value = String> {
    let others = select(vec![
        '\0', '\u{1}', '\u{8}', '\u{b}', '\u{c}', '\u{e}', '\u{1b}', '\u{1f}', '\u{fffe}',
        '\u{ffff}',
    ]);
    (xml_text(), option::weighted(0.2, (any::<Index>(), others))).prop_map(|(text, other)| {
        let Some((place, other)) = other else { return text };
        let (before, behind) = text.split_at(boundary(&text, place));
        format!("{before}{other}{behind}")
    })
}

/// A place between two characters of `text`, or at one of its ends.
fn boundary(text: &str, place: Index) -> usize {
    let places: Vec<_> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
    places[place.index(places.len())]
}

/// Any text that is too long to be shown, or any other.
pub(crate) fn long_text() -> impl Strategy<Value = String> {
    (vec(any_text(), 0..4), 1..60_usize).prop_map(|(texts, times)| texts.concat().repeat(times))
}

/// A document with `text`, which begins with `<`, and its bytes in any of the encodings, which it declares
/// where it must. What an encoding cannot express is another character.
pub(crate) fn encoded(
    text: impl Strategy<Value = String>,
) -> impl Strategy<Value = (String, Vec<u8>)> {
    type Encode = fn(&str) -> Vec<u8>;
    let utf8: Encode = |text| text.as_bytes().to_vec();
    let latin1: Encode = |text| text.chars().map(|character| character as u8).collect();
    let little: Encode = |text| text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Encode = |text| text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let forms = vec![
        ("", "", utf8, char::MAX),
        ("", "UTF-8", utf8, char::MAX),
        ("\u{feff}", "", utf8, char::MAX),
        ("\u{feff}", "utf-8", utf8, char::MAX),
        ("\u{feff}", "", little, char::MAX),
        ("\u{feff}", "UTF-16", little, char::MAX),
        ("\u{feff}", "", big, char::MAX),
        ("\u{feff}", "UTF-16BE", big, char::MAX),
        ("", "ISO-8859-1", latin1, '\u{ff}'),
        ("", "us-ascii", latin1, '\u{7f}'),
    ];
    (text, select(forms)).prop_map(|(text, (mark, name, encode, last))| {
        let declaration = match name {
            "" => String::new(),
            name => format!("<?xml version=\"1.0\" encoding=\"{name}\"?>"),
        };
        let text = text.strip_prefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>").unwrap_or(&text);
        let expressed = text.chars().map(|character| character.min(last));
        let document: String = declaration.chars().chain(expressed).collect();
        let bytes = encode(&format!("{mark}{document}"));
        (document, bytes)
    })
}

/// The sections that any texts name.
pub(crate) fn significant_sections(
    text: impl Strategy<Value = String>,
) -> impl Strategy<Value = SignificantSections> {
    vec(text, 0..6)
        .prop_map(|texts| texts.iter().filter_map(|text| SectionName::new(text)).collect())
}

/// Any provisioning file that the model can hold and XML can carry.
pub(crate) fn provision_file() -> impl Strategy<Value = ProvisionFile> {
    provision_file_of(xml_text)
}

/// Any provisioning file that the model can hold, with these texts.
pub(crate) fn provision_file_of<T: Strategy<Value = String>>(
    text: fn() -> T,
) -> impl Strategy<Value = ProvisionFile> {
    let urls = vec(text(), 0..4)
        .prop_map(|texts| texts.iter().filter_map(|text| UrlTemplate::new(text)).collect());
    let sections = option::of(significant_sections(text()));
    let address_book =
        any::<(bool, bool, bool, bool)>().prop_map(|(use_addressbook, add, update, delete)| {
            AddressBook { use_addressbook, restrictions: Restrictions { add, update, delete } }
        });
    (urls, provision_options(text), sections, address_book).prop_map(
        |(base_urls, options, significant_sections, address_book)| ProvisionFile {
            base_urls,
            options,
            significant_sections,
            address_book,
        },
    )
}

fn provision_options<T: Strategy<Value = String>>(
    text: fn() -> T,
) -> impl Strategy<Value = ProvisionOptions> {
    (
        any::<(bool, bool, bool, bool)>(),
        select(vec![AuthenticationType::Basic, AuthenticationType::Url]),
        text(),
        text(),
        any::<u32>(),
        select(vec![None, Some(PasswordFormat::Md5Digest), Some(PasswordFormat::Plain)]),
    )
        .prop_map(
            |(switches, authentication_type, user, password, refresh_rate, password_format)| {
                ProvisionOptions {
                    use_authentication: switches.0,
                    user_input_authentication: switches.1,
                    authentication_type,
                    user,
                    password: Secret::new(password),
                    refresh_rate,
                    password_format,
                    delete_accounts_beforehand: switches.2,
                    delete_contact_services_beforehand: switches.3,
                }
            },
        )
}

/// The names that generated sections have.
pub(crate) const SECTION_NAMES: [&str; 8] =
    ["accounts", "audio", "codecs", "general", "skin", "enable.auto.away", "fax", "prov_id"];

/// Some of [`SECTION_NAMES`].
pub(crate) fn section_names() -> impl Strategy<Value = Vec<&'static str>> {
    proptest::sample::subsequence(SECTION_NAMES.to_vec(), 0..=SECTION_NAMES.len())
}

/// The text of a configuration with the traits of real ones, each section once: any line ends and
/// indentation, both forms of empty elements, comments, blank lines, attributes, text with a leading
/// space.
pub(crate) fn config_text() -> impl Strategy<Value = String> {
    config_of(section_names().prop_shuffle())
}

/// The same, but sections may stand twice, line ends are mixed, and text stands where it should not.
pub(crate) fn odd_config_text() -> impl Strategy<Value = String> {
    let names = vec(select(SECTION_NAMES.to_vec()), 0..12);
    (config_of(names), vec(select(vec!["\n", "\r\n", "\r", "]]\n", "\n>", ""]), 1..6)).prop_map(
        |(text, line_ends)| {
            let end = text.rfind("</options>").unwrap_or(text.len());
            let start = text.find("<options>").map_or(end, |start| start + "<options>".len());
            let mut ends = line_ends.iter().cycle();
            let odd = |line: &str| match line.strip_suffix(['\n', '\r']) {
                Some(rest) => format!("{rest}{}", ends.next().unwrap_or(&"\n")),
                None => line.to_owned(),
            };
            let inside: String = text[start..end].split_inclusive(['\n', '\r']).map(odd).collect();
            format!("{}{inside}{}", &text[..start], &text[end..])
        },
    )
}

fn config_of(names: impl Strategy<Value = Vec<&'static str>>) -> impl Strategy<Value = String> {
    let line_end = select(vec!["\n", "\r\n", "\r"]);
    let indentation = select(vec!["", "  ", "\t", "    "]);
    let prolog =
        select(vec!["", "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n", "<!-- Zoiper -->\n"]);
    let epilog = select(vec!["", "\n", "\n<!-- end -->\n"]);
    (prolog, epilog, line_end, indentation, names, any::<[u8; 12]>(), any::<Index>()).prop_map(
        |(prolog, epilog, line_end, indentation, names, kinds, between)| {
            let mut text = prolog.to_owned();
            if names.is_empty() {
                text += [
                    "<options/>",
                    "<options></options>",
                    "<options>\n</options>",
                    "<options x=\"/>\" />",
                ][between.index(4)];
            } else {
                text += "<options>\n";
                let last = between.index(names.len());
                for (index, name) in names.iter().enumerate() {
                    text += &section(name, indentation, kinds[index]);
                    if index == last {
                        text += ["\n", "  <!-- <accounts>no section</accounts> -->\n", "\n\n", ""]
                            [between.index(4)];
                    }
                }
                text += "</options>";
            }
            (text + epilog).replace('\n', line_end)
        },
    )
}

fn section(name: &str, indentation: &str, kind: u8) -> String {
    let deeper = format!("{indentation}  ");
    let filling = match kind % 8 {
        0 => return format!("{indentation}<{name}/>\n"),
        1 => return format!("{indentation}<{name} type='subtree' />\n"),
        2 => String::new(),
        3 => " .-()[]{}".to_owned(),
        4 => format!("\n{deeper}<port>{kind}</port>\n{indentation}"),
        5 => {
            format!("\n{deeper}<a><b x=\"&lt;\">{kind}</b><c/></a>\n{deeper}<d></d>\n{indentation}")
        }
        6 => format!("<![CDATA[<{name}>&{kind}]]>"),
        _ => format!("<!-- {kind} --><{name}>é€ &amp; {kind}</{name}>"),
    };
    // Not every section stands on a line of its own.
    let end = if kind >= 0xe0 { "" } else { "\n" };
    format!("{indentation}<{name}>{filling}</{name}>{end}")
}

/// A text with a few bytes changed, so that it is nearly what it was.
pub(crate) fn mutated(text: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    let pieces = select(vec![
        "<", ">", "/", "&", ";", "\"", "'", "=", "]]>", "<!--", "-->", "xmlns", ":", "\u{1}", "x",
        " ", "<a>", "</a>", "&#x;", "<?", "<!",
    ]);
    (text, vec((any::<Index>(), any::<bool>(), pieces), 0..4)).prop_map(|(mut text, changes)| {
        for (place, removes, piece) in changes {
            let boundaries: Vec<_> = text.char_indices().map(|(at, _)| at).collect();
            let Some(&at) = boundaries.get(place.index(boundaries.len().max(1))) else { continue };
            if removes {
                text.remove(at);
            } else {
                text.insert_str(at, piece);
            }
        }
        text
    })
}
