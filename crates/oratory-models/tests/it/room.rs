//! Disks that are full, and names that should lead elsewhere.
//!
//! Only the folder of models is ever written.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use oratory_fakes::Trick;
use oratory_models::{Config, FreeSpace, Models, ModelsError};

use crate::desk::{Desk, REPO, model, names};

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_noticed_before_the_first_byte() {
    let (desk, bytes) = Desk::with(500_000).await;
    let free = Arc::new(AtomicU64::new(600_000));
    let probe = Arc::clone(&free);
    let free_space = FreeSpace::new(move |_| Some(probe.load(Ordering::Relaxed)));
    let models = Models::new(Config { free_space, margin: 200_000, ..desk.config() });
    let error = desk.pull_with(&models, REPO).await.unwrap_err();
    assert!(matches!(error, ModelsError::Space { free: 600_000, needed: 700_000, .. }), "{error}");
    assert!(
        error.to_string().contains("0.6 MB free") || error.to_string().contains("600000"),
        "{error}"
    );
    assert_eq!(desk.registry.sent(), 0);
    free.store(700_000, Ordering::Relaxed);
    desk.pull_with(&models, REPO).await.unwrap();
    assert_eq!(desk.read("Small-Q4_K_M.gguf"), bytes);
    // A size that only the server tells is not believed beyond the disk either.
    let address = format!("{}/x/big.gguf", desk.registry.url());
    desk.registry.file("/x/big.gguf", &model(1, 600_000));
    let error = desk.pull_with(&models, &address).await.unwrap_err();
    assert!(matches!(error, ModelsError::Space { .. }), "{error}");
    assert_eq!(desk.visible(), ["Small-Q4_K_M.gguf"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_names_are_never_written() {
    let desk = Desk::new().await;
    let bytes = model(1, 1000);
    let hostile =
        ["../../out.gguf", "/etc/out.gguf", "a\u{1b}[2J.gguf", "con.gguf", "x/..\\y.gguf"];
    for name in hostile {
        desk.registry.repository("evil/Names-GGUF", "mit", &[(name, &bytes)]);
        let error = desk.pull("evil/Names-GGUF").await.unwrap_err();
        assert!(matches!(error, ModelsError::Unknown { .. }), "{name:?}: {error}");
    }
    for address in ["%2e%2e%2fout.gguf", "a%00b.gguf", "%0a.gguf"] {
        let address = format!("{}/x/{address}", desk.registry.url());
        let error = desk.pull(&address).await.unwrap_err();
        assert!(matches!(error, ModelsError::Name { .. }), "{address}: {error}");
        assert!(!error.to_string().contains(['\0', '\n', '\u{1b}']), "{error}");
    }
    assert_eq!(desk.visible(), [""; 0]);
    assert_eq!(
        names(desk.folder.path().parent().unwrap())
            .iter()
            .filter(|name| *name == "out.gguf")
            .count(),
        0
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listing_that_lies_about_sizes_is_found_out() {
    let (desk, bytes) = Desk::with(300_000).await;
    let longer = model(7, 350_000);
    let path =
        format!("/{REPO}/resolve/0123456789abcdef0123456789abcdef01234567/Small-Q4_K_M.gguf");
    desk.registry.file(&path, &longer);
    let error = desk.pull(REPO).await.unwrap_err();
    assert!(matches!(error, ModelsError::Changed { .. }), "{error}");
    desk.registry.trick("Small-Q4_K_M.gguf", Trick::NoLength, usize::MAX);
    let error = desk.pull(REPO).await.unwrap_err();
    assert!(error.to_string().contains("more than it said"), "{error}");
    assert_eq!(desk.visible(), [""; 0]);
    drop(bytes);
}
