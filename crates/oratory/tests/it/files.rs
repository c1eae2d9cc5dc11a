//! Model files that are damaged: a clear error for each, and the server lives.

use serde_json::json;

use crate::house::House;

/// A header with one damage, as bytes.
fn damaged(name: &str, sound: &[u8]) -> Vec<u8> {
    let mut bytes = sound.to_vec();
    let huge = (1_u64 << 60).to_le_bytes();
    match name {
        "truncated" => bytes.truncate(bytes.len() / 2),
        "magic" => bytes[..4].copy_from_slice(b"GGML"),
        "tensors" => bytes[8..16].copy_from_slice(&huge),
        // The first key's length stands right behind the header's fixed part.
        "string" => bytes[24..32].copy_from_slice(&huge),
        "offset" => {
            let tensor = b"output_norm.weight";
            let at = bytes.windows(tensor.len()).position(|window| window == tensor).unwrap();
            // Name, dimensions count, one dimension, type, offset.
            let offset = at + tensor.len() + 4 + 8 + 4;
            bytes[offset..offset + 8].copy_from_slice(&(1_u64 << 40).to_le_bytes());
        }
        _ => unreachable!(),
    }
    bytes
}

#[test]
fn a_model_that_is_replaced_or_deleted_does_not_answer_from_the_past() {
    let house = House::new();
    let write = |text: &str| {
        let story = oratory_local::story::Story { text: text.to_owned(), ..Default::default() };
        oratory_local::story::write(&house.model("d"), &story).unwrap();
    };
    write("I am the first");
    let server = house.serve();
    let ask = |server: &crate::house::Server| {
        let messages = [json!({ "role": "user", "content": "Who are you?" })];
        let response =
            server.chat(&json!({ "model": "d", "messages": messages, "temperature": 0 }));
        (response.status, response.json()["choices"][0]["message"]["content"].to_string())
    };
    for _ in 0..2 {
        assert_eq!(ask(&server), (200, "\"I am the first\"".to_owned()));
    }
    std::fs::remove_file(house.model("d")).unwrap();
    write("I am the second");
    crate::house::until("the new file answers", || {
        ask(&server) == (200, "\"I am the second\"".to_owned())
    });
    std::fs::remove_file(house.model("d")).unwrap();
    crate::house::until("the model is gone", || ask(&server).0 == 404);
}

#[test]
fn a_damaged_file_is_a_clear_error_and_the_server_lives() {
    let house = House::new();
    let sound = house.model("sound");
    let story = oratory_local::story::Story {
        text: "Here I am".to_owned(),
        ends: true,
        width: 64,
        layers: 1,
        context: 512,
    };
    oratory_local::story::write(&sound, &story).unwrap();
    let bytes = std::fs::read(&sound).unwrap();
    for name in ["truncated", "magic", "tensors", "string", "offset"] {
        std::fs::write(house.model(name), damaged(name, &bytes)).unwrap();
    }
    let mut server = house.serve();
    let pid = server.pid();
    let ask = |server: &crate::house::Server, model: &str| {
        let asked = json!({ "model": model, "messages": [{ "role": "user", "content": "Hi" }] });
        let response = server.chat(&asked);
        (response.status, response.json())
    };
    let mut told = Vec::new();
    for name in ["truncated", "magic", "tensors", "string", "offset"] {
        let (status, body) = ask(&server, name);
        assert_eq!(status, 503, "{name}: {body}");
        let message = body["error"]["message"].as_str().unwrap().to_owned();
        assert!(message.contains(name), "{message}");
        told.push(message.replace(name, ""));
    }
    told.sort();
    told.dedup();
    assert_eq!(told.len(), 5, "each damage has words of its own: {told:?}");
    assert_eq!(ask(&server, "sound").0, 200);
    assert!(server.lives());
    assert_eq!(server.pid(), pid);
}
