//! What a person sees who has written something wrong.

use std::path::Path;

use super::parse;

fn mistakes(text: &str) -> String {
    parse(Path::new("config.toml"), text).expect_err("there is a mistake").to_string()
}

#[test]
fn an_unknown_key_is_named_with_its_line_and_the_nearest() {
    assert_eq!(
        mistakes("[server]\nlisten = \"127.0.0.1:1\"\nlisen = \"127.0.0.1:2\"\n"),
        "config.toml, line 3: `server.lisen` is no setting; the nearest is `server.listen`, \
         and `oratory config reference` lists all"
    );
    assert!(
        mistakes("[sever]\nlisten = 1\n")
            .starts_with("config.toml, line 1: `sever` is no setting; the nearest is `server`")
    );
    assert!(mistakes("[places.lab]\nurll = \"x\"\n").contains("nearest is `places.lab.url`"));
}

#[test]
fn a_wrong_type_or_value_says_what_to_write() {
    assert_eq!(
        mistakes("[server]\nconnections = \"many\""),
        "config.toml, line 2: `server.connections` is \"many\"; it must be a whole number \
         from 1 to 65536, such as 512"
    );
    assert!(mistakes("[home]\ncontext = -1").contains("`home.context` is -1; it must be"));
    assert!(mistakes("privacy.unlabelled = \"top\"").contains("one of \"public\", \"internal\""));
    assert!(mistakes("server = 1").contains("`server` is a section; write `[server]`"));
}

#[test]
fn every_mistake_is_told_at_once() {
    let told = mistakes("a = 1\n[log]\nlevel = 3\n[store]\nfile = []\n");
    assert_eq!(told.lines().count(), 3, "{told}");
}

#[test]
fn what_is_no_toml_names_the_line() {
    assert!(mistakes("[server]\nlisten = \n").starts_with("config.toml, line 2: this is not TOML"));
}

#[test]
fn a_secret_of_the_wrong_type_is_not_shown() {
    let told = mistakes("[places.p]\nkey = 123456789\n");
    assert!(!told.contains("123456789"), "{told}");
}

#[test]
fn a_file_that_is_right_is_read() {
    let text =
        "[server]\nlisten = \"127.0.0.1:1\"\n[places.lab]\nurl = \"http://a\"\nmodels = [\"m\"]";
    let found = parse(Path::new("config.toml"), text).expect("nothing is wrong");
    assert_eq!(
        found.keys().collect::<Vec<_>>(),
        ["places.lab.models", "places.lab.url", "server.listen"]
    );
}

#[test]
fn two_places_of_one_name_are_named_and_a_secret_written_twice_is_not_shown() {
    let told = mistakes("[places.lab]\nurl = \"a\"\n[places.lab]\nurl = \"b\"\n");
    assert!(told.starts_with("config.toml, line 3: ") && told.contains("[places.lab] is there"));
    let told = mistakes("[places.lab]\nkey = \"hunter2\"\nkey = \"hunter2\"\n");
    assert!(told.starts_with("config.toml, line 3: ") && !told.contains("hunter2"), "{told}");
}

#[test]
fn the_nearest_word_is_named_and_numbers_are_names_too() {
    let told = mistakes("[places.lab]\nkind = \"olama\"\n");
    assert!(told.contains("(the nearest is \"ollama\")"), "{told}");
    assert!(!mistakes("[places.lab]\nkind = \"xyz\"\n").contains("nearest"));
    assert!(parse(Path::new("config.toml"), "[near]\nports = [8080, \"1234\"]\n").is_ok());
}
