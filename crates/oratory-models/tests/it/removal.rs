//! Removing what was pulled, and only that.
//!
//! Files of other programs and of people stay.

use oratory_models::{Index, ModelsError, find_at};

use crate::desk::{Desk, model};

#[tokio::test(flavor = "multi_thread")]
async fn what_was_pulled_goes_and_what_is_shared_stays() {
    let desk = Desk::new().await;
    let (four, eight, eye) = (model(4, 4000), model(8, 8000), model(3, 3000));
    let files: [(&str, &[u8]); 3] =
        [("See-Q4_K_M.gguf", &four), ("See-Q8_0.gguf", &eight), ("mmproj-F16.gguf", &eye)];
    desk.registry.repository("maker/See-GGUF", "mit", &files);
    desk.pull("maker/See-GGUF").await.unwrap();
    desk.pull("maker/See-GGUF:Q8_0").await.unwrap();
    let models = desk.models();
    assert_eq!(models.remove("See-Q4_K_M").unwrap().bytes, 4000);
    assert_eq!(desk.visible(), ["See-Q8_0.gguf", "mmproj-See-maker-F16.gguf"]);
    assert_eq!(models.remove("See-Q8_0").unwrap().bytes, 11_000);
    assert_eq!(desk.visible(), [""; 0]);
    assert_eq!(models.index().read().unwrap(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn files_of_others_are_only_forgotten_and_files_of_people_left_alone() {
    let desk = Desk::new().await;
    let elsewhere = tempfile::tempdir().unwrap();
    let theirs = elsewhere.path().join("theirs.gguf");
    std::fs::write(&theirs, model(1, 100)).unwrap();
    let mine = desk.folder.path().join("mine.gguf");
    std::fs::write(&mine, model(2, 100)).unwrap();
    Index::new(desk.folder.path()).import(&find_at(&theirs).unwrap()).unwrap();
    let models = desk.models();
    let removed = models.remove("theirs").unwrap();
    assert!(removed.files.is_empty() && removed.holder.is_some());
    assert!(theirs.exists());
    for name in ["mine", "theirs", "../mine", ""] {
        let error = models.remove(name).unwrap_err();
        assert!(matches!(error, ModelsError::Unknown { .. }), "{name}: {error}");
    }
    assert!(mine.exists());
}
