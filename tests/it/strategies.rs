//! Documents and values at random.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use provision_format::{
    AddressBook, AuthenticationType, PasswordFormat, ProvisionFile, ProvisionOptions, Restrictions,
    Secret, SectionName, UrlTemplate,
};

/// Any character that XML can carry, those with a meaning more often.
fn xml_character() -> impl Strategy<Value = char> {
    prop_oneof![
        4 => select(vec!['&', '<', '>', '"', '\'', ']', '\r', '\n', '\t', ' ', ';', '#', ',', '[']),
        4 => proptest::char::range(' ', '~'),
        2 => any::<char>().prop_filter("XML cannot carry it", |c| {
            matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
        }),
    ]
}

fn xml_text() -> impl Strategy<Value = String> {
    prop_oneof![
        9 => vec(xml_character(), 0..24).prop_map(String::from_iter),
        1 => select(vec!["]]>", "\n", "\r\n", "\n  x\n  ", "&amp;", "<![CDATA[x]]>"]).prop_map(str::to_owned),
    ]
}

/// Any provisioning file that the model can hold and XML can carry.
pub(crate) fn provision_file() -> impl Strategy<Value = ProvisionFile> {
    let urls =
        vec(xml_text().prop_filter_map("an empty URL", |text| UrlTemplate::new(&text)), 0..4);
    let names =
        vec(xml_text().prop_filter_map("no section name", |text| SectionName::new(&text)), 0..6);
    let address_book =
        any::<(bool, bool, bool, bool)>().prop_map(|(use_addressbook, add, update, delete)| {
            AddressBook { use_addressbook, restrictions: Restrictions { add, update, delete } }
        });
    (urls, provision_options(), option::of(names), address_book).prop_map(
        |(base_urls, options, names, address_book)| ProvisionFile {
            base_urls,
            options,
            significant_sections: names.map(|names| names.into_iter().collect()),
            address_book,
        },
    )
}

fn provision_options() -> impl Strategy<Value = ProvisionOptions> {
    (
        any::<(bool, bool, bool, bool)>(),
        select(vec![AuthenticationType::Basic, AuthenticationType::Url]),
        xml_text(),
        xml_text(),
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
