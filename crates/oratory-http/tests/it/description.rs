//! What is described is served, and what is served is described.
//!
//! The description itself is compared with the committed one where the binary is tested.

use serde_json::Value;

use crate::front::front;

#[tokio::test]
async fn every_path_of_the_description_leads_somewhere() {
    let front = front().await;
    let document = front.get("/openapi.json").await.json();
    let paths = document["paths"].as_object().unwrap();
    assert!(paths.len() >= 25, "{} paths", paths.len());
    for (path, methods) in paths {
        for (method, operation) in methods.as_object().unwrap() {
            let also = operation["description"].as_str().unwrap_or_default();
            let also = also.trim_start_matches("Also served at ").trim_end_matches('.');
            let at = path.replace("{id}", "nobody").replace("{name}", "nobody");
            for path in also.split(", ").chain([&*at]).filter(|path| !path.is_empty()) {
                let head = format!(
                    "{} {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\
                     content-length: 0\r\n\r\n",
                    method.to_uppercase()
                );
                let told = front.send(head.as_bytes()).await;
                assert!(told.status != 405, "{method} {path}");
                assert!(!told.body.contains("there is nothing at"), "{method} {path}");
                let responses = operation["responses"].as_object().unwrap();
                assert!(responses.contains_key(&told.status.to_string()), "{method} {path}");
            }
        }
    }
}

#[tokio::test]
async fn every_reference_of_the_description_leads_to_something() {
    let document = front().await.get("/openapi.json").await.json();
    let mut names = Vec::new();
    fn references(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(fields) => {
                found.extend(fields.get("$ref").and_then(Value::as_str).map(str::to_owned));
                fields.values().for_each(|field| references(field, found));
            }
            Value::Array(items) => items.iter().for_each(|item| references(item, found)),
            _ => {}
        }
    }
    references(&document, &mut names);
    assert!(names.len() > 100);
    for name in names {
        let at = name.strip_prefix('#').unwrap();
        assert!(document.pointer(at).is_some(), "{name}");
    }
}
