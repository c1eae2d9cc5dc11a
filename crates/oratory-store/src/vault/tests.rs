//! Drawers that stay over a restart, and what becomes of them when something is wrong.

use std::fs;
use std::time::{Duration, SystemTime};

use oratory_contract::{CallerName, Drawer, Surrogate, Vault, Whose};

use super::*;

const MONTH: Duration = Duration::from_secs(30 * 86_400);

struct House(tempfile::TempDir);

impl House {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn folder(&self) -> PathBuf {
        self.0.path().join("vault")
    }

    fn vault(&self) -> SealedVault {
        SealedVault::new(self.folder(), MONTH)
    }

    fn drawer(&self) -> PathBuf {
        let names = drawers(&self.folder()).unwrap();
        assert_eq!(names.len(), 1);
        self.vault().path(&names[0])
    }
}

fn whose(caller: &str, opening: u8) -> Whose {
    Whose { caller: caller.into(), opening: [opening; 32] }
}

fn private() -> Surrogate {
    let (kind, original) = ("EMAIL".to_owned(), "ada@example.org".to_owned());
    Surrogate { kind, original, surrogate: "<EMAIL_1>".to_owned() }
}

fn put(house: &House, whose: &Whose) -> Drawer {
    let mut seen = Drawer::default();
    let work = &mut |drawer: &mut Drawer| {
        drawer.entries.push(private());
        seen = drawer.clone();
    };
    house.vault().open(whose, work).unwrap();
    seen
}

fn look(house: &House, whose: &Whose) -> Result<Drawer, Failure> {
    let mut seen = Drawer::default();
    house.vault().open(whose, &mut |drawer| seen = drawer.clone())?;
    Ok(seen)
}

#[test]
fn what_was_put_in_is_there_after_a_restart_and_only_there() {
    let house = House::new();
    let put = put(&house, &whose("ada", 1));
    assert_eq!(look(&house, &whose("ada", 1)).unwrap(), put);
    for other in [whose("ada", 2), whose("bob", 1)] {
        let other = look(&house, &other).unwrap();
        assert_eq!(other.entries, []);
        assert_ne!((other.name, other.first), (put.name.clone(), put.first));
    }
}

#[test]
fn nothing_can_be_read_from_the_files() {
    let house = House::new();
    put(&house, &whose("ada", 1));
    for entry in fs::read_dir(house.folder()).unwrap() {
        let path = entry.unwrap().path();
        let bytes = fs::read(&path).unwrap();
        assert!(!bytes.windows(4).any(|part| part == b"ada@"), "{}", path.display());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(&path).unwrap().permissions().mode();
            assert_eq!(mode & 0o077, 0, "{}: {mode:o}", path.display());
        }
    }
}

#[test]
fn any_change_to_a_file_is_noticed_and_told() {
    let house = House::new();
    put(&house, &whose("ada", 1));
    let path = house.drawer();
    let whole = fs::read(&path).unwrap();
    for at in [0, 9, 25, whole.len() - 1] {
        let mut changed = whole.clone();
        changed[at] ^= 1;
        fs::write(&path, &changed).unwrap();
        let failure = look(&house, &whose("ada", 1)).unwrap_err();
        assert_eq!((failure.kind, &failure.at), (FailureKind::Refused, &At::Oratory));
        assert!(failure.hint.unwrap().contains("forget --conversation "));
    }
    fs::write(&path, &whole[..20]).unwrap();
    assert!(look(&house, &whose("ada", 1)).is_err());
    fs::write(&path, &whole).unwrap();
    fs::rename(&path, house.folder().join("00000000-0000000000000001.drawer")).unwrap();
    assert_eq!(look(&house, &whose("ada", 1)).unwrap().entries, [], "lent to another name");
}

#[test]
fn a_key_that_is_gone_damaged_or_open_stops_everything() {
    let house = House::new();
    put(&house, &whose("ada", 1));
    let key = house.folder().join("key");
    let bytes = fs::read(&key).unwrap();
    let stopped = |what: &str| {
        let failure = look(&house, &whose("bob", 9)).unwrap_err();
        assert!(failure.message.contains(what), "{failure}");
        assert!(house.vault().check().is_err());
    };
    fs::write(&key, &bytes[..31]).unwrap();
    stopped("is damaged");
    fs::remove_file(&key).unwrap();
    stopped("is gone");
    fs::write(&key, &bytes).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
        stopped("can be read by others");
        fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    }
    assert_eq!(look(&house, &whose("ada", 1)).unwrap().entries, [private()]);
}

#[test]
fn what_nobody_used_for_long_is_forgotten() {
    let house = House::new();
    put(&house, &whose("ada", 1));
    let path = house.drawer();
    let age = |age: Duration| {
        let file = File::options().append(true).open(&path).unwrap();
        file.set_modified(SystemTime::now() - age).unwrap();
    };
    age(MONTH - DAY);
    assert_eq!(look(&house, &whose("ada", 1)).unwrap().entries.len(), 1);
    assert!(fs::metadata(&path).unwrap().modified().unwrap().elapsed().unwrap() < DAY, "used");
    age(MONTH + DAY);
    assert_eq!(look(&house, &whose("bob", 1)).unwrap().entries, []);
    assert!(!path.exists(), "it is swept by whoever comes next");
}

#[test]
fn forgetting_takes_one_a_callers_or_all() {
    let house = House::new();
    let ada = put(&house, &whose("ada", 1));
    put(&house, &whose("ada", 2));
    put(&house, &whose("bob", 1));
    let vault = house.vault();
    assert_eq!(vault.forget(Forget::Conversation("0badc0de-0000000000000000")).unwrap(), 0);
    assert_eq!(vault.forget(Forget::Conversation(&ada.name)).unwrap(), 1);
    assert_eq!(look(&house, &whose("ada", 1)).unwrap().entries, []);
    assert_eq!(vault.forget(Forget::Caller(&CallerName::from("ada"))).unwrap(), 2);
    assert_eq!(look(&house, &whose("bob", 1)).unwrap().entries.len(), 1);
    assert_eq!(vault.forget(Forget::All).unwrap(), 1);
    assert!(!house.folder().join("key").exists());
    put(&house, &whose("ada", 1));
}

#[test]
fn names_are_no_paths() {
    let house = House::new();
    for name in ["", "../../key", "00000000-000000000000000/", "0-0", "key"] {
        let opened = house.vault().open_named(name, &mut |_| panic!("it is no name"));
        assert!(matches!(opened, Err(VaultError::Name { .. })), "{name}");
    }
}

#[test]
fn many_at_once_lose_nothing() {
    let house = House::new();
    std::thread::scope(|scope| {
        for number in 0..40 {
            let (vault, whose) = (house.vault(), whose("ada", number % 4));
            scope.spawn(move || {
                let entry = Surrogate { original: number.to_string(), ..private() };
                vault.open(&whose, &mut |drawer| drawer.entries.push(entry.clone())).unwrap();
            });
        }
    });
    for number in 0..4 {
        assert_eq!(look(&house, &whose("ada", number)).unwrap().entries.len(), 10);
    }
}
