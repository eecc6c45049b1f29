//! The sections that a server provisioned last, for a start without one (spec 5.3).

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt::Write as _;
use std::time::{Duration, SystemTime};

use provision_fetch::Identity;
use provision_format::{Config, ProvisionFile, SectionName, SignificantSections, UrlTemplate};
use provision_merge::MergeReport;

use crate::fingerprint::Fingerprint;

/// Whether the last good provisioned sections are kept, and used when no server answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LastGood {
    /// They are.
    #[default]
    Kept,
    /// They are not, and what was kept before is removed by the next run that succeeds.
    Off,
}

/// For whom and from where a configuration was: the user, the URLs and the significant sections (spec 5.3).
/// What one user's server sent is nothing for another user.
pub(crate) fn binding(file: &ProvisionFile, identity: &Identity) -> Fingerprint {
    let user = match identity {
        Identity::Anonymous => None,
        Identity::Basic(credentials) | Identity::Url(credentials) => Some(credentials.user()),
    };
    // A count before each list, so that none runs into the next.
    let counts = [user.iter().count(), file.base_urls.len()].map(|count| count.to_string());
    let mut parts: Vec<&str> = counts.iter().map(String::as_str).collect();
    parts.extend(user);
    parts.extend(file.base_urls.iter().map(UrlTemplate::as_str));
    let sections = file.significant_sections.iter().flat_map(SignificantSections::iter);
    parts.extend(sections.map(SectionName::as_str));
    Fingerprint::of_parts(parts.into_iter().map(str::as_bytes))
}

/// What is in the file `provision-last-good.xml`: a configuration with the provisioned sections, and a
/// comment in it that says whose they are and since when.
pub(crate) struct LastGoodFile<'t> {
    binding: Fingerprint,
    /// Seconds since 1970.
    fetched: u64,
    /// From the root's start tag on.
    root: &'t str,
    text: &'t str,
}

impl<'t> LastGoodFile<'t> {
    /// Reads what [`write`] wrote; `None` for anything else.
    pub(crate) fn parse(text: &'t str) -> Option<Self> {
        let rest = text.strip_prefix(HEAD)?;
        let (words, root) = rest.split_once(TAIL)?;
        let (binding, fetched) = words.split_once(BETWEEN)?;
        let (binding, fetched) = (Fingerprint::parse(binding)?, fetched.parse().ok()?);
        Some(Self { binding, fetched, root, text })
    }

    /// Whether it is for this user, these URLs and these sections.
    pub(crate) fn is_for(&self, binding: &Fingerprint) -> bool {
        self.binding == *binding
    }

    /// How long ago a server first sent it as it is; nothing if the clock has been set back since.
    pub(crate) fn age(&self, now: SystemTime) -> Duration {
        let fetched = SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(self.fetched));
        fetched.and_then(|fetched| now.duration_since(fetched).ok()).unwrap_or_default()
    }

    /// The provisioned sections, as a server's configuration; `None` if somebody has damaged it.
    pub(crate) fn config(&self) -> Option<Config> {
        Config::read(self.text.as_bytes()).ok().map(|reading| reading.value)
    }
}

/// The file that is to be kept after a merge of `remote`. It is `before` itself if that one says the same:
/// since when it does is no reason to write (spec 5.2).
pub(crate) fn write<'t>(
    remote: &Config,
    report: &MergeReport,
    binding: &Fingerprint,
    before: Option<&LastGoodFile<'t>>,
    now: SystemTime,
) -> Cow<'t, str> {
    let names = report.sections.iter().filter(|change| change.outcome.is_provisioned());
    let mut names: HashSet<&str> = names.map(|change| change.name.as_str()).collect();
    let mut root = "<options>\n".to_owned();
    // Of a section that stands twice, the first counts (spec 4.8).
    for section in remote.sections().filter(|section| names.remove(section.name())) {
        root.push_str("  ");
        root.push_str(section.text());
        root.push('\n');
    }
    root.push_str("</options>\n");
    if let Some(before) = before.filter(|before| before.is_for(binding) && before.root == root) {
        return before.text.into();
    }
    let fetched = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
    let mut text = String::with_capacity(HEAD.len() + root.len() + 128);
    // Writing to a `String` cannot fail.
    let _ = write!(text, "{HEAD}{binding}{BETWEEN}{fetched}{TAIL}{root}");
    text.into()
}

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- What the provisioning server sent last, for a start without it.\n     For: ";
const BETWEEN: &str = "\n     Since (seconds from 1970): ";
const TAIL: &str = " -->\n";

#[cfg(test)]
mod tests {
    use provision_fetch::{Credentials, Password, Secret};
    use provision_merge::Merge;

    use super::*;

    fn config(text: &str) -> Config {
        Config::read(text.as_bytes()).expect(text).value
    }

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    fn written(remote: &str, before: Option<&str>, now: u64) -> String {
        let remote = config(remote);
        let local = Config::empty();
        let sections = SignificantSections::from_list("a,b,c");
        let merge = Merge { local: &local, remote: &remote, sections: &sections, displaced: None };
        let report = merge.run().expect("it can be merged").report;
        let before = before.map(|text| LastGoodFile::parse(text).expect("it was written"));
        write(&remote, &report, &Fingerprint::of(b"me"), before.as_ref(), at(now)).into_owned()
    }

    #[test]
    fn it_holds_the_provisioned_sections_and_nothing_else() {
        let text = written("<options><x/><b> 1\r\n</b><a/><b>2</b></options>", None, 7);
        let file = LastGoodFile::parse(&text).expect("it was written");
        assert!(file.is_for(&Fingerprint::of(b"me")) && !file.is_for(&Fingerprint::of(b"you")));
        assert_eq!(file.age(at(10)), Duration::from_secs(3));
        assert_eq!(file.age(at(5)), Duration::ZERO);
        let kept = file.config().expect("it is valid");
        let sections: Vec<_> = kept.sections().map(|section| section.text().to_owned()).collect();
        assert_eq!(sections, ["<b> 1\r\n</b>", "<a/>"]);
    }

    #[test]
    fn it_stays_as_it_is_while_the_server_sends_the_same() {
        let first = written("<options><a>1</a></options>", None, 7);
        assert_eq!(written("<options><a>1</a><x/></options>", Some(&first), 9), first);
        let second = written("<options><a>2</a></options>", Some(&first), 9);
        assert_ne!(second, first);
        assert!(second.contains("1970): 9 -->"), "{second}");
    }

    #[test]
    fn what_is_not_ours_is_none() {
        let good = written("<options/>", None, 7);
        for bad in ["", "<options/>", &good[1..], &good.replace("1970): 7", "1970): x")] {
            assert!(LastGoodFile::parse(bad).is_none(), "{bad}");
        }
        let cut = good.replace("</options>", "");
        assert!(LastGoodFile::parse(&cut).expect("its head is whole").config().is_none());
    }

    #[test]
    fn it_is_bound_to_user_urls_and_sections() {
        let bound = |urls: &[&str], sections: &str, user: Option<&str>| {
            let urls: String =
                urls.iter().map(|url| format!("<base_url>{url}</base_url>")).collect();
            let text = format!(
                "<provision><base_urls>{urls}</base_urls>\
                 <significant_sections>{sections}</significant_sections></provision>"
            );
            let file = ProvisionFile::read(text.as_bytes()).expect("valid").value;
            let password = Password::Plain(Secret::new("any"));
            let identity = match user {
                Some(user) => Identity::Url(Credentials::new(user, password)),
                None => Identity::Anonymous,
            };
            binding(&file, &identity)
        };
        let one = bound(&["http://h/"], "accounts", Some("alice"));
        assert_eq!(one, bound(&["http://h/"], "accounts", Some("alice")));
        for other in [
            bound(&["http://h/"], "accounts", Some("bob")),
            bound(&["http://h/"], "accounts", None),
            bound(&["http://h/", "http://i/"], "accounts", Some("alice")),
            bound(&["http://i/"], "accounts", Some("alice")),
            bound(&["http://h/"], "accounts,codecs", Some("alice")),
        ] {
            assert_ne!(one, other);
        }
    }
}
