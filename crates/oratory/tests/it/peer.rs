//! llama.cpp's own tests of its server, run against this one.
//!
//! Each passes, or stands in `peer/differs.txt` with the reason why it does not. The tests come from a
//! source package on PyPI, which `ORATORY_SLOW=1` fetches; where they are not, this test says so.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use oratory_local::shapes::{find, write};

use crate::house::{House, Server};
use crate::packages::{folder, python, run, within};

/// The package whose source holds the tests, and where they lie in it.
const PACKAGE: &str = "llama-cpp-python==0.3.36";
const TESTS: &str = "tools/server/tests/";

/// What the tests import.
const NEEDS: [&str; 6] =
    ["pytest~=8.3.3", "requests~=2.32", "openai~=2.14.0", "filelock", "wget", "prometheus-client"];

/// The models that the tests ask for by name, all the same.
const NAMES: [&str; 6] =
    ["test", "gpt-3.5-turbo", "gpt-3.5-turbo-instruct", "davinci-002", "gpt-4.1", "tiny-llama"];

/// The key that the tests of keys send.
const KEY: &str = "sk-this-is-the-secret-key";

#[test]
fn tests_of_llama_cpp_s_server_pass_or_differ_for_a_reason() {
    let (python, tests) = match python("peer", &NEEDS).and_then(|it| Ok((it.clone(), suite(&it)?)))
    {
        Ok(found) => found,
        Err(why) => return eprintln!("skipped: {why}"),
    };
    let differs = reasons();
    let house = house();
    let plain = house.serve();
    let mut with_key = house.command(&["serve", "--listen", "127.0.0.1:0", "--log", "info"]);
    with_key.env("ORATORY_SERVER_KEY", KEY);
    let with_key = Server::start(with_key);
    let (keys, others): (Vec<_>, Vec<_>) =
        files(&tests, &differs).into_iter().partition(|file| file.contains("security"));
    let mut told = outcomes(&python, &tests, &plain, &others);
    told.extend(outcomes(&python, &tests, &with_key, &keys));
    let reason = |name: &str| differs.keys().find(|reason| fits(reason, name));
    let failed = || told.iter().filter(|(_, passed)| !**passed).map(|(name, _)| name);
    let wrong: Vec<&String> = failed().filter(|name| reason(name).is_none()).collect();
    assert!(wrong.is_empty(), "these fail for no reason that is known: {wrong:#?}");
    let stale: Vec<&String> = differs
        .iter()
        .filter(|(differs, passes)| **passes == Passes::Never && !differs.ends_with(".py"))
        .map(|(differs, _)| differs)
        .filter(|differs| failed().all(|name| !fits(differs, name)))
        .collect();
    assert!(stale.is_empty(), "these pass, and need no reason: {stale:#?}");
    let passed = told.values().filter(|passed| **passed).count();
    println!("{passed} of {} pass, the others differ for a reason", told.len());
}

fn house() -> House {
    let house = House::new().settings("[home]\nlanes = 2\ncontext = 4096\n");
    for name in NAMES {
        write(&find("tiny-llama").unwrap(), &house.model(name)).unwrap();
    }
    for name in ["tiny-bert", "tiny-bert-reranker", "text-embedding-3-small"] {
        let shape = if name.starts_with("text") { "tiny-bert" } else { name };
        write(&find(shape).unwrap(), &house.model(name)).unwrap();
    }
    house
}

/// Returns the files of tests, without those that differ as a whole.
fn files(tests: &Path, differs: &BTreeMap<String, Passes>) -> Vec<String> {
    let all = std::fs::read_dir(tests.join("unit")).unwrap();
    let all = all.map(|file| format!("unit/{}", file.unwrap().file_name().to_str().unwrap()));
    all.filter(|file| file.ends_with(".py") && !differs.contains_key(file)).collect()
}

/// Runs files of tests, and returns which of them pass.
fn outcomes(
    python: &Path,
    tests: &Path,
    server: &Server,
    files: &[String],
) -> BTreeMap<String, bool> {
    let mut command = Command::new(python);
    command.args(["-m", "pytest", "-q", "-rA", "--tb=no", "-p", "no:cacheprovider"]);
    command.args(["--show-capture=no", "-m", "not slow"]).args(files);
    command.env("PORT", server.address.port().to_string()).env("DEBUG_EXTERNAL", "1");
    let output = within(command.current_dir(tests), Duration::from_secs(550)).unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains(" passed"), "{said}{}", String::from_utf8_lossy(&output.stderr));
    let outcome = |line: &str| {
        let (outcome, name) = line.split_once(' ')?;
        let passed = match outcome {
            "PASSED" => true,
            "FAILED" | "ERROR" => false,
            _ => return None,
        };
        // What went wrong follows the name, which may have spaces in its brackets.
        Some((name.split(" - ").next()?.to_owned(), passed))
    };
    said.lines().filter_map(outcome).collect()
}

/// Returns the folder of the tests, fetched if it may be.
#[allow(clippy::disallowed_methods, reason = "a person who tests has no other way to say so")]
fn suite(python: &Path) -> Result<PathBuf, String> {
    let (packages, tests) = (folder("peer-source"), folder("peer-tests"));
    if tests.join("complete").exists() {
        return Ok(tests);
    }
    if std::env::var_os("ORATORY_SLOW").is_none() {
        return Err(format!("{PACKAGE} is not here; ORATORY_SLOW=1 fetches it, 77 MB"));
    }
    let mut fetch = Command::new(python);
    fetch.args([
        "-m",
        "pip",
        "download",
        "--quiet",
        "--no-deps",
        "--no-binary",
        "llama-cpp-python",
        "--dest",
    ]);
    run(fetch.arg(&packages).arg(PACKAGE))?;
    let unpack = "import pathlib, sys, tarfile\n\
        source, to, inside = sys.argv[1:]\n\
        archive = tarfile.open(next(pathlib.Path(source).glob('*.tar.gz')))\n\
        for entry in archive:\n\
        \x20   name = entry.name.partition('/vendor/llama.cpp/' + inside)[2]\n\
        \x20   if name and entry.isfile() and '..' not in name:\n\
        \x20       path = pathlib.Path(to, name)\n\
        \x20       path.parent.mkdir(parents=True, exist_ok=True)\n\
        \x20       path.write_bytes(archive.extractfile(entry).read())\n\
        pathlib.Path(to, 'complete').touch()\n";
    run(Command::new(python).args(["-c", unpack]).arg(&packages).arg(&tests).arg(TESTS))?;
    Ok(tests)
}

/// Whether a test is meant: by its name, with whatever it is run with, or by how its name begins.
fn fits(meant: &str, name: &str) -> bool {
    match meant.strip_suffix('*') {
        Some(begins) => name.starts_with(begins),
        None => {
            name.strip_prefix(meant).is_some_and(|rest| rest.is_empty() || rest.starts_with('['))
        }
    }
}

/// Whether a test that differs passes all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Passes {
    Never,
    /// Where it draws what it looks for.
    ByChance,
}

/// Returns the names of tests that differ for a reason, which stands above them.
fn reasons() -> BTreeMap<String, Passes> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peer/differs.txt");
    let (mut all, mut reasoned) = (BTreeMap::new(), false);
    for line in std::fs::read_to_string(path).unwrap().lines() {
        if line.starts_with("unit/") {
            assert!(reasoned, "{line} has no reason");
            match line.strip_suffix(" by chance") {
                Some(name) => all.insert(name.to_owned(), Passes::ByChance),
                None => all.insert(line.to_owned(), Passes::Never),
            };
        } else {
            reasoned = line.starts_with("# ");
        }
    }
    all
}
