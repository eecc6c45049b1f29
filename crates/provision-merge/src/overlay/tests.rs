use super::*;

fn config(text: &str) -> Config {
    Config::read(text.as_bytes()).unwrap_or_else(|report| panic!("{text:?}: {report}")).value
}

fn overlay(local: &str, remote: &str, beforehand: Beforehand) -> Merged {
    let (local, remote) = (config(local), config(remote));
    Overlay { local: &local, remote: &remote, beforehand }.run().expect("it can be laid over")
}

const NOTHING: Beforehand = Beforehand { delete_accounts: false, delete_contact_services: false };

/// Both in `options`, and laying the result under the same once more changes nothing.
fn laid(local: &str, remote: &str, beforehand: Beforehand) -> String {
    let options = |text: &str| format!("<options>{text}</options>");
    let once = overlay(&options(local), &options(remote), beforehand);
    let twice = overlay(once.effective.text(), &options(remote), beforehand);
    assert_eq!(twice.effective.text(), once.effective.text(), "a second time");
    assert_eq!(once.stored.text(), once.effective.text());
    let text = once.effective.text();
    text["<options>".len()..text.len() - "</options>".len()].to_owned()
}

#[test]
fn keys_are_laid_over_one_by_one() {
    for (local, remote, expected) in [
        // A leaf replaces a leaf; what is not named stays.
        ("<a><b>1</b> <c>2</c></a>", "<a><c>3</c></a>", "<a><b>1</b> <c>3</c></a>"),
        // What means the same stays as it is written.
        ("<a><b x='1'></b></a>", "<a><b x=\"1\"/></a>", "<a><b x='1'></b></a>"),
        ("<a>&lt;</a>", "<a><![CDATA[<]]></a>", "<a>&lt;</a>"),
        // A leaf has the server's attributes.
        ("<a x='1' y='2'>3</a>", "<a y='4'>3</a>", "<a y='4'>3</a>"),
        // Deeper ones as well.
        ("<a><b><c>1</c><d/></b></a>", "<a><b><d>2</d></b></a>", "<a><b><c>1</c><d>2</d></b></a>"),
        // The tag of an element with others in it is the server's where it says something new.
        ("<a x='1'><b/></a>", "<a><b>1</b></a>", "<a x='1'><b>1</b></a>"),
        ("<a x='1'><b/></a>", "<a x='2'><b>1</b></a>", "<a x='2'><b>1</b></a>"),
        // A leaf and an element with others in it.
        ("<a>1</a>", "<a><b/></a>", "<a><b/></a>"),
        ("<a><b/></a>", "<a>1</a>", "<a>1</a>"),
        ("<a><b/></a>", "<a/>", "<a><b/></a>"),
        ("<a><b/></a>", "<a><!-- --></a>", "<a><b/></a>"),
        ("<a><b>1</b></a>", "<a><b/></a>", "<a><b/></a>"),
    ] {
        assert_eq!(laid(local, remote, NOTHING), expected, "{local} {remote}");
    }
}

#[test]
fn what_is_new_stands_on_its_line() {
    for (local, remote, expected) in [
        ("\n  <a/>\n", "<b>1</b>", "\n  <a/>\n  <b>1</b>\n"),
        ("\n\t<a>\n\t\t<b/>\n\t</a>\n", "<a><c/></a>", "\n\t<a>\n\t\t<b/>\n\t\t<c/>\n\t</a>\n"),
        ("\r\n  <a/>\r\n", "<a>\n<b/>\n</a>", "\r\n  <a>\r\n<b/>\r\n</a>\r\n"),
        (
            "\n <a>\n  <b/>\n  <!-- c -->\n </a>",
            "<a><d/></a>",
            "\n <a>\n  <b/>\n  <!-- c -->\n  <d/>\n </a>",
        ),
        ("\n  <a><b/></a>\n", "<a><c/></a>", "\n  <a><b/>\n    <c/>\n  </a>\n"),
        (
            "\n  <a>\n    <b><ident>1</ident></b>\n    <c/>\n  </a>\n",
            "<a><b><ident>2</ident></b></a>",
            "\n  <a>\n    <b><ident>1</ident></b>\n    <b><ident>2</ident></b>\n    <c/>\n  </a>\n",
        ),
    ] {
        assert_eq!(laid(local, remote, NOTHING), expected, "{local:?} {remote:?}");
    }
    assert_eq!(
        overlay("<options/>", "<options><a/></options>", NOTHING).effective.text(),
        "<options>\n  <a/>\n</options>"
    );
}

#[test]
fn items_are_told_apart_by_what_identifies_them() {
    for (local, remote, expected) in [
        (
            "<s><i><ident>a</ident><x>1</x></i><i><ident>b</ident><x>2</x></i></s>",
            "<s><i><ident>b</ident><x>3</x></i><i><ident>c</ident></i></s>",
            "<s><i><ident>a</ident><x>1</x></i><i><ident>b</ident><x>3</x></i><i><ident>c</ident></i></s>",
        ),
        (
            "<s><i><codec_id>0</codec_id><x>1</x></i></s>",
            "<s><i><x>2</x><codec_id> 0 </codec_id></i></s>",
            "<s><i><codec_id> 0 </codec_id><x>2</x></i></s>",
        ),
        // One item and another identity: not the same.
        (
            "<s><i><ident>a</ident></i></s>",
            "<s><i><ident>b</ident></i></s>",
            "<s><i><ident>a</ident></i><i><ident>b</ident></i></s>",
        ),
        // No identity: the list as a whole, in its places.
        ("<s><i>1</i>-<i>2</i></s>", "<s><i>3</i><i>2</i></s>", "<s><i>3</i>-<i>2</i></s>"),
        ("<s><i>1</i>\n <i>2</i></s>", "<s><i>3</i></s>", "<s><i>3</i></s>"),
        ("<s><i>1</i></s>", "<s><i>1</i><i>2</i></s>", "<s><i>1</i><i>2</i></s>"),
        (
            "<s><i><ident>a</ident></i><i><ident>b</ident></i></s>",
            "<s><i><ident>a</ident></i><i><x/></i></s>",
            "<s><i><ident>a</ident></i><i><x/></i></s>",
        ),
    ] {
        assert_eq!(laid(local, remote, NOTHING), expected, "{local} {remote}");
    }
}

#[test]
fn items_can_go_beforehand() {
    let local =
        "<accounts>\n <x/>\n <account><ident>a</ident><y>1</y></account>\n <account/>\n</accounts>";
    for (remote, expected) in [
        ("<accounts><x>2</x></accounts>", "<accounts>\n <x>2</x>\n</accounts>"),
        ("<accounts/>", "<accounts>\n <x/>\n</accounts>"),
        ("<accounts a='1'> </accounts>", "<accounts>\n <x/>\n</accounts>"),
        ("<general/>", &format!("{local}\n  <general/>\n")),
        (
            "<accounts><account><ident>a</ident></account></accounts>",
            "<accounts>\n <x/>\n <account><ident>a</ident></account>\n</accounts>",
        ),
    ] {
        assert_eq!(laid(local, remote, Beforehand::default()), expected, "{remote}");
    }
    // What is left when all items are gone stays, the next time as well.
    for (local, left) in [
        ("<accounts>\n <account/>\n</accounts>", "<accounts>\n</accounts>"),
        ("<accounts>]]<account/></accounts>", "<accounts>]]\n</accounts>"),
        (
            "<accounts x='1'><!-- mine --><account/></accounts>",
            "<accounts x='1'><!-- mine --></accounts>",
        ),
    ] {
        assert_eq!(laid(local, "<accounts x='2'/>", Beforehand::default()), left, "{local}");
    }
    let services =
        "<contact_services><contact_service><ident>a</ident></contact_service></contact_services>";
    assert_eq!(laid(services, "<contact_services/>", Beforehand::default()), services);
    let both = Beforehand { delete_accounts: true, delete_contact_services: true };
    assert_eq!(
        laid(services, "<contact_services/>", both),
        "<contact_services></contact_services>"
    );
}

#[test]
fn every_section_is_reported() {
    let merged = overlay(
        "<options><same>1</same><kept/><laid><x/></laid><accounts><account/></accounts>\
         <contact_services><contact_service/><x/></contact_services></options>",
        "<options><laid><x>1</x></laid><new/><same>1</same><new>2</new><accounts/><contact_services/></options>",
        Beforehand { delete_accounts: true, delete_contact_services: true },
    );
    let outcomes: Vec<_> = merged
        .report
        .sections
        .iter()
        .map(|change| (change.name.as_str(), change.outcome))
        .collect();
    assert_eq!(
        outcomes,
        [
            ("same", SectionOutcome::Unchanged),
            ("kept", SectionOutcome::Kept),
            ("laid", SectionOutcome::Overlaid),
            ("accounts", SectionOutcome::Emptied),
            // Not all of it is gone.
            ("contact_services", SectionOutcome::Overlaid),
            ("new", SectionOutcome::Added),
        ]
    );
    assert_eq!(merged.report.sent_twice, ["new"]);
    assert!(merged.displaced.is_none());
}

/// A server can send very many names, and a phone store them: looking through all of them for each would hold the next
/// start-up for minutes.
#[test]
fn very_many_names_are_laid_over_in_one_pass() {
    let section = |value: usize| {
        let keys: String = (0..20_000).map(|key| format!("<k{key}>{value}</k{key}>")).collect();
        format!("<options><s>{keys}</s></options>")
    };
    let (local, remote) = (section(1), section(2));
    let merged = overlay(&local, &remote, NOTHING);
    assert_eq!(merged.effective.text(), remote);
    let changes = crate::key_changes(&config(&local), &merged.effective);
    assert_eq!(changes.changes.len() + changes.left_out, 20_000);
}
