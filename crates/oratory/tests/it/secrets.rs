//! Keys of places: from the keyring, from a file, and missing.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use oratory_fakes::Provider;

use crate::house::{House, printed};

const KEY: &str = "a-key-that-nobody-may-read";

fn write(path: &Path, text: &str, mode: u32) {
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

fn settings(provider: &Provider, key: &str) -> String {
    format!(
        "[places.lab]\nurl = \"{}\"\ntier = \"onprem\"\nclearance = \"internal\"\nmodels = [\"echo\"]\n{key}\n",
        provider.url()
    )
}

/// Runs a command with these programs, and returns everything it said and whether it did well.
fn told(house: &House, arguments: &[&str], programs: &Path) -> (bool, String) {
    let output = house.command(arguments).env("PATH", programs).output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(said).unwrap())
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_key_comes_from_the_keyring_and_a_missing_one_is_told() {
    let provider = Provider::start().await;
    let programs = tempfile::tempdir().unwrap();
    let house = House::new().settings(&settings(&provider, "key_from = \"keyring:lab-key\""));
    let ask = ["ask", "--log", "trace", "--model", "lab/echo", "hello"];
    let (_, said) = told(&house, &ask, programs.path());
    assert!(said.contains("lab lacks its key: secret-tool, which asks"), "{said}");
    assert!(said.contains("next: install it"), "{said}");

    // What the keyring's own program would say, for exactly this entry.
    let script = format!(
        "#!/bin/sh\n[ \"$*\" = 'lookup service oratory place lab-key' ] || exit 1\nprintf '%s' {KEY}\n"
    );
    write(&programs.path().join("secret-tool"), &script, 0o755);
    let (well, said) = told(&house, &ask, programs.path());
    assert!(well && !said.contains(KEY), "{said}");
    let sent = provider.received().join("\n");
    assert!(sent.contains(&format!("authorization: Bearer {KEY}")), "{sent}");

    let other = House::new().settings(&settings(&provider, "key_from = \"keyring:\""));
    let (_, said) = told(&other, &["portfolio"], programs.path());
    assert!(said.contains("the keyring has no entry \"lab\" of service \"oratory\""), "{said}");
    assert!(
        said.contains("next: `secret-tool store --label=lab service oratory place lab`"),
        "{said}"
    );
    let steers = House::new().settings(&settings(&provider, "key_from = \"keyring:a b;rm\""));
    let (_, said) = told(&steers, &["portfolio"], programs.path());
    assert!(said.contains("cannot be the name of an entry in the keyring"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_comes_from_a_file_that_others_had_better_not_read() {
    let provider = Provider::start().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("key");
    let house =
        House::new().settings(&settings(&provider, &format!("key_file = \"{}\"", file.display())));
    let ask = ["ask", "--model", "lab/echo", "hello"];
    let (well, said) = told(&house, &ask, folder.path());
    assert!(
        !well && said.contains("lab lacks its key:") && said.contains("cannot be read"),
        "{said}"
    );
    assert!(said.contains("next: write the key, and nothing else, into"), "{said}");
    assert!(provider.received().is_empty());
    write(&file, &format!("{KEY}\n"), 0o600);
    let (well, said) = told(&house, &ask, folder.path());
    assert!(well && !said.contains("others can read"), "{said}");
    assert!(provider.received().join("").contains(&format!("Bearer {KEY}\r\n")));
    write(&file, &format!("{KEY}\n"), 0o644);
    let (well, said) = told(&house, &ask, folder.path());
    assert!(well && said.contains("others can read the file of this key") && !said.contains(KEY));
    write(&file, " \n", 0o600);
    assert!(told(&house, &ask, folder.path()).1.contains("is empty"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_without_its_key_is_shown_so_and_the_others_go_on() {
    let provider = Provider::start().await;
    let unset = settings(&provider, "key_from = \"NOT_SET_ANYWHERE\"");
    let more = format!("[places.other]\nurl = \"{}\"\nclearance = \"internal\"\n", provider.url());
    let house = House::new().settings(&format!("{unset}{more}"));
    let shown = printed(&house.run(&["portfolio"]));
    let missing =
        "the environment variable NOT_SET_ANYWHERE, which `places.lab.key_from` names, is not set";
    assert!(shown.contains(missing), "{shown}");
    assert!(shown.contains("next: export NOT_SET_ANYWHERE"), "{shown}");
    assert_eq!(printed(&house.run(&["ask", "--model", "other/echo", "hello"])), "hello\n");
    let refused = house.run(&["ask", "--model", "lab/echo", "hello"]);
    let refused = String::from_utf8(refused.stderr).unwrap();
    assert!(refused.contains("lab lacks its key") && refused.contains(missing), "{refused}");
}
