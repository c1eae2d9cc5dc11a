//! Choices among files as publishers name them.
//!
//! Sizes are in gigabytes.

use super::*;

fn files(list: &[(&str, u64)]) -> Vec<Listed> {
    let file = |(path, size): &(&str, u64)| Listed {
        path: (*path).to_owned(),
        size: size << 30,
        sha256: None,
    };
    list.iter().map(file).collect()
}

fn chosen(list: &[(&str, u64)], pick: &Pick, memory: u64) -> Result<String, ModelsError> {
    choose("o/r", &files(list), pick, Some(memory << 30)).map(|found| name(&found, "r"))
}

const USUAL: [(&str, u64); 7] = [
    ("M-Q2_K.gguf", 2),
    ("M-Q4_K_M.gguf", 5),
    ("M-Q8_0.gguf", 9),
    ("BF16/M-BF16-00001-of-00002.gguf", 9),
    ("BF16/M-BF16-00002-of-00002.gguf", 8),
    ("mmproj-F16.gguf", 1),
    ("imatrix_M.gguf", 0),
];

#[test]
fn the_best_that_fits_is_taken_unless_another_is_asked_for() {
    assert_eq!(chosen(&USUAL, &Pick::Best, 16).unwrap(), "M-Q4_K_M");
    assert_eq!(chosen(&USUAL, &Pick::Best, 4).unwrap(), "M-Q2_K");
    assert_eq!(chosen(&USUAL, &Pick::Called("q8_0".into()), 4).unwrap(), "M-Q8_0");
    assert_eq!(chosen(&USUAL, &Pick::File("M-Q8_0.gguf".into()), 4).unwrap(), "M-Q8_0");
    let none = chosen(&USUAL, &Pick::Best, 1).unwrap_err();
    assert!(none.hint().contains("o/r:Q2_K"), "{}", none.hint());
    let none = chosen(&USUAL, &Pick::Called("Q6_K".into()), 64).unwrap_err();
    assert_eq!(none.to_string(), "o/r has no Q6_K");
    assert_eq!(none.hint(), "it has Q4_K_M, Q8_0, Q2_K, BF16");
    assert!(chosen(&[], &Pick::Best, 64).unwrap_err().to_string().contains("no .gguf"));
}

#[test]
fn parts_come_together_in_order_and_incomplete_ones_not_at_all() {
    let all = files(&USUAL);
    let found = choose("o/r", &all, &Pick::Called("BF16".into()), None).unwrap();
    assert_eq!((found.bytes, found.parts.len()), (17 << 30, 2));
    assert_eq!(found.parts[1].path, "BF16/M-BF16-00002-of-00002.gguf");
    let half = chosen(&USUAL[3..4], &Pick::Best, 64).unwrap_err();
    assert!(half.to_string().contains("no .gguf"), "{half}");
}

#[test]
fn a_name_that_says_nothing_is_replaced_by_the_repositorys() {
    assert_eq!(chosen(&[("ggml-model-Q4_K_M.gguf", 1)], &Pick::Best, 8).unwrap(), "r-Q4_K_M");
    assert_eq!(chosen(&[("Q8_0/model.gguf", 1)], &Pick::Best, 8).unwrap(), "r-Q8_0");
    assert_eq!(chosen(&[("model.gguf", 1)], &Pick::Best, 8).unwrap(), "r");
}

#[test]
fn half_precision_is_preferred_for_what_sees() {
    let both = files(&[("mmproj-BF16.gguf", 1), ("mmproj-F16.gguf", 1), ("mmproj-F32.gguf", 2)]);
    let found = projector(&both).unwrap();
    assert_eq!(projector_name(found, "M"), "mmproj-M-F16.gguf");
    assert_eq!(projector(&files(&USUAL[..5])), None);
}
