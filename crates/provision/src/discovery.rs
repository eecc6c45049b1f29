//! Where `Provision.xml` is looked for (spec 2).

use std::env;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The name of the provisioning file.
const FILE_NAME: &str = "Provision.xml";

/// How the provisioning file is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Discovery {
    /// This file; that it is missing is an error.
    File(PathBuf),
    /// The first of these that exists; that none does means that provisioning is off (spec 2.3).
    Search(Vec<Place>),
}

impl Discovery {
    /// A search in the places of spec 2.1, for the platform and the environment of this process.
    pub fn standard(working_directory: WorkingDirectory) -> Self {
        let platform = Platform::current();
        Self::Search(platform.places(&Environment::current(), working_directory))
    }

    /// Looks for the file. Gives every place that was looked at, the last one being the one that
    /// decides (spec 2.2), if any does.
    pub(crate) fn look(&self) -> (Vec<LookedAt>, Option<PathBuf>) {
        let places = match self {
            Self::File(path) => return (Vec::new(), Some(path.clone())),
            Self::Search(places) => places,
        };
        let mut looked_at = Vec::new();
        for place in places {
            let sighting = sighting(&place.file);
            looked_at.push(LookedAt { place: place.clone(), sighting });
            if sighting == Sighting::Found {
                return (looked_at, Some(place.file.clone()));
            }
        }
        (looked_at, None)
    }
}

impl Default for Discovery {
    fn default() -> Self {
        Self::standard(WorkingDirectory::Included)
    }
}

/// Whether the current working directory is one of the places. A file planted there redirects the
/// phone, so an embedding program may leave it out (spec 2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WorkingDirectory {
    /// It is looked at first.
    Included,
    /// It is not looked at.
    LeftOut,
}

/// Somewhere a provisioning file may lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Why there.
    pub kind: PlaceKind,
    /// The file's path.
    pub file: PathBuf,
}

/// What a [`Place`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PlaceKind {
    /// The current working directory.
    WorkingDirectory,
    /// The installation directory: the executable's own or the phone's usual one.
    Installation,
    /// The user's application data directory.
    ApplicationData,
    /// A place of the embedding program's own.
    Custom,
}

/// A place, and what was there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LookedAt {
    /// The place.
    pub place: Place,
    /// What was there.
    pub sighting: Sighting,
}

/// What was found in a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sighting {
    /// The file; it decides, whatever is in it (spec 2.2).
    Found,
    /// No file.
    Absent,
    /// The folder may not be looked into, so for this user there is no file.
    Inaccessible,
}

fn sighting(file: &Path) -> Sighting {
    // Not following links: one that leads nowhere is a file that cannot be read, not an absent one.
    match fs::symlink_metadata(file) {
        Ok(_) => Sighting::Found,
        Err(error) => match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Sighting::Absent,
            io::ErrorKind::PermissionDenied => Sighting::Inaccessible,
            // Something is there, and reading it will say what is wrong with it.
            _ => Sighting::Found,
        },
    }
}

/// Whose rules hold for the places.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Platform {
    /// Windows.
    Windows,
    /// macOS.
    MacOs,
    /// Linux and other systems that keep to the XDG base directories.
    Xdg,
}

impl Platform {
    /// The platform that this program was built for.
    pub fn current() -> Self {
        if cfg!(windows) {
            Self::Windows
        } else if cfg!(target_os = "macos") {
            Self::MacOs
        } else {
            Self::Xdg
        }
    }

    /// The places of spec 2.1, in their order. A pure function, so that every platform's rules can be
    /// tested on any.
    pub fn places(
        self,
        environment: &Environment,
        working_directory: WorkingDirectory,
    ) -> Vec<Place> {
        let mut folders = Vec::new();
        if working_directory == WorkingDirectory::Included {
            folders.extend(
                environment
                    .working_directory
                    .clone()
                    .map(|folder| (PlaceKind::WorkingDirectory, folder)),
            );
        }
        let installation = |folder| (PlaceKind::Installation, folder);
        folders.extend(environment.executable_directory.clone().map(installation));
        match (self, &environment.home) {
            (Self::Windows, _) => {
                let programs = PathBuf::from(r"C:\Program Files (x86)");
                folders.extend(["Zoiper", "Zoiper5"].map(|name| installation(programs.join(name))));
            }
            (_, Some(home)) => {
                folders.extend([".Zoiper", ".Zoiper5"].map(|name| installation(home.join(name))));
            }
            (_, None) => {}
        }
        if let Some(data) = self.application_data(environment) {
            let names = ["Zoiper", "Zoiper5"];
            folders.extend(names.map(|name| (PlaceKind::ApplicationData, data.join(name))));
        }
        let place = |(kind, folder): (_, PathBuf)| Place { kind, file: folder.join(FILE_NAME) };
        folders.into_iter().map(place).collect()
    }

    /// The folder in which a phone keeps its `Config.xml`, unless it is told another one (spec 8.2).
    pub fn profile(self, environment: &Environment) -> Option<PathBuf> {
        self.application_data(environment).map(|data| data.join("Zoiper"))
    }

    fn application_data(self, environment: &Environment) -> Option<PathBuf> {
        let in_home = |path: &str| environment.home.as_ref().map(|home| home.join(path));
        match self {
            Self::Windows => environment.app_data.clone(),
            Self::MacOs => in_home("Library/Application Support"),
            // The XDG base directory specification ignores relative paths.
            Self::Xdg => match &environment.xdg_config_home {
                Some(path) if path.is_absolute() => Some(path.clone()),
                _ => in_home(".config"),
            },
        }
    }
}

/// What the places depend on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Environment {
    /// The current working directory.
    pub working_directory: Option<PathBuf>,
    /// The directory of the running executable.
    pub executable_directory: Option<PathBuf>,
    /// The user's home directory: `HOME`.
    pub home: Option<PathBuf>,
    /// `APPDATA`, on Windows.
    pub app_data: Option<PathBuf>,
    /// `XDG_CONFIG_HOME`.
    pub xdg_config_home: Option<PathBuf>,
}

impl Environment {
    /// That of this process. What cannot be told is left out.
    pub fn current() -> Self {
        let variable =
            |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let executable = env::current_exe().ok();
        Self {
            working_directory: env::current_dir().ok(),
            executable_directory: executable.and_then(|path| Some(path.parent()?.to_owned())),
            home: variable("HOME"),
            app_data: variable("APPDATA"),
            xdg_config_home: variable("XDG_CONFIG_HOME"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment() -> Environment {
        Environment {
            working_directory: Some("/cwd".into()),
            executable_directory: Some("/exe".into()),
            home: Some("/u".into()),
            app_data: Some("/appdata".into()),
            xdg_config_home: None,
        }
    }

    fn files(platform: Platform, environment: &Environment) -> Vec<PathBuf> {
        let places = platform.places(environment, WorkingDirectory::Included);
        places.into_iter().map(|place| place.file).collect()
    }

    fn expected(folders: &[&str]) -> Vec<PathBuf> {
        folders.iter().map(|folder| Path::new(folder).join("Provision.xml")).collect()
    }

    #[test]
    fn the_places_are_those_of_the_document_in_its_order() {
        assert_eq!(
            files(Platform::Xdg, &environment()),
            expected(&[
                "/cwd",
                "/exe",
                "/u/.Zoiper",
                "/u/.Zoiper5",
                "/u/.config/Zoiper",
                "/u/.config/Zoiper5",
            ])
        );
        assert_eq!(
            files(Platform::MacOs, &environment())[4..],
            expected(&[
                "/u/Library/Application Support/Zoiper",
                "/u/Library/Application Support/Zoiper5",
            ])
        );
        let programs = PathBuf::from(r"C:\Program Files (x86)");
        let windows = files(Platform::Windows, &environment());
        assert_eq!(windows[2], programs.join("Zoiper").join("Provision.xml"));
        assert_eq!(windows[3], programs.join("Zoiper5").join("Provision.xml"));
        assert_eq!(windows[4..], expected(&["/appdata/Zoiper", "/appdata/Zoiper5"]));
    }

    #[test]
    fn xdg_config_home_counts_only_when_absolute() {
        let with = |path: &str| Environment { xdg_config_home: Some(path.into()), ..environment() };
        let profile = |environment| Platform::Xdg.profile(&environment);
        assert_eq!(profile(with("/etc/xdg")), Some("/etc/xdg/Zoiper".into()));
        assert_eq!(profile(with("xdg")), Some("/u/.config/Zoiper".into()));
        assert_eq!(profile(Environment::default()), None);
    }

    #[test]
    fn the_working_directory_can_be_left_out() {
        let places = Platform::Xdg.places(&environment(), WorkingDirectory::LeftOut);
        assert!(places.iter().all(|place| place.kind != PlaceKind::WorkingDirectory));
        assert_eq!(places.len(), 5);
    }

    #[test]
    fn the_first_file_that_exists_decides() {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let place = |name: &str| Place { kind: PlaceKind::Custom, file: folder.path().join(name) };
        fs::write(folder.path().join("b"), "not even XML").expect("the folder is writable");
        let search = Discovery::Search(vec![place("a"), place("b"), place("c")]);
        let (looked_at, found) = search.look();
        assert_eq!(found, Some(folder.path().join("b")));
        let sightings: Vec<_> = looked_at.iter().map(|looked| looked.sighting).collect();
        assert_eq!(sightings, [Sighting::Absent, Sighting::Found]);

        let (looked_at, found) = Discovery::Search(vec![place("a"), place("c")]).look();
        assert_eq!((looked_at.len(), found), (2, None));
    }
}
