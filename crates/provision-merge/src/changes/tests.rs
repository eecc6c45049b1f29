use super::*;

fn config(text: &str) -> Config {
    let text = format!("<options>{text}</options>");
    Config::read(text.as_bytes()).unwrap_or_else(|report| panic!("{text:?}: {report}")).value
}

/// The changes as lines.
fn told(before: &str, after: &str) -> Vec<String> {
    let (before, after) = (config(before), config(after));
    let text = |value: Value| match value {
        Value::Text(text) => format!("{text:?}"),
        Value::Hidden => "hidden".to_owned(),
        Value::Elements(count) => format!("{count} leaves"),
    };
    let line = |change: KeyChange| {
        let attribute = change.attribute.map(|name| format!("@{name}")).unwrap_or_default();
        let path = format!("{}{attribute}", change.path);
        match change.change {
            Change::Added(value) => format!("+ {path} {}", text(value)),
            Change::Removed(value) => format!("- {path} {}", text(value)),
            Change::Changed { from, to } => format!("~ {path} {} {}", text(from), text(to)),
        }
    };
    key_changes(&before, &after).changes.into_iter().map(line).collect()
}

#[test]
fn keys_are_told_one_by_one() {
    for (before, after, expected) in [
        ("<a x='1'/><b/>", "<b></b>\n<a x=\"1\"></a>", &[][..]),
        ("<a>1</a>", "<a>2</a>", &["~ a \"1\" \"2\""]),
        ("<a><b>1</b><c/></a>", "<a><b>1</b><d>2</d></a>", &["- a/c \"\"", "+ a/d \"2\""]),
        ("<a/>", "<b><c/><d/></b>", &["- a \"\"", "+ b 2 leaves"]),
        (
            "<a x='1' y='2'/>",
            "<a y='3' z='4'/>",
            &["- a@x \"1\"", "~ a@y \"2\" \"3\"", "+ a@z \"4\""],
        ),
        ("<a>1</a>", "<a><b/></a>", &["~ a \"1\" 1 leaves"]),
        // Secrets, and addresses that may hold some.
        (
            "<a><password>1</password></a>",
            "<a><password>2</password></a>",
            &["~ a/password hidden hidden"],
        ),
        (
            "<a><url>http://h/?x</url></a>",
            "<a><url>http://h/</url></a>",
            &["~ a/url hidden \"http://h/\""],
        ),
        ("<a password='1' b='2'/>", "<a password='3' b='2'/>", &["~ a@password hidden hidden"]),
        // Lists by identity, by name, and by place.
        (
            "<s><i><ident>1</ident><x>1</x></i><i><ident>2</ident></i></s>",
            "<s><i><ident>3</ident></i><i><ident>1</ident><x>2</x></i></s>",
            &["~ s/i[\"1\"]/x \"1\" \"2\"", "- s/i[\"2\"] 1 leaves", "+ s/i[\"3\"] 1 leaves"],
        ),
        (
            "<s><i><name>Office</name><x>1</x></i></s>",
            "<s><i><name>Home</name><x>1</x></i></s>",
            &["- s/i[\"Office\"] 2 leaves", "+ s/i[\"Home\"] 2 leaves"],
        ),
        (
            "<s><password><name>1</name><x>1</x></password></s>",
            "<s><password><name>2</name><x>1</x></password></s>",
            &["- s/password 2 leaves", "+ s/password 2 leaves"],
        ),
        ("<s><i>1</i><i>2</i></s>", "<s><i>1</i></s>", &["- s/i[2] \"2\""]),
        ("<s><i>1</i></s>", "<s><i>2</i><i>3</i></s>", &["~ s/i[1] \"1\" \"2\"", "+ s/i[2] \"3\""]),
        // Of a section that stands twice, the first counts.
        ("<a>1</a><a>2</a>", "<a>1</a><a>3</a>", &[]),
    ] {
        assert_eq!(told(before, after), expected, "{before} {after}");
    }
}

#[test]
fn what_is_told_is_bounded() {
    let long = "x".repeat(5000);
    let before = config("<a>1</a>");
    let after = config(&format!("<a>{long}</a>"));
    let changes = key_changes(&before, &after).changes;
    let Change::Changed { to: Value::Text(to), .. } = &changes[0].change else {
        panic!("a text was changed: {changes:?}");
    };
    assert_eq!(to.chars().count(), 1001);
    let many = config(&format!("<a>{}</a>", "<b/>".repeat(12_000)));
    let told = key_changes(&config("<a><c/></a>"), &many);
    assert_eq!((told.changes.len(), told.left_out), (10_000, 2001));
}

#[test]
fn a_section_with_the_same_keys_says_what_is_different() {
    let items =
        |order: [&str; 2]| order.map(|name| format!("<i><ident>{name}</ident></i>")).concat();
    let (items, swapped) = (items(["1", "2"]), items(["2", "1"]));
    for (before, after, expected) in [
        ("<a/><b/>", "<a/><b/>", None),
        ("<a/>", "<a></a>", Some(Difference::Writing)),
        ("<a x='1' y='2'/>", "<a y=\"2\" x='1'/>", Some(Difference::Writing)),
        ("<a>1\n</a>", "<a>1\r\n</a>", Some(Difference::Writing)),
        (
            "<a><b>&lt;</b> ] ] </a>",
            "<a>]]<b><![CDATA[<]]></b><!-- c --></a>",
            Some(Difference::Writing),
        ),
        ("<a><b/></a>", "<a>1<b/></a>", Some(Difference::Text)),
        ("<a><b/><c/></a>", "<a>1<c/><b/></a>", Some(Difference::Order)),
        (&format!("<a>{items}</a>"), &format!("<a>{swapped}</a>"), Some(Difference::Order)),
        (
            &format!("<a><b>{items}</b></a>"),
            &format!("<a><b>{swapped}</b></a>"),
            Some(Difference::Order),
        ),
        // Keys are all there is to tell.
        ("<a>1</a>", "<a>2</a>", None),
        ("<a><b/><c/></a>", "<a><c/><b>1</b></a>", None),
        ("<a/>", "<b/>", None),
    ] {
        let found = key_changes(&config(before), &config(after));
        let told = found.same_keys.iter().map(|one| (one.section.as_str(), one.difference));
        let expected: Vec<_> = expected.map(|difference| ("a", difference)).into_iter().collect();
        assert_eq!(told.collect::<Vec<_>>(), expected, "{before} {after}");
        assert!(expected.is_empty() || found.changes.is_empty(), "{before} {after}");
    }
}

/// What is left out is different, too.
#[test]
fn a_section_that_is_left_out_has_not_the_same_keys() {
    let many = |value: &str| format!("<a>{}</a>", format!("<b>{value}</b>").repeat(10_000));
    let found = key_changes(
        &config(&format!("{}<c>1</c><d/>", many("1"))),
        &config(&format!("{}<c>2</c><d></d>", many("2"))),
    );
    assert_eq!((found.changes.len(), found.left_out), (10_000, 1));
    let told: Vec<_> = found.same_keys.iter().map(|one| one.section.as_str()).collect();
    assert_eq!(told, ["d"]);
}
