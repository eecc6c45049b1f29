//! A man page for the command and one for each of its subcommands.
//!
//! What clap knows is clap's to say. Examples and exit status stand in the text behind the help and get sections of
//! their own; files and variables are said here.

use std::io;

use clap::Command;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

/// The pages by their names.
pub(crate) fn pages(command: Command) -> io::Result<Vec<(String, Vec<u8>)>> {
    let mut command = command.disable_help_subcommand(true);
    command.build();
    let mut pages = vec![page(&command)?];
    for subcommand in command.get_subcommands().filter(|command| !command.is_hide_set()) {
        pages.push(page(subcommand)?);
    }
    Ok(pages)
}

fn page(command: &Command) -> io::Result<(String, Vec<u8>)> {
    let source = format!("provision {}", env!("CARGO_PKG_VERSION"));
    let man = Man::new(command.clone()).source(source).manual("Provisioning of softphones");
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    if command.has_subcommands() {
        man.render_subcommands_section(&mut page)?;
    }
    let mut rest = Roff::new();
    let epilogue = command.get_after_long_help().or_else(|| command.get_after_help());
    let epilogue = epilogue.map(ToString::to_string).unwrap_or_default();
    let examples = block(&epilogue, "Examples:").map(examples).unwrap_or_default();
    section(&mut rest, "EXAMPLES", &examples);
    let statuses = block(&epilogue, "Exit status:").map(statuses);
    section(&mut rest, "EXIT STATUS", &statuses.unwrap_or_else(|| owned(&STATUSES)));
    section(&mut rest, "FILES", &used(&FILES, command));
    section(&mut rest, "ENVIRONMENT", &used(&VARIABLES, command));
    rest.control("SH", ["SEE ALSO"]);
    rest.text([roman(see_also(command))]);
    rest.to_writer(&mut page)?;
    Ok((man.get_filename(), page))
}

/// Terms, each with what is said about it.
type Entries = Vec<(String, String)>;

fn owned(entries: &[(&str, &str)]) -> Entries {
    entries.iter().map(|(term, text)| ((*term).to_owned(), (*text).to_owned())).collect()
}

/// The entries for commands with this option. The command as a whole has all of them.
fn used(entries: &[(&str, &str, &str)], command: &Command) -> Entries {
    let has = |id: &str| command.get_arguments().any(|argument| argument.get_id() == id);
    let used = entries.iter().filter(|(id, ..)| command.has_subcommands() || has(id));
    used.map(|(_, term, text)| ((*term).to_owned(), (*text).to_owned())).collect()
}

fn section(roff: &mut Roff, title: &str, entries: &[(String, String)]) {
    if entries.is_empty() {
        return;
    }
    roff.control("SH", [title]);
    for (term, text) in entries {
        roff.control("TP", []);
        roff.text([bold(term.as_str())]);
        roff.text([roman(text.as_str())]);
    }
}

/// The lines below a heading, up to an empty one.
fn block<'a>(text: &'a str, heading: &str) -> Option<&'a str> {
    let (_, behind) = text.split_once(&format!("{heading}\n"))?;
    Some(behind.split("\n\n").next().unwrap_or(behind))
}

/// Commands stand two columns from the edge, what they do further to the right.
fn examples(block: &str) -> Entries {
    let mut entries = Entries::new();
    for line in block.lines() {
        match (line.strip_prefix("    "), entries.last_mut()) {
            (Some(more), Some((_, text))) => {
                let space = if text.is_empty() { "" } else { " " };
                *text += &format!("{space}{}", more.trim());
            }
            _ => entries.push((line.trim().to_owned(), String::new())),
        }
    }
    entries
}

/// A number and its meaning, in one or two columns with some spaces between them.
fn statuses(block: &str) -> Entries {
    let cells = block.lines().flat_map(|line| line.split("   ")).map(str::trim);
    let mut entries: Vec<(u8, String)> = cells
        .filter_map(|cell| {
            let (number, meaning) = cell.split_once(' ')?;
            Some((number.parse().ok()?, meaning.to_owned()))
        })
        .collect();
    entries.sort();
    entries.into_iter().map(|(number, meaning)| (number.to_string(), meaning)).collect()
}

fn see_also(command: &Command) -> String {
    let mut pages: Vec<_> = command
        .get_subcommands()
        .map(|subcommand| format!("provision-{}(1)", subcommand.get_name()))
        .collect();
    if pages.is_empty() {
        pages.push("provision(1)".to_owned());
    }
    pages.join(", ")
}

/// Of all commands together (spec 8.5).
const STATUSES: [(&str, &str); 8] = [
    ("0", "done, warnings included"),
    (
        "1",
        "findings: an invalid document, no server gave a configuration, or credentials that cannot be sent",
    ),
    ("2", "wrong usage, or a code that explain does not know"),
    ("3", "no configuration, and a server said <error>"),
    ("4", "credentials are needed, and there are none, or none that the servers take"),
    ("5", "local files cannot be read or written"),
    ("10", "with --exit-code: something would change"),
    ("130", "interrupted"),
];

/// Each with the option of the commands that use it.
const FILES: [(&str, &str, &str); 6] = [
    (
        "ca_file",
        "Provision.xml",
        "The provisioning file. Without --provision it is looked for in the working directory, beside the program, in \
         ~/.Zoiper and ~/.Zoiper5, and in Zoiper and Zoiper5 below the application data folder; on Windows in \
         C:\\Program Files (x86)\\Zoiper in place of ~/.Zoiper. The first one that exists counts.",
    ),
    ("profile", "Config.xml", "The phone's own configuration, in the folder that --profile names."),
    (
        "profile",
        "provision-displaced.xml",
        "Beside it: the phone's own sections that gave way to the server's, and come back when they are not provisioned \
         any more.",
    ),
    (
        "profile",
        "provision-superseded.xml",
        "Beside it: a Config.xml as it was, kept whole because a section of it would have been kept nowhere else.",
    ),
    (
        "profile",
        "provision-original, provision-last-good.xml",
        "Beside it: Config.xml as it was before provisioning, and what a server sent last, for a start without one.",
    ),
    (
        "profile",
        "provision-previous-good.xml, provision-previous-config.xml",
        "Beside it: what the last change replaced, until a run has succeeded after it; forget --last-change puts it back.",
    ),
];

/// Each with the option of the commands that read it.
const VARIABLES: [(&str, &str, &str); 6] = [
    (
        "ca_file",
        "http_proxy, https_proxy, all_proxy, no_proxy",
        "Through which proxy servers are asked, and which hosts without one; each in capitals, too. HTTP_PROXY is not \
         read where REQUEST_METHOD is set.",
    ),
    (
        "ca_file",
        "SSL_CERT_FILE, SSL_CERT_DIR",
        "A file, or a folder, of CA certificates in place of the system's.",
    ),
    (
        "ca_file",
        "XDG_CONFIG_HOME",
        "The application data folder, if it is not ~/.config; on Windows it is APPDATA.",
    ),
    ("ca_file", "HOME", "The home folder."),
    (
        "color",
        "NO_COLOR",
        "If it is set and not empty, text is not coloured, unless --color always says so.",
    ),
    ("color", "TERM", "With dumb, text is not coloured either."),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn text(name: &str) -> String {
        let pages = pages(provision_cli::command()).expect("memory can be written");
        let page =
            pages.into_iter().find(|(known, _)| known == name).expect("there is such a page");
        String::from_utf8(page.1).expect("pages are text")
    }

    #[test]
    fn there_is_a_page_for_every_command() {
        let names: Vec<_> = pages(provision_cli::command())
            .expect("memory can be written")
            .into_iter()
            .map(|(name, _)| name)
            .collect();
        assert_eq!(names[0], "provision.1");
        for subcommand in provision_cli::command().get_subcommands() {
            assert!(names.contains(&format!("provision-{}.1", subcommand.get_name())), "{names:?}");
        }
        for name in names {
            let page = text(&name);
            for title in ["NAME", "SYNOPSIS", "OPTIONS", "EXIT STATUS", "ENVIRONMENT", "SEE ALSO"] {
                let heading = title.split(' ').next().unwrap_or(title);
                assert!(
                    page.contains(&format!(".SH {heading}"))
                        || page.contains(&format!(".SH \"{title}\"")),
                    "{name}: {title}"
                );
            }
        }
    }

    #[test]
    fn examples_and_statuses_are_taken_from_the_help() {
        let page = text("provision-check.1");
        assert!(page.contains("\\fBprovision check Provision.xml\\fR"), "{page}");
        assert!(page.contains("\\fB5\\fR\na file cannot be read or written; before 1"), "{page}");
        let statuses = statuses("  0 done, also so      3 none\n  1 bad         10 with a plan");
        let numbers: Vec<_> = statuses.iter().map(|(number, _)| number.as_str()).collect();
        assert_eq!(numbers, ["0", "1", "3", "10"]);
    }
}
