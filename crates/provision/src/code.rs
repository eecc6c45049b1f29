//! The codes of a run's errors and notes, and what they mean.

use std::fmt;

use crate::{Note, RunError};

macro_rules! codes {
    ($( $group:literal { $( $(#[doc = $meaning:literal])+ $name:ident = $text:literal; mend: $mend:literal; )* } )*) => {
        /// Why a run ended without a result, or what its user should know.
        ///
        /// Codes of documents are [`format::Code`](provision_format::Code), those of servers
        /// [`fetch::Code`](provision_fetch::Code). The name in kebab case is stable: names are added, never
        /// reused.
        ///
        /// ```
        /// use provision::{Code, RunError};
        ///
        /// let code = Code::of(&RunError::Cancelled).expect("it is no failed fetch");
        /// assert_eq!(code.as_str(), "cancelled");
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Code {
            $( $( $(#[doc = $meaning])+ $name, )* )*
        }

        impl Code {
            /// Every code, in the order of a run's steps.
            pub const ALL: &'static [Self] = &[$( $( Self::$name, )* )*];

            /// The stable name, such as `file-unreadable`.
            pub fn as_str(self) -> &'static str {
                match self { $( $( Self::$name => $text, )* )* }
            }

            /// What the code means, in one or two sentences.
            pub fn meaning(self) -> &'static str {
                match self { $( $( Self::$name => concat!($($meaning),+).trim_ascii(), )* )* }
            }

            /// What to do about it, in one or two sentences.
            pub fn mend(self) -> &'static str {
                match self { $( $( Self::$name => $mend, )* )* }
            }

            /// The title under which codes of its kind stand together.
            pub fn group(self) -> &'static str {
                match self { $( $( Self::$name )|* => $group, )* }
            }
        }
    };
}

codes! {
    "A run that ends without a result" {
        /// A file or folder cannot be read.
        FileUnreadable = "file-unreadable";
        mend: "Check that it exists and that this user may read it.";

        /// The phone's folder is missing or cannot be looked into.
        ProfileFolder = "profile-folder";
        mend: "Make the folder, or name the one that holds the phone's `Config.xml`.";

        /// A file was read and is not valid; its findings have codes of their own.
        FileInvalid = "file-invalid";
        mend: "Correct what the findings name; `provision check` shows all of them.";

        /// The file in which the phone's own sections are kept, while the server's stand in their place, is not valid.
        DisplacedInvalid = "displaced-invalid";
        mend: "Mend it, or move it away to go on without these sections.";

        /// A result was to be written over a file that the run needs.
        OutputOverInput = "output-over-input";
        mend: "Name another file for the result.";

        /// Another run is at work on this profile, and was for the 10 seconds that this one waited.
        ProfileBusy = "profile-busy";
        mend: "Wait until the other run is over, or end it.";

        /// The file by which two runs on a profile are kept apart cannot be opened or locked.
        LockUnusable = "lock-unusable";
        mend: "Check that this user may write it; if nothing is at work on the phone's folder, it may be deleted.";

        /// The provisioning file asks for credentials, and there are none.
        CredentialsMissing = "credentials-missing";
        mend: "Give a user name and a password, or preset them in the provisioning file.";

        /// The user was asked for credentials and gave none.
        Cancelled = "cancelled";
        mend: "Start again when user name and password are at hand.";

        /// The provisioning file says that its password is an MD5 digest, and it is none.
        PasswordNoDigest = "password-no-digest";
        mend: "Write 32 hexadecimal digits, or set `password_format` to 1.";

        /// The server's configuration cannot be merged with the phone's own.
        MergeFailed = "merge-failed";
        mend: "Save the phone's `Config.xml` as UTF-8: its encoding may lack a character that the server sends.";

        /// A file cannot be written.
        FileUnwritable = "file-unwritable";
        mend: "Check that its folder exists, that this user may write there, and that the disk has room.";

        /// The phone saved its configuration again and again while a run was to replace it. What it saved is there.
        ConfigSaved = "config-saved";
        mend: "Start again when the phone does not write it.";

        /// A call that waits for the network was made where that is not possible.
        NoRuntime = "no-runtime";
        mend: "Call it from a thread that runs no asynchronous code, or await `run` there.";
    }

    "What the user of a run should know" {
        /// Credentials were given, and the provisioning file says that none are sent.
        CredentialsUnused = "credentials-unused";
        mend: "Leave them out, or set `use_authentication` to 1 in the provisioning file.";

        /// The credentials that were given went before those of the provisioning file.
        PresetOverridden = "preset-overridden";
        mend: "Leave them out to use those of the file.";

        /// There was no `Config.xml`, so the merge began with an empty one.
        NoLocalConfig = "no-local-config";
        mend: "If the phone has one, name the folder that it lies in.";

        /// The phone saved its configuration while this run was to replace it, so the configurations were merged anew.
        MergedAnew = "merged-anew";
        mend: "Nothing: what the phone saved is kept.";

        /// The profile cannot be locked: its folder is read-only or full, or its file system knows no locks.
        NoLock = "no-lock";
        mend: "See that no other run is at work on it at the same time.";

        /// No server answered, and what is kept for that case was another user's, or came from other servers or for other sections.
        LastGoodNotOurs = "last-good-not-ours";
        mend: "Nothing; the next run that reaches a server keeps what that one sends.";

        /// No server answered, and what is kept for that case is damaged.
        LastGoodDamaged = "last-good-damaged";
        mend: "Nothing; the next run that reaches a server makes it anew.";
    }

    "What an examination finds" {
        /// There is no provisioning file in any of the places, so provisioning is off.
        ProvisioningOff = "provisioning-off";
        mend: "If this phone is to be provisioned, put a `Provision.xml` into one of the places, or name it.";

        /// This user cannot replace files in the phone's folder, so that nothing can be stored.
        FolderUnwritable = "folder-unwritable";
        mend: "Give the folder to the user as whom the phone runs, or name another one.";

        /// A file that is kept beside `Config.xml` may hold passwords, and others than its owner can get at it.
        FileExposed = "file-exposed";
        mend: "Take the rights of others away (`chmod go= FILE`).";

        /// A server's certificate is valid for a few more days only.
        CertificateEndsSoon = "certificate-ends-soon";
        mend: "Have the certificate renewed; every phone fails there once it has expired.";

        /// The clock of this machine is wrong, which makes good certificates seem bad.
        ClockWrong = "clock-wrong";
        mend: "Set the clock, and have it set by the network (NTP).";
    }
}

impl Code {
    /// The code of this name, such as `file-unreadable`.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.as_str() == name)
    }

    /// The code of an error; none for a failed fetch, whose codes are those of its attempts.
    pub fn of(error: &RunError) -> Option<Self> {
        // Without a `_`: a new error is to have its line in the table.
        Some(match error {
            RunError::ReadFile { .. } => Self::FileUnreadable,
            RunError::ProfileFolder { .. } => Self::ProfileFolder,
            RunError::InvalidFile { .. } => Self::FileInvalid,
            RunError::InvalidDisplaced { .. } => Self::DisplacedInvalid,
            RunError::OutputOverInput { .. } => Self::OutputOverInput,
            RunError::Busy { .. } => Self::ProfileBusy,
            RunError::LockUnusable { .. } => Self::LockUnusable,
            RunError::ConfigChanged { .. } => Self::ConfigSaved,
            RunError::NoRuntime(_) => Self::NoRuntime,
            RunError::CredentialsMissing { .. } => Self::CredentialsMissing,
            RunError::Cancelled => Self::Cancelled,
            RunError::NotADigest { .. } => Self::PasswordNoDigest,
            RunError::Fetch(_) => return None,
            RunError::Merge(_) => Self::MergeFailed,
            RunError::WriteFile { .. } => Self::FileUnwritable,
        })
    }
}

impl From<Note> for Code {
    fn from(note: Note) -> Self {
        // As above.
        match note {
            Note::CredentialsUnused => Self::CredentialsUnused,
            Note::PresetOverridden => Self::PresetOverridden,
            Note::NoLocalConfig => Self::NoLocalConfig,
            Note::ConfigChanged => Self::MergedAnew,
            Note::NoLock => Self::NoLock,
            Note::LastGoodNotOurs => Self::LastGoodNotOurs,
            Note::LastGoodDamaged => Self::LastGoodDamaged,
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn names_are_distinct_kebab_case_and_explained() {
        let names: BTreeSet<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(names.len(), Code::ALL.len());
        for code in Code::ALL {
            assert!(code.as_str().bytes().all(|b| b.is_ascii_lowercase() || b == b'-'), "{code}");
            assert!(code.meaning().ends_with('.'), "{code}: {}", code.meaning());
            assert!(code.mend().ends_with('.'), "{code}: {}", code.mend());
            assert_eq!(Code::from_name(code.as_str()), Some(*code));
        }
    }
}
