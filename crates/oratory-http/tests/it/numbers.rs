//! Vectors and ratings, on the wire as OpenAI's, Jina's and Cohere's clients read them.
//!
//! Scripted models stand in: one counts letters and words, one looks for the query's words.

use serde_json::{Value, json};

use crate::front::{Front, front};

async fn post(front: &Front, path: &str, body: &Value) -> (u16, Value) {
    let body = body.to_string();
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    let response = front.send(format!("{head}{body}").as_bytes()).await;
    (response.status, serde_json::from_str(&response.body).unwrap())
}

#[tokio::test]
async fn vectors_come_as_numbers_in_the_order_of_the_texts() {
    let front = front().await;
    let body = json!({ "model": "counts", "input": ["two words", "one"] });
    let (status, told) = post(&front, "/v1/embeddings", &body).await;
    let vector = |index: u32, embedding: [f32; 2]| json!({ "object": "embedding", "index": index, "embedding": embedding });
    let expected = json!({
        "object": "list",
        "data": [vector(0, [9.0, 2.0]), vector(1, [3.0, 1.0])],
        "model": "counts",
        "usage": { "prompt_tokens": 3, "total_tokens": 3 },
    });
    assert_eq!((status, told), (200, expected));
    let records = front.ledger.records();
    assert_eq!((records.len(), &*records[0].model), (1, "counts"));
}

#[tokio::test]
async fn one_text_or_tokens_in_base64_and_by_whichever_model_suits() {
    let front = front().await;
    for (input, bytes) in [
        (json!("two words"), "AAAQQQAAAEA="),
        (json!([5, 6, 7]), "AAAAAAAAQEA="),
        (json!([[5, 6, 7]]), "AAAAAAAAQEA="),
    ] {
        let body = json!({ "input": input, "encoding_format": "base64" });
        let (status, told) = post(&front, "/v1/embeddings", &body).await;
        assert_eq!((status, &told["data"][0]["embedding"]), (200, &json!(bytes)), "{told}");
    }
}

#[tokio::test]
async fn the_best_documents_come_first_and_as_many_as_asked_for() {
    let front = front().await;
    let mut body = json!({
        "model": "rates",
        "query": "red fox",
        "documents": ["a dog", { "text": "a red fox" }, "a red dog", "another red cat"],
    });
    let order = |told: &Value| {
        let results = told["results"].as_array().unwrap();
        results.iter().map(|found| found["index"].as_u64().unwrap()).collect::<Vec<_>>()
    };
    let (status, told) = post(&front, "/v1/rerank", &body).await;
    assert_eq!((status, order(&told)), (200, vec![1, 2, 3, 0]), "{told}");
    body["top_n"] = json!(1);
    body["return_documents"] = json!(true);
    let (_, told) = post(&front, "/v1/rerank", &body).await;
    let best = json!([
        { "index": 1, "relevance_score": 1.0, "document": { "text": "a red fox" } }
    ]);
    assert_eq!(told["results"], best);
    assert_eq!(told["usage"], json!({ "prompt_tokens": 3, "total_tokens": 3 }));
}

#[tokio::test]
async fn mistakes_are_named() {
    let front = front().await;
    let documents = |documents: Value| json!({ "query": "x", "documents": documents });
    for (path, body, param, words) in [
        ("/v1/embeddings", json!({}), "input", "is missing"),
        ("/v1/embeddings", json!({ "input": 7 }), "input", "a text, a list of texts, or tokens"),
        ("/v1/embeddings", json!({ "input": [1, "x"] }), "input", "beside texts"),
        ("/v1/embeddings", json!({ "input": vec!["x"; 2049] }), "input", "at most 2048"),
        (
            "/v1/embeddings",
            json!({ "input": "x", "encoding_format": "hex" }),
            "encoding_format",
            "base64",
        ),
        ("/v1/embeddings", json!({ "input": [] }), "input", "nothing to turn into a vector"),
        (
            "/v1/embeddings",
            json!({ "input": "x", "model": "echo" }),
            "",
            "echo is no model that turns",
        ),
        ("/v1/rerank", json!({ "query": "x" }), "documents", "is missing"),
        ("/v1/rerank", documents(json!("x")), "documents", "a list of texts"),
        ("/v1/rerank", documents(json!([])), "documents", "nothing to rate"),
        (
            "/v1/rerank",
            json!({ "query": "x", "documents": ["x"], "top_n": 0 }),
            "top_n",
            "at least 1",
        ),
        (
            "/v1/rerank",
            json!({ "query": "x", "documents": ["x"], "model": "counts" }),
            "",
            "such as rates",
        ),
    ] {
        let (status, told) = post(&front, path, &body).await;
        let error = &told["error"];
        let message = error["message"].as_str().unwrap();
        assert_eq!(status, 400, "{body}: {told}");
        assert_eq!(error["param"].as_str().unwrap_or_default(), param, "{body}: {told}");
        assert!(message.contains(words), "{body}: {message}");
    }
}

#[tokio::test]
async fn texts_are_private_or_not_as_the_detectors_say() {
    let front = front().await;
    let told = front.post("/v1/moderations", &json!({ "input": "write to a@b.example" })).await;
    let result = told.json()["results"][0].clone();
    assert_eq!(result["flagged"], true);
    assert_eq!(result["categories"], json!({ "credentials": false, "pii": true }));
    assert!(result["category_scores"]["pii"].as_f64() > Some(0.8), "{result}");
    let body = json!({ "input": ["plain", { "type": "text", "text": "a@b.example" }] });
    let told = front.post("/v1/moderations", &body).await.json();
    let flags: Vec<_> = (0..2).map(|at| told["results"][at]["flagged"] == true).collect();
    assert_eq!(flags, [false, true]);
    let picture = json!({ "input": [{ "type": "image_url", "image_url": { "url": "x" } }] });
    let (status, param, words) = front.post("/v1/moderations", &picture).await.told();
    assert_eq!((status, &*param), (400, "input[0].type"), "{words}");
}

#[tokio::test]
async fn documents_that_are_called_texts_are_rated_in_that_way() {
    let front = front().await;
    let body = json!({ "query": "q", "texts": ["one", "two"], "return_text": true });
    let told = front.post("/rerank", &body).await.json();
    let rated = told.as_array().unwrap();
    assert_eq!(rated.len(), 2, "{told}");
    assert!(rated[0]["score"].as_f64() >= rated[1]["score"].as_f64(), "{told}");
    let text = ["one", "two"][rated[0]["index"].as_u64().unwrap() as usize];
    assert_eq!(rated[0]["text"], text);
    let (status, param, _) =
        front.post("/rerank", &json!({ "query": "q", "texts": [] })).await.told();
    assert_eq!((status, &*param), (400, "texts"));
}
