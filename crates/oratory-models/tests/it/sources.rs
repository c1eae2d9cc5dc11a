//! Every source, from the name a person types to the files that are here afterwards.
//!
//! Which request went where with which header is part of what is promised.

use oratory_fakes::{Registry, Trick};
use oratory_models::{Config, Event, Models, ModelsError, Origin};

use crate::desk::{Desk, REPO, model};

#[tokio::test(flavor = "multi_thread")]
async fn a_repository_gives_its_best_quantisation_and_says_under_which_licence() {
    let desk = Desk::new().await;
    let (four, eight) = (model(4, 300_000), model(8, 600_000));
    let files: [(&str, &[u8]); 2] = [("Small-Q8_0.gguf", &eight), ("Small-Q4_K_M.gguf", &four)];
    desk.registry.repository(REPO, "apache-2.0", &files);
    let pulled = desk.pull(REPO).await.unwrap();
    assert!(pulled.fresh);
    assert_eq!(pulled.entry.name, "Small-Q4_K_M");
    assert_eq!(desk.read("Small-Q4_K_M.gguf"), four);
    assert_eq!(pulled.entry.licence.as_deref(), Some("apache-2.0"));
    assert!(matches!(&pulled.entry.from, Origin::HuggingFace { repo, revision }
        if repo == REPO && revision.starts_with("01234567")));
    let licensed = |event: &Event| {
        matches!(event, Event::Found { licence: Some(licence), bytes: Some(300_000), .. }
            if licence == "apache-2.0")
    };
    assert_eq!(desk.told(licensed), 1);
    let again = desk.pull(REPO).await.unwrap();
    assert!(!again.fresh);
    assert_eq!(again.entry, pulled.entry);
    assert_eq!(desk.registry.sent(), 300_000, "nothing is fetched twice");
    let other = desk.pull("hf.co/maker/Small-GGUF:q8_0").await.unwrap();
    assert_eq!(desk.read(other.entry.files[0].path.to_str().unwrap()), eight);
    assert_eq!(desk.visible(), ["Small-Q4_K_M.gguf", "Small-Q8_0.gguf"]);
    let missing = desk.pull("maker/Small-GGUF:Q6_K").await.unwrap_err();
    assert_eq!(missing.hint(), "it has Q4_K_M, Q8_0");
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_and_what_lets_it_see_come_together() {
    let desk = Desk::new().await;
    let (first, second, eye) = (model(1, 200_000), model(2, 90_000), model(3, 70_000));
    let folder = "Q4_K_M/See-Q4_K_M";
    let names = [1, 2].map(|number| format!("{folder}-0000{number}-of-00002.gguf"));
    desk.registry.repository(
        "maker/See-GGUF",
        "mit",
        &[
            (&names[0], &first),
            (&names[1], &second),
            ("mmproj-F16.gguf", &eye),
            ("mmproj-F32.gguf", &first),
        ],
    );
    let pulled = desk.pull("maker/See-GGUF").await.unwrap();
    assert_eq!(pulled.entry.name, "See-Q4_K_M");
    let expected = [
        "See-Q4_K_M-00001-of-00002.gguf",
        "See-Q4_K_M-00002-of-00002.gguf",
        "mmproj-See-maker-F16.gguf",
    ];
    assert_eq!(desk.visible(), expected);
    assert_eq!(desk.read(expected[1]), second);
    assert_eq!(desk.read(expected[2]), eye);
    assert_eq!(pulled.entry.projector.unwrap().path.to_str(), Some(expected[2]));
    assert_eq!(desk.partial(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_token_goes_to_its_own_host_and_not_where_that_redirects() {
    let (desk, bytes) = Desk::with(200_000).await;
    let storage = Registry::start().await;
    storage.file("/blob?signature=x", &bytes);
    let place = format!("{}/blob?signature=x", storage.url());
    desk.registry.trick("Small-Q4_K_M.gguf", Trick::MovedTo(place), usize::MAX);
    let secret = "made-for-this-test".to_owned();
    let models = Models::new(Config { token: Some(secret.clone().into()), ..desk.config() });
    desk.pull_with(&models, REPO).await.unwrap();
    assert_eq!(desk.read("Small-Q4_K_M.gguf"), bytes);
    let shown = |registry: &Registry| {
        let all = registry.received();
        let with = all.iter().filter(|request| request.contains(&secret)).count();
        (with, all.len())
    };
    let (with, all) = shown(&desk.registry);
    assert_eq!(with, all, "the host it belongs to is shown it each time");
    let (with, all) = shown(&storage);
    assert_eq!(with, 0, "a storage was shown the token");
    assert!(all >= 4, "{all} pieces");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gated_repository_says_where_to_accept_and_how_to_log_in() {
    let (desk, bytes) = Desk::with(1000).await;
    desk.registry.gate(REPO, "the-right-one");
    let error = desk.pull(REPO).await.unwrap_err();
    assert!(matches!(error, ModelsError::Gated { .. }), "{error}");
    assert!(error.hint().contains(&format!("/{REPO}")), "{}", error.hint());
    assert!(error.hint().contains("HF_TOKEN"), "{}", error.hint());
    let with =
        |token: &str| Models::new(Config { token: Some(token.to_owned().into()), ..desk.config() });
    let error = desk.pull_with(&with("a-wrong-one"), REPO).await.unwrap_err();
    assert!(error.to_string().contains("may not read it"), "{error}");
    assert!(!format!("{error:?}{error}{}", error.hint()).contains("a-wrong-one"));
    desk.pull_with(&with("the-right-one"), REPO).await.unwrap();
    assert_eq!(desk.read("Small-Q4_K_M.gguf"), bytes);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ollama_registry_gives_weights_and_texts() {
    let desk = Desk::new().await;
    let (bytes, eye) = (model(5, 250_000), model(6, 80_000));
    let template = "{{ .Prompt }}";
    desk.registry.ollama(
        "library/tiny",
        "1b",
        &[
            ("model", &bytes),
            ("projector", &eye),
            ("template", template.as_bytes()),
            ("params", br#"{"stop":["<end>"]}"#),
            ("license", b"\n  The Tiny Licence\nlong text"),
        ],
    );
    let pulled = desk.pull("tiny:1b").await.unwrap();
    assert_eq!((pulled.entry.name.as_str(), pulled.entry.asked.as_str()), ("tiny-1b", "tiny:1b"));
    assert_eq!(pulled.entry.licence.as_deref(), Some("The Tiny Licence"));
    assert_eq!(desk.visible(), ["mmproj-tiny-1b.gguf", "tiny-1b.gguf"]);
    assert_eq!(desk.read("tiny-1b.gguf"), bytes);
    let beside = desk.models().index().beside(&pulled.entry).unwrap();
    assert_eq!(beside["template"], template);
    assert_eq!(beside["params"]["stop"][0], "<end>");
    let missing = desk.pull("tiny:7b").await.unwrap_err();
    assert!(missing.to_string().contains("library/tiny:7b"), "{missing}");
    desk.registry.ollama("library/odd", "latest", &[("tensor", &bytes)]);
    let odd = desk.pull("odd").await.unwrap_err();
    assert!(odd.to_string().contains("no weights"), "{odd}");
}

#[tokio::test(flavor = "multi_thread")]
async fn any_address_of_a_gguf_file_will_do() {
    let desk = Desk::new().await;
    let bytes = model(9, 150_000);
    desk.registry.file("/shared/lab%20one.gguf?key=secret", &bytes);
    let address = format!("{}/shared/lab%20one.gguf?key=secret", desk.registry.url());
    let pulled = desk.pull(&address).await.unwrap();
    assert_eq!(desk.read("lab one.gguf"), bytes);
    let remembered = format!("{:?}", pulled.entry);
    assert!(!remembered.contains("secret"), "{remembered}");
    assert!(pulled.entry.files[0].sha256.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn two_publishers_may_call_their_files_the_same() {
    let desk = Desk::new().await;
    let (one, two) = (model(1, 5000), model(2, 6000));
    desk.registry.repository("one/X-GGUF", "mit", &[("X-Q8_0.gguf", &one)]);
    desk.registry.repository("two/X-GGUF", "mit", &[("X-Q8_0.gguf", &two)]);
    desk.pull("one/X-GGUF").await.unwrap();
    let second = desk.pull("two/X-GGUF").await.unwrap();
    assert_eq!(second.entry.name, "two-X-Q8_0");
    assert_eq!((desk.read("X-Q8_0.gguf"), desk.read("two-X-Q8_0.gguf")), (one, two.clone()));
    assert!(!desk.pull("two/X-GGUF").await.unwrap().fresh);
    // A file that somebody put there: taken as it is where it is the same, left alone otherwise.
    desk.registry.repository("three/Y-GGUF", "mit", &[("Y-Q8_0.gguf", &two)]);
    std::fs::write(desk.folder.path().join("Y-Q8_0.gguf"), &two).unwrap();
    let sent = desk.registry.sent();
    let adopted = desk.pull("three/Y-GGUF").await.unwrap();
    assert_eq!((adopted.entry.name.as_str(), adopted.fresh), ("Y-Q8_0", false));
    assert_eq!(desk.registry.sent(), sent);
}
