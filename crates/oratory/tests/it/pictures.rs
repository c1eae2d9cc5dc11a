//! Pictures over HTTP, from a client's bytes to a model that sees them: answered in every dialect,
//! refused where they do harm, and kept on this machine whatever anybody says.

use std::time::{Duration, Instant};

use oratory_local::shapes::{self, Senses};
use serde_json::{Value, json};

use crate::house::{House, Server, printed};

/// A house with a model that sees.
fn seeing() -> House {
    let house = House::new().settings(
        "[places.cloud]\ntier = \"cloud\"\nurl = \"http://127.0.0.1:1\"\nmodels = [\"large\"]\n\
         clearance = \"secret\"\n",
    );
    let shape = shapes::find("tiny-llama").unwrap();
    shapes::write(&shape, &house.model("eyes-Q8_0")).unwrap();
    shapes::write_projector(&shape, Senses::Qwen3, &house.model("mmproj-eyes-f16")).unwrap();
    house
}

/// A bitmap of this size, in one colour.
fn bitmap(width: u32, height: u32, colour: [u8; 3]) -> Vec<u8> {
    let row = (width * 3).next_multiple_of(4);
    let mut bytes = b"BM".to_vec();
    bytes.extend((54 + row * height).to_le_bytes());
    bytes.extend([0; 4]);
    for number in [54, 40, width, height, 24 << 16 | 1, 0, row * height, 2835, 2835, 0, 0] {
        bytes.extend(number.to_le_bytes());
    }
    for _ in 0..height {
        let points = colour.repeat(width as usize);
        bytes.extend(&points);
        bytes.extend(vec![0; row as usize - points.len()]);
    }
    bytes
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let bits = (0..3).fold(0, |bits, at| bits << 8 | u32::from(*three.get(at).unwrap_or(&0)));
        for at in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * at) & 63) as usize];
            text.push(if at <= three.len() { char::from(letter) } else { '=' });
        }
    }
    text
}

fn chat(model: &str, file: &[u8]) -> Value {
    let address = format!("data:image/bmp;base64,{}", base64(file));
    json!({ "model": model, "max_tokens": 8, "temperature": 0, "messages": [{ "role": "user",
        "content": [{ "type": "text", "text": "bababa" },
                    { "type": "image_url", "image_url": { "url": address } }] }] })
}

fn told(server: &Server, path: &str, body: &Value) -> (u16, Value) {
    let response = server.post(path, &body.to_string());
    let status = response.status;
    (status, serde_json::from_str(&response.text()).unwrap())
}

#[test]
fn every_dialect_shows_a_model_the_same_picture() {
    let house = seeing();
    let shown = printed(&house.run(&["models", "show", "eyes-Q8_0"]));
    assert!(shown.contains("reads pictures") && shown.contains("mmproj-eyes-f16"), "{shown}");
    let server = house.serve();
    let red = bitmap(64, 64, [0, 0, 255]);
    let ask = |file: &[u8]| {
        let (status, told) = told(&server, "/v1/chat/completions", &chat("eyes", file));
        assert_eq!(status, 200, "{told}");
        told["choices"][0]["message"]["content"].as_str().unwrap().to_owned()
    };
    let said = ask(&red);
    assert_eq!(ask(&red), said, "the same picture is the same question");
    assert_ne!(ask(&bitmap(64, 64, [255, 0, 0])), said, "another is another");
    let image = json!({ "type": "image", "source": {
        "type": "base64", "media_type": "image/bmp", "data": base64(&red) } });
    let text = json!({ "type": "text", "text": "bababa" });
    let content = json!([text, image]);
    let messages = json!({ "model": "eyes", "max_tokens": 8, "temperature": 0,
        "messages": [{ "role": "user", "content": content }] });
    let (_, answer) = told(&server, "/v1/messages", &messages);
    assert_eq!(answer["content"][0]["text"], said, "{answer}");
    let images = |path: &str, body: Value| told(&server, path, &body).1;
    let options = json!({ "num_predict": 8, "temperature": 0 });
    let first = json!([{ "role": "user", "content": "bababa", "images": [base64(&red)] }]);
    let chatted = images(
        "/api/chat",
        json!({ "model": "eyes", "stream": false,
        "messages": first, "options": options }),
    );
    let prompted = images(
        "/api/generate",
        json!({ "model": "eyes", "stream": false,
        "prompt": "bababa", "images": [base64(&red)], "options": options }),
    );
    assert_eq!(chatted["message"]["content"], prompted["response"], "{chatted} {prompted}");
    let count = json!({ "model": "eyes", "messages": messages["messages"] });
    let (_, counted) = told(&server, "/v1/messages/count_tokens", &count);
    let usage = &answer["usage"];
    let read = usage["input_tokens"].as_u64().unwrap();
    let kept = usage["cache_read_input_tokens"].as_u64().unwrap();
    assert_eq!(counted["input_tokens"], read + kept, "{counted} {usage}");
}

#[test]
fn harm_is_refused_soon_and_nothing_leaves() {
    let house = seeing();
    let mut server = house.serve();
    let (status, warm) =
        told(&server, "/v1/chat/completions", &chat("eyes", &bitmap(1, 1, [9, 9, 9])));
    assert_eq!(status, 200, "{warm}");
    let workers = server.workers();
    let whole = bitmap(64, 64, [1, 2, 3]);
    let mut bomb = whole.clone();
    bomb[18..26].copy_from_slice(&[0x60, 0xea, 0, 0, 0x60, 0xea, 0, 0]);
    let cut = &whole[..100];
    for (file, words) in [
        (&bomb[..], "claims 60000 times 60000 points"),
        (cut, "is damaged"),
        (&b"GIF8"[..], "is no PNG, JPEG, WebP, GIF or BMP"),
        (&bitmap(3, 900, [1, 2, 3])[..], "no side may be more than 200 times the other"),
    ] {
        let began = Instant::now();
        let (status, told) = told(&server, "/v1/chat/completions", &chat("eyes", file));
        let message = told["error"]["message"].as_str().unwrap();
        assert!(status == 400 && message.contains(words), "{status} {message}");
        assert!(began.elapsed() < Duration::from_secs(5), "{words}: {:?}", began.elapsed());
    }
    let body = chat("cloud/large", &whole).to_string();
    let head = format!(
        "POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\nx-oratory-label: public\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    let refused = server.send(&head);
    assert_eq!(refused.status, 403);
    let text = refused.text();
    assert!(text.contains("in which nobody can look for what is private"), "{text}");
    assert_eq!(server.workers(), workers, "the engine is the same process");
    assert!(server.lives());
}
