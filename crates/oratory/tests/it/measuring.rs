//! `fit` and `bench` as they are typed: what they print, and that both come to an end.

use serde_json::Value;

use crate::house::{House, printed};

/// Puts a model of a true shape into the house's models folder.
fn with_made(house: &House, shape: &str) {
    let shape = oratory_local::shapes::find(shape).unwrap();
    oratory_local::shapes::write(&shape, &house.model("made")).unwrap();
}

#[test]
fn fit_plans_every_model_and_says_what_this_machine_has() {
    let house = House::new();
    with_made(&house, "tiny-qwen3moe");
    std::fs::write(house.model("broken"), "no model").unwrap();
    let text = printed(&house.run(&["fit"]));
    assert!(text.starts_with("This machine: "), "{text}");
    for part in ["GB/s", "made ", "mini ", "fits", "broken", "not a GGUF file"] {
        assert!(text.contains(part), "{part:?} is not in {text}");
    }
    assert!(!text.contains('\x1b'), "colour in a pipe: {text}");
    let document: Value = serde_json::from_str(&printed(&house.run(&["fit", "--json"]))).unwrap();
    assert!(document["machine"]["read_bytes_per_second"].as_f64().unwrap() > 1e8);
    let models = document["models"].as_array().unwrap();
    let made = models.iter().find(|model| model["name"] == "made").unwrap();
    assert_eq!(made["verdict"], "fits");
    assert_eq!(made["largest_context"], 4096);
    let plan = &made["plan"];
    let part = |name: &str| plan[name].as_u64().unwrap();
    assert!(part("weights_bytes") > 2 << 20 && part("cache_bytes") == 4 << 20, "{plan}");
    assert!(part("total_bytes") > part("weights_bytes") + part("compute_bytes"), "{plan}");
    // Of eight experts two are used.
    assert!(made["active_bytes"].as_u64().unwrap() < part("weights_bytes") * 3 / 4);
    let broken = models.iter().find(|model| model["name"] == "broken").unwrap();
    assert_eq!(broken["verdict"], "unusable");
}

#[test]
fn fit_plans_for_the_context_that_is_wanted() {
    let house = House::new();
    with_made(&house, "tiny-llama");
    let cache = |context: &str| {
        let text = printed(&house.run(&["fit", "--json", "--context", context]));
        let document: Value = serde_json::from_str(&text).unwrap();
        document["models"][0]["plan"]["cache_bytes"].as_u64().unwrap()
    };
    assert_eq!(cache("4096"), 4 * cache("1024"));
}

#[test]
fn bench_measures_and_prints_nothing_else_into_a_pipe() {
    let house = House::new();
    with_made(&house, "tiny-llama");
    let output = house.run(&["bench", "made", "--seconds", "20", "--json"]);
    let document: Value = serde_json::from_str(&printed(&output)).unwrap();
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    for figure in ["first_token_cold_ms", "first_token_warm_ms", "prefill_tokens_per_second"] {
        assert!(document[figure].as_f64().unwrap() > 0.0, "{figure}: {document}");
    }
    let decode = document["decode"].as_array().unwrap();
    assert_eq!(decode[0]["depth"], 0);
    assert!(decode[0]["tokens_per_second"].as_f64().unwrap() > 0.0, "{document}");
    assert!(document["streams"].as_array().is_some_and(|streams| !streams.is_empty()));
    #[cfg(target_os = "linux")]
    assert!(document["peak_memory_bytes"].as_u64().unwrap() > 8 << 20, "{document}");
}

#[test]
fn bench_of_an_unknown_model_says_so() {
    let house = House::new();
    let output = house.run(&["bench", "nosuch"]);
    assert_eq!(output.status.code(), Some(1));
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.contains("no model \"nosuch\""), "{told}");
}
