//! Models that do something else than chat, and variants of those that do, from the file to the wire.
//!
//! Made models: what they say means nothing.

use oratory_local::shapes::{find, write, write_adapter};
use serde_json::{Value, json};

use crate::house::{House, Server, printed};

fn house() -> House {
    let house = House::new();
    for name in ["tiny-bert", "tiny-bert-reranker", "tiny-llama"] {
        write(&find(name).unwrap(), &house.model(name)).unwrap();
    }
    write_adapter(&find("tiny-llama").unwrap(), "formal", &house.model("formal")).unwrap();
    house
}

fn post(server: &Server, path: &str, body: &Value) -> Value {
    let response = server.post(path, &body.to_string());
    assert_eq!(response.status, 200);
    response.json()
}

#[test]
fn a_model_says_what_it_does_and_does_it() {
    let house = house();
    let shown = printed(&house.run(&["models", "show", "tiny-bert"]));
    assert!(shown.contains("does  turns texts into vectors"), "{shown}");
    let shown = printed(&house.run(&["models", "show", "tiny-llama+formal"]));
    assert!(shown.contains("adapter for  tiny-llama"), "{shown}");
    let server = house.serve();
    let body = json!({ "input": ["Good morning", "Good night"], "dimensions": 8 });
    let told = post(&server, "/v1/embeddings", &body);
    assert_eq!(told["model"], "tiny-bert", "the one that is made for it");
    let length = |item: &Value| {
        let numbers = item["embedding"].as_array().unwrap();
        assert_eq!(numbers.len(), 8);
        numbers.iter().map(|number| number.as_f64().unwrap().powi(2)).sum::<f64>()
    };
    let items = told["data"].as_array().unwrap();
    assert!(items.iter().all(|item| (length(item) - 1.0).abs() < 1e-4), "{told}");
    let body = json!({ "query": "morning", "documents": ["Good morning", "Good night"] });
    let told = post(&server, "/v1/rerank", &body);
    assert_eq!(told["model"], "tiny-bert-reranker");
    assert_eq!(told["results"].as_array().unwrap().len(), 2);
}

#[test]
fn a_variant_is_listed_and_answers_by_its_name() {
    let house = house();
    let server = house.serve();
    let models = server.get("/v1/models").json();
    let names: Vec<&str> =
        models["data"].as_array().unwrap().iter().map(|m| m["id"].as_str().unwrap()).collect();
    assert!(names.contains(&"tiny-llama+formal"), "{names:?}");
    let say = |model: &str| {
        let body = json!({
            "model": model,
            "messages": [{ "role": "user", "content": "Good morning" }],
            "temperature": 0,
            "max_tokens": 24,
        });
        let told = post(&server, "/v1/chat/completions", &body);
        told["choices"][0]["message"]["content"].as_str().unwrap().to_owned()
    };
    let (plain, formal) = (say("tiny-llama"), say("tiny-llama+formal"));
    assert_ne!(plain, formal);
    assert_eq!(say("home/tiny-llama+formal:0"), plain);
    assert_eq!(say("tiny-llama+formal:1"), formal);
    let chosen =
        server.chat(&json!({ "messages": [{ "role": "user", "content": "Hi" }], "max_tokens": 1 }));
    assert_eq!(chosen.header("x-oratory-place"), Some("home/tiny-llama"), "no variant by chance");
}
