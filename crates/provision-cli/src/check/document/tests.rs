use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::*;

/// What stands in every secret below, so that it may show nowhere.
const CANARY: &str = "c4nary";

/// Documents with secrets in them. What lies between braces stays as it is when they are broken: by it a
/// secret is known, and a misspelt name could be anything's.
const DOCUMENTS: [&str; 5] = [
    "<?xml version=\"1.0\"?>\n<provision>\n  <base_urls>\n    <base_url>https://example.com/?u=[user]&p=[pass]</base_url>\n  </base_urls>\n  <options>\n    <user>alice</user>\n    {<password>c4nary}</password>\n  </options>\n</provision>\n",
    "<provision>\r\n<base_urls>{<base_url>https://example.com/p?key=c4nary}&amp;b</base_url></base_urls>\r\n<options>{<password>c4nary\r\n&c4nary}</password></options>\r\n</provision>",
    "<options>\n  <accounts>\n    <account name='a' {auth_token='c4nary}' b=\"1\">\n      {<Password>c4nary&lt;&}</Password>\n      <name>R&D</name>\n    </account>\n  </accounts>\n</options>\n",
    "<options><account {password=\"c4nary}\" a='1'/><b>]]></b>{<uri>https://alice:c4nary@example.com/}</uri></options>",
    "<error code='1'>no & no<x {secret='&c4nary}'/> &nosuch; {<token>c4nary}</token></error>",
];

#[derive(Clone, Debug)]
enum Change {
    Insert(Index, &'static str),
    Remove(Index, usize),
}

fn change() -> impl Strategy<Value = Change> {
    let pieces = vec![
        "<",
        ">",
        "/",
        "&",
        ";",
        "\"",
        "'",
        "=",
        "]]>",
        "<!--",
        "-->",
        "<![CDATA[",
        "xmlns",
        ":",
        "\u{1}",
        "\u{9b}",
        "x",
        " ",
        "\n",
        "\r",
        "<a>",
        "</a>",
        "&#x;",
        "<?",
        "?>",
        "<!",
        "</options>",
        "<error>",
        "</password>",
        "<password>",
        "&x;",
    ];
    prop_oneof![
        (any::<Index>(), select(pieces)).prop_map(|(at, piece)| Change::Insert(at, piece)),
        (any::<Index>(), 1_usize..12).prop_map(|(at, length)| Change::Remove(at, length)),
    ]
}

/// A document with some changes made outside of the braces, which are gone then.
fn broken(document: &str, changes: &[Change]) -> String {
    let mut parts: Vec<String> = document.split(['{', '}']).map(str::to_owned).collect();
    for change in changes {
        let (Change::Insert(at, _) | Change::Remove(at, _)) = change;
        // Every second part stood between braces.
        let part = 2 * at.index(parts.len().div_ceil(2));
        let text = &mut parts[part];
        let ends: Vec<_> = (0..=text.len()).filter(|at| text.is_char_boundary(*at)).collect();
        let first = at.index(ends.len());
        let offset = ends[first];
        match change {
            Change::Insert(_, piece) => text.insert_str(offset, piece),
            Change::Remove(_, length) => {
                let end = ends.get(first + length).copied().unwrap_or(text.len());
                text.replace_range(offset..end, "");
            }
        }
    }
    parts.concat()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn no_secret_shows_however_broken_the_document_is(
        document in select(DOCUMENTS.to_vec()),
        changes in vec(change(), 0..5),
        kind in select(vec![None, Some(DocumentKind::Configuration), Some(DocumentKind::ProvisionFile), Some(DocumentKind::AnyXml)]),
        format in select(vec![Format::Human, Format::Json]),
    ) {
        let text = broken(document, &changes);
        let checkup = Checkup {
            kind,
            writing: Writing::Difference,
            format,
            screen: Screen { is_coloured: false, width: 120 },
            verbosity: Verbosity::Trace,
        };
        let checked = Checked::read(text.as_bytes(), kind);
        let target = Target::File("a.xml".into());
        let document = checkup.examined(&target, "a.xml".to_owned(), checked);
        let json = serde_json::to_string(&document.json).expect("it can be written");
        let all = format!("{document:?}\n{json}");
        prop_assert!(!all.contains(CANARY), "{text:?}\n{}{}", document.findings.join("\n"), document.difference);
    }
}
