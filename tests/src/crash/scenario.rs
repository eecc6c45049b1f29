//! What is interrupted: the table of the runs.

use std::fmt;

use Change::{Linked, Removed, Replaced, Synced};

use crate::Answer;

/// A run of the command, and what a phone has before it.
///
/// Another one is another row of [`SCENARIOS`].
#[derive(Debug)]
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    /// What happened to the phone before, beginning with its own `Config.xml` alone.
    pub(crate) before: &'static [Step],
    /// The run that is interrupted.
    pub(crate) run: Step,
    /// The exit status of that run.
    pub(crate) status: i32,
    /// What it does to the files, in this order and nothing else; none if it must not write at all.
    pub(crate) changes: &'static [Change<'static>],
    /// Files that are changed twice, so that at times they are neither as before nor as after.
    pub(crate) intermediate: &'static [&'static str],
    /// Files that the next run may leave as they were before the interrupted one: nothing in them counts any more, and
    /// nothing is lost by it.
    pub(crate) lingering: &'static [&'static str],
    /// What the phone's own configuration had, and what is lost in none of its files at any time.
    pub(crate) kept: &'static [&'static str],
    /// Passwords of the server's that become the phone's own, in its `Config.xml`.
    pub(crate) adopted: &'static [&'static str],
    /// What `provision forget` makes of the phone, before the run, after it, and wherever it was interrupted.
    pub(crate) undone: Undone,
}

/// Something that happens to a phone.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Step {
    /// A command with these words, and what the server answers. `PROFILE` stands for the phone's folder.
    Command(&'static [&'static str], Served),
    /// The phone writes this text as its `Config.xml`.
    Rewritten(&'static str),
    /// The phone has no `Config.xml`.
    Absent,
}

/// What the server has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Served {
    /// A configuration.
    First,
    /// A later one: other passwords, the section `codecs` gone, the section `network` new.
    Second,
    /// None: it is out of order.
    Nothing,
}

/// Something that a run does to a file of the phone's folder.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Change<'a> {
    /// A replacement, written and synced, takes its name.
    Replaced(&'a str),
    /// Another file's content is under this name as well.
    Linked(&'a str),
    Removed(&'a str),
    /// The folder is synced: what was done so far is on the disk, and comes before what is done next.
    Synced,
}

/// What going back to before provisioning comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Undone {
    /// The phone's own `Config.xml`, to the byte (spec 5.4).
    ToTheByte,
    /// No `Config.xml`, as there was none.
    ToNone,
    /// Whatever it comes to without an interruption, since the phone, or the later dialect, has made another file of it.
    AsIfUninterrupted,
}

impl Scenario {
    /// Whether the run keeps others off the folder, and so may remove what they left there. A fetch does not.
    pub(crate) fn has_the_lock(&self) -> bool {
        !matches!(self.run, Step::Command(["fetch", ..], _))
    }
}

impl fmt::Display for Change<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Replaced(name) => write!(f, "{name} replaced"),
            Self::Linked(name) => write!(f, "{name} linked"),
            Self::Removed(name) => write!(f, "{name} removed"),
            Self::Synced => f.write_str("synced"),
        }
    }
}

/// The phone's folder, in words of a command.
pub(crate) const PROFILE: &str = "PROFILE";

pub(crate) const CONFIG: &str = "Config.xml";
pub(crate) const DISPLACED: &str = "provision-displaced.xml";
pub(crate) const SUPERSEDED: &str = "provision-superseded.xml";
pub(crate) const ORIGINAL: &str = "provision-original";
pub(crate) const LAST_GOOD: &str = "provision-last-good.xml";
pub(crate) const PREVIOUS_GOOD: &str = "provision-previous-good.xml";
pub(crate) const PREVIOUS_CONFIG: &str = "provision-previous-config.xml";
pub(crate) const LOCK: &str = "provision-lock";
/// Another copy, beside the first.
pub(crate) const SUPERSEDED_TOO: &str = "provision-superseded-2.xml";
pub(crate) const EFFECTIVE: &str = "effective.xml";
pub(crate) const FETCHED: &str = "fetched.xml";

pub(crate) const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "first",
        changes: &[
            Replaced(ORIGINAL),
            Synced,
            Replaced(DISPLACED),
            Replaced(LAST_GOOD),
            Synced,
            Replaced(CONFIG),
            Synced,
        ],
        ..FIRST_RUN
    },
    Scenario {
        name: "changed",
        before: &[Step::Command(RUN, Served::First)],
        run: Step::Command(RUN, Served::Second),
        // `network` is displaced before, and `codecs` no more after.
        changes: &[
            Replaced(ORIGINAL),
            Linked(PREVIOUS_GOOD),
            Synced,
            Replaced(DISPLACED),
            Replaced(LAST_GOOD),
            Synced,
            Replaced(CONFIG),
            Synced,
            Replaced(DISPLACED),
            Synced,
        ],
        intermediate: &[DISPLACED],
        ..FIRST_RUN
    },
    Scenario {
        name: "changed twice",
        before: &[Step::Command(RUN, Served::First), Step::Command(RUN, Served::Second)],
        changes: &[
            Replaced(ORIGINAL),
            Removed(PREVIOUS_GOOD),
            Linked(PREVIOUS_GOOD),
            Synced,
            Replaced(DISPLACED),
            Replaced(LAST_GOOD),
            Synced,
            Replaced(CONFIG),
            Synced,
            Replaced(DISPLACED),
            Synced,
        ],
        intermediate: &[DISPLACED, PREVIOUS_GOOD],
        ..FIRST_RUN
    },
    Scenario {
        name: "settled",
        before: &[Step::Command(RUN, Served::First), Step::Command(RUN, Served::Second)],
        run: Step::Command(RUN, Served::Second),
        changes: &[Removed(PREVIOUS_GOOD), Synced],
        ..FIRST_RUN
    },
    Scenario {
        name: "unchanged",
        before: &[Step::Command(RUN, Served::First), Step::Command(RUN, Served::First)],
        ..FIRST_RUN
    },
    Scenario {
        name: "last good",
        before: &[Step::Command(RUN, Served::First), Step::Command(RUN, Served::Second)],
        run: Step::Command(RUN, Served::Nothing),
        ..FIRST_RUN
    },
    Scenario { name: "cold", run: Step::Command(RUN, Served::Nothing), status: 1, ..FIRST_RUN },
    Scenario {
        name: "not kept",
        before: &[Step::Command(RUN, Served::First), Step::Command(RUN, Served::Second)],
        run: Step::Command(RUN_NOT_KEPT, Served::Second),
        changes: &[Removed(LAST_GOOD), Removed(PREVIOUS_GOOD), Synced],
        ..FIRST_RUN
    },
    Scenario { name: "rewritten", ..REWRITTEN_RUN },
    Scenario {
        name: "rewritten, last good",
        run: Step::Command(RUN, Served::Nothing),
        ..REWRITTEN_RUN
    },
    Scenario {
        name: "effective",
        before: &[Step::Command(RUN_EFFECTIVE, Served::First)],
        run: Step::Command(RUN_EFFECTIVE, Served::Second),
        changes: &[
            Replaced(ORIGINAL),
            Linked(PREVIOUS_GOOD),
            Synced,
            Replaced(DISPLACED),
            Replaced(LAST_GOOD),
            Replaced(EFFECTIVE),
            Synced,
            Replaced(CONFIG),
            Synced,
            Replaced(DISPLACED),
            Synced,
        ],
        intermediate: &[DISPLACED],
        ..FIRST_RUN
    },
    Scenario {
        name: "overlay",
        before: &[Step::Command(RUN_OVERLAY, Served::First)],
        run: Step::Command(RUN_OVERLAY, Served::Second),
        changes: &[Replaced(PREVIOUS_CONFIG), Synced, Replaced(CONFIG), Synced],
        ..OVERLAY_RUN
    },
    Scenario {
        name: "overlay, settled",
        before: &[Step::Command(RUN_OVERLAY, Served::First)],
        run: Step::Command(RUN_OVERLAY, Served::First),
        changes: &[Removed(PREVIOUS_CONFIG), Synced],
        ..OVERLAY_RUN
    },
    Scenario {
        name: "overlay, first",
        before: &[Step::Command(RUN, Served::First), Step::Command(RUN, Served::Second)],
        run: Step::Command(RUN_OVERLAY, Served::Second),
        // What was displaced is back in `Config.xml`. Who finds it there after an interruption cannot know that the
        // server's keys are laid over that very text.
        changes: &[
            Replaced(SUPERSEDED),
            Replaced(PREVIOUS_CONFIG),
            Synced,
            Replaced(CONFIG),
            Synced,
            Replaced(DISPLACED),
            Removed(ORIGINAL),
            Removed(LAST_GOOD),
            Removed(PREVIOUS_GOOD),
            Synced,
        ],
        lingering: &[DISPLACED],
        ..OVERLAY_RUN
    },
    Scenario {
        name: "forget",
        before: &[Step::Command(RUN, Served::First), Step::Command(RUN, Served::Second)],
        changes: &[
            Replaced(CONFIG),
            Synced,
            Removed(DISPLACED),
            Removed(ORIGINAL),
            Removed(LAST_GOOD),
            Removed(PREVIOUS_GOOD),
            Synced,
        ],
        ..FORGETTING
    },
    Scenario {
        name: "forget, rewritten",
        before: &[Step::Command(RUN, Served::First), Step::Rewritten(REWRITTEN)],
        changes: &[
            Replaced(SUPERSEDED),
            Synced,
            Replaced(CONFIG),
            Synced,
            Removed(DISPLACED),
            Removed(ORIGINAL),
            Removed(LAST_GOOD),
            Synced,
        ],
        // The account made by hand stays, so the other ones are not what the phone goes back to.
        kept: &["rewritten-sip-password", "Speex ultra", "<media_dscp>0</media_dscp>"],
        undone: Undone::AsIfUninterrupted,
        ..FORGETTING
    },
    Scenario {
        name: "forget, no file",
        before: &[Step::Absent, Step::Command(RUN, Served::First)],
        changes: &[Removed(CONFIG), Synced, Removed(ORIGINAL), Removed(LAST_GOOD), Synced],
        kept: &[],
        undone: Undone::ToNone,
        ..FORGETTING
    },
    Scenario {
        name: "last change",
        before: &[Step::Command(RUN, Served::First), Step::Command(RUN, Served::Second)],
        run: Step::Command(LAST_CHANGE, Served::Nothing),
        changes: &[Replaced(LAST_GOOD), Synced, Removed(PREVIOUS_GOOD), Synced],
        ..FORGETTING
    },
    Scenario {
        name: "last change, overlay",
        before: &[
            Step::Command(RUN_OVERLAY, Served::First),
            Step::Command(RUN_OVERLAY, Served::Second),
        ],
        run: Step::Command(LAST_CHANGE, Served::Nothing),
        changes: &[
            Replaced(SUPERSEDED),
            Synced,
            Replaced(CONFIG),
            Synced,
            Removed(PREVIOUS_CONFIG),
            Synced,
        ],
        ..OVERLAY_RUN
    },
    Scenario {
        name: "last change, dialect",
        before: &[Step::Command(RUN, Served::First), Step::Command(RUN_OVERLAY, Served::Second)],
        run: Step::Command(LAST_CHANGE, Served::Nothing),
        changes: &[
            Replaced(SUPERSEDED_TOO),
            Synced,
            Replaced(CONFIG),
            Synced,
            Removed(PREVIOUS_CONFIG),
            Synced,
        ],
        adopted: &SERVER_SECRETS,
        undone: Undone::AsIfUninterrupted,
        ..FIRST_RUN
    },
    Scenario {
        name: "fetch",
        before: &[Step::Command(FETCH, Served::First)],
        run: Step::Command(FETCH, Served::Second),
        changes: &[Replaced(FETCHED), Synced],
        ..FIRST_RUN
    },
];

/// A phone that was never provisioned.
const FIRST_RUN: Scenario = Scenario {
    name: "",
    before: &[],
    run: Step::Command(RUN, Served::First),
    status: 0,
    changes: &[],
    intermediate: &[],
    lingering: &[],
    kept: OWN,
    adopted: &[],
    undone: Undone::ToTheByte,
};

/// One that has written its file since it was.
const REWRITTEN_RUN: Scenario = Scenario {
    before: &[Step::Command(RUN, Served::First), Step::Rewritten(REWRITTEN)],
    changes: &[Replaced(SUPERSEDED), Synced, Replaced(CONFIG), Synced, Removed(ORIGINAL), Synced],
    kept: &["local-sip-password", "Speex ultra", "rewritten-sip-password"],
    undone: Undone::AsIfUninterrupted,
    ..FIRST_RUN
};

/// One of the later dialect.
const OVERLAY_RUN: Scenario = Scenario {
    kept: &["<media_dscp>", "<input_device>"],
    adopted: &SERVER_SECRETS,
    undone: Undone::AsIfUninterrupted,
    ..FIRST_RUN
};

const FORGETTING: Scenario = Scenario { run: FORGET, ..FIRST_RUN };

/// Back to before provisioning, with nobody's help.
pub(crate) const FORGET: Step = Step::Command(&["forget", "--profile", PROFILE], Served::Nothing);

const LAST_CHANGE: &[&str] = &["forget", "--last-change", "--profile", PROFILE];
const RUN: &[&str] = &["run", "--provision", "Provision.xml", "--profile", PROFILE];
const RUN_NOT_KEPT: &[&str] =
    &["run", "--provision", "Provision.xml", "--profile", PROFILE, "--no-last-good"];
const RUN_EFFECTIVE: &[&str] = &[
    "run",
    "--provision",
    "Provision.xml",
    "--profile",
    PROFILE,
    "--effective",
    "PROFILE/effective.xml",
];
const RUN_OVERLAY: &[&str] = &["run", "--provision", "Overlay.xml", "--profile", PROFILE];
const FETCH: &[&str] =
    &["fetch", "--provision", "Provision.xml", "--output", "PROFILE/fetched.xml"];

/// In the sections `accounts`, `codecs` and `network` of the phone's own configuration, and not in the server's.
const OWN: &[&str] = &["local-sip-password", "Speex ultra", "<media_dscp>0</media_dscp>"];

/// The phone's own configuration.
pub(crate) const LOCAL: &str = include_str!("../../../fixtures/config/zoiper3.xml");

/// What the phone writes when its user has made an account by hand.
const REWRITTEN: &str = "<options>
  <network>
    <media_dscp>0</media_dscp>
  </network>
  <accounts>
    <account>
      <name>By hand</name>
      <password>rewritten-sip-password</password>
    </account>
  </accounts>
</options>
";

const FIRST: &str = include_str!("../../../fixtures/answer/zoiper3.xml");

impl Served {
    pub(crate) fn answer(self) -> Answer {
        match self {
            Self::First => Answer::ok(FIRST),
            Self::Second => Answer::ok(second()),
            Self::Nothing => Answer::status(503),
        }
    }
}

fn second() -> String {
    let (start, end) = ("  <codecs>", "</codecs>\n");
    let from = FIRST.find(start).unwrap_or(FIRST.len());
    let to = FIRST.find(end).map_or(FIRST.len(), |at| at + end.len());
    let network = "  <network>\n    <media_dscp>46</media_dscp>\n  </network>\n";
    let text = format!("{}{network}{}", &FIRST[..from], &FIRST[to..]);
    text.replace("server-sip-password-1", "server-sip-password-3")
}

/// Passwords that the server sends. Only files that nobody else can read may hold them.
pub(crate) const SERVER_SECRETS: [&str; 3] =
    ["server-sip-password-1", "server-sip-password-2", "server-sip-password-3"];

/// What the phone tells the server; no file of its folder may ever hold the password or its digest.
pub(crate) const USER: &str = "alice";
pub(crate) const PASSWORD: &str = "c4nary-p4ss";
pub(crate) const CREDENTIAL_SECRETS: [&str; 2] = [PASSWORD, "d80626962260420a9d3be8cf0c4fb534"];

/// The sections that are the server's in every row but that of the later dialect.
pub(crate) const SECTIONS: &str = "general,accounts,codecs,network,stun_options";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documents_have_what_the_table_says() {
        for secret in OWN.iter().chain(&["<input_device>"]) {
            assert!(LOCAL.contains(secret), "{secret}");
            assert!(!FIRST.contains(secret), "{secret}");
        }
        let second = second();
        assert!(second.contains("server-sip-password-3") && !second.contains("codecs"));
        assert!(second.contains("<media_dscp>46<") && second.ends_with("</options>\n"));
    }
}
