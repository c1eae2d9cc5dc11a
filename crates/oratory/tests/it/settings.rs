//! Settings as a person writes them: in a file, in the environment, as flags.
//!
//! The committed reference page and schema must be what the table makes.

use std::path::Path;

use crate::house::{House, printed};

fn committed(name: &str) -> String {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
    std::fs::read_to_string(docs.join(name)).unwrap()
}

#[test]
fn the_reference_page_and_the_schema_are_what_the_table_makes() {
    let house = House::new();
    // Not `assert_eq`: two whole pages would say less than what to type.
    let page = printed(&house.run(&["config", "reference"]));
    assert!(page == committed("settings.md"), "run `oratory config reference > docs/settings.md`");
    let schema = printed(&house.run(&["config", "schema"]));
    assert!(
        schema == committed("settings.schema.json"),
        "run `oratory config schema > docs/settings.schema.json`"
    );
}

#[test]
fn help_names_every_flag_and_variable_of_the_reference() {
    let house = House::new();
    let help = printed(&house.run(&["serve", "--help"]));
    let help: String = help.split_whitespace().collect::<Vec<_>>().join(" ");
    let page = committed("settings.md");
    let mut flags = 0;
    for entry in page.split("\n### ").skip(1) {
        let find = |name: &str| {
            let line = entry.lines().find_map(|line| line.strip_prefix(name))?;
            Some(line.trim_matches(['`', ' ']).to_owned())
        };
        if let Some(flag) = find("- flag: ") {
            flags += 1;
            let variable = find("- environment: ").unwrap();
            assert!(help.contains(&flag), "{flag} is not in --help");
            assert!(help.contains(&format!("[env: {variable}]")), "{variable} is not in --help");
        }
    }
    assert!(flags >= 5, "only {flags} flags were found");
}

#[test]
fn later_layers_win_and_config_says_which_spoke() {
    let house = House::new().settings("[home]\ncontext = 1000\nqueue = 3\nthreads = 1\n");
    let mut command = house.command(&["config", "--context", "3000"]);
    command.env("ORATORY_HOME_CONTEXT", "2000").env("ORATORY_HOME_QUEUE", "5");
    let shown = printed(&command.output().unwrap());
    let line = |key: &str| {
        let line = shown.lines().find(|line| line.starts_with(key)).unwrap();
        line.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    assert_eq!(line("home.context"), "home.context = 3000 # flag, --context");
    assert_eq!(line("home.queue"), "home.queue = 5 # environment, ORATORY_HOME_QUEUE");
    assert_eq!(line("home.threads"), "home.threads = 1 # file, line 4");
    assert_eq!(line("cache.megabytes"), "cache.megabytes = 16 # default");
}

#[test]
fn a_mistake_stops_the_command_and_says_what_to_write() {
    let told = |house: &House, arguments: &[&str], variable: Option<(&str, &str)>| {
        let mut command = house.command(arguments);
        command.envs(variable);
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert_eq!(output.stdout, b"", "{arguments:?}");
        String::from_utf8(output.stderr).unwrap()
    };
    let house = House::new().settings("[server]\nlisten = 5\n\n[home]\ncontexts = 1\n");
    let file = told(&house, &["portfolio"], None);
    assert!(
        file.contains("config.toml, line 2: `server.listen` is 5; it must be an address"),
        "{file}"
    );
    assert!(
        file.contains("line 5: `home.contexts` is no setting; the nearest is `home.context`"),
        "{file}"
    );
    let house = House::new();
    let wrong = told(&house, &["portfolio"], Some(("ORATORY_HOME_CONTEXT", "big")));
    assert!(
        wrong.contains("ORATORY_HOME_CONTEXT is \"big\"; it must be a whole number"),
        "{wrong}"
    );
    let misspelt = told(&house, &["portfolio"], Some(("ORATORY_HOME_CONTEX", "1")));
    assert!(misspelt.contains("the nearest is ORATORY_HOME_CONTEXT"), "{misspelt}");
    let flag = told(&house, &["portfolio", "--context", "big"], None);
    assert!(flag.contains("--context is \"big\"; it must be a whole number"), "{flag}");
    let missing = told(&house, &["portfolio", "--config", "/nowhere/c.toml"], None);
    assert!(missing.contains("/nowhere/c.toml: the settings cannot be read"), "{missing}");
    let house =
        House::new().settings("[places.x]\nurl = \"http://127.0.0.1:9\"\ntier = \"edge\"\n");
    let edge = told(&house, &["portfolio"], None);
    assert!(edge.contains("`places.x.tier` is \"edge\"; it must be one of \"onprem\""), "{edge}");
    let house = House::new().settings("[places.lab]\ntier = \"onprem\"\n");
    assert!(told(&house, &["portfolio"], None).contains("[places.lab] has no `url`"));
}

#[test]
fn half_a_key_for_aws_is_refused_and_the_other_half_named() {
    let told = |more: &str| {
        let place = "[places.aws]\nurl = \"https://bedrock.example/\"\n";
        let output = House::new().settings(&format!("{place}{more}")).run(&["portfolio"]);
        assert_eq!(output.status.code(), Some(2), "{more}");
        String::from_utf8(output.stderr).unwrap()
    };
    let half = told("kind = \"bedrock\"\naccess_key = \"AKIDEXAMPLE\"\n");
    assert!(half.contains("[places.aws] has an `access_key` and no secret one"), "{half}");
    let nowhere = told("kind = \"bedrock\"\naccess_key = \"AKIDEXAMPLE\"\nkey = \"x\"\n");
    assert!(nowhere.contains("write `aws_region`"), "{nowhere}");
    let other = told("kind = \"gemini\"\naccess_key = \"AKIDEXAMPLE\"\n");
    assert!(other.contains("`places.aws.access_key` is for kind = \"bedrock\""), "{other}");
    let kind = told("kind = \"claude\"\n");
    assert!(
        kind.contains("`places.aws.kind` is \"claude\"; it must be one of \"openai\""),
        "{kind}"
    );
}

#[test]
fn an_address_that_holds_a_password_is_refused_without_showing_it() {
    for address in ["http://me:hunter2@127.0.0.1:9/v1", "http://127.0.0.1:9/v1?key=hunter2"] {
        let house = House::new().settings(&format!("[places.x]\nurl = \"{address}\"\n"));
        let output = house.run(&["portfolio"]);
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success(), "{address}");
        assert!(told.contains("places.x.url") && told.contains("key_from"), "{told}");
        assert!(!told.contains("hunter2"), "{told}");
    }
}

#[test]
fn a_key_is_never_shown() {
    let key = "a-very-private-value";
    let settings = format!(
        "[server]\nkey = \"{key}\"\n[places.p]\nurl = \"http://127.0.0.1:9\"\nkey = \"{key}\"\n"
    );
    let house = House::new().settings(&settings);
    for arguments in
        [&["config"][..], &["config", "--json"], &["portfolio"], &["portfolio", "--json"]]
    {
        let output = house.run(arguments);
        let all = [output.stdout, output.stderr].concat();
        assert!(!String::from_utf8_lossy(&all).contains(key), "{arguments:?}");
    }
}
