//! Who is let in, what a label in the head means, and where models are found.

use oratory_http::Limits;

use crate::front::{body_of, front, front_with};

#[tokio::test]
async fn every_path_but_the_public_ones_wants_the_key() {
    let front = front_with(Some("open sesame"), Limits::default()).await;
    for path in ["/v1/models", "/v1/models/echo", "/v1/models/%ff", "/metrics"] {
        let response = front.get(path).await;
        assert_eq!(response.status, 401, "{path}");
        assert!(response.head.contains("www-authenticate: bearer"), "{}", response.head);
    }
    assert_eq!(front.chat(&body_of(3)).await.status, 401);
    let keys = "authorization: bearer for a proxy\r\nx-api-key: open sesame\r\n";
    assert_eq!(front.chat_with(keys, &body_of(3)).await.status, 200);
    let lower = "authorization: bearer open sesame\r\n";
    assert_eq!(front.chat_with(lower, &body_of(3)).await.status, 200);
    assert_eq!(front.get("/health").await.status, 200);
}

#[tokio::test]
async fn a_foreign_name_is_told_what_is_true() {
    let front = front().await;
    let asked = b"GET /v1/models HTTP/1.1\r\nhost: [::1]evil.com\r\nconnection: close\r\n\r\n";
    let response = front.send(asked).await;
    assert_eq!(response.status, 403);
    assert!(!response.body.contains("pages"), "{}", response.body);
    let response = front.chat_with("origin: https://evil.example\r\n", &body_of(3)).await;
    assert_eq!(response.status, 403);
    assert!(!response.body.contains("server.key"), "{}", response.body);
}

#[tokio::test]
async fn labels_said_twice_are_joined_upward() {
    let front = front().await;
    for headers in [
        "x-oratory-label: public\r\nx-oratory-label: secret\r\n",
        "x-oratory-label: secret\r\nx-oratory-label: public\r\n",
        "x-oratory-label: public, secret\r\n",
    ] {
        let response = front.chat_with(headers, &body_of(3)).await;
        assert_eq!(response.status, 200, "{}", response.body);
        assert!(response.head.contains("x-oratory-labels: secret"), "{}", response.head);
    }
    for headers in [
        "x-oratory-label: public\r\nx-oratory-label: s\u{fc}per\r\n",
        "x-oratory-label: public\r\nx-oratory-label: top\r\n",
        "x-oratory-label:\r\n",
    ] {
        let (status, param, _) = front.chat_with(headers, &body_of(3)).await.told();
        assert_eq!((status, &*param), (400, "x-oratory-label"), "{headers}");
    }
}

#[tokio::test]
async fn a_model_is_found_by_the_names_chat_accepts() {
    let front = front().await;
    for name in ["echo", "home/echo", "ECHO"] {
        let response = front.get(&format!("/v1/models/{name}")).await;
        assert_eq!(response.status, 200, "{name}");
        assert!(response.body.contains(r#""id":"echo""#), "{}", response.body);
    }
    for (name, status) in [("home", 404), ("away/echo", 404), ("homeecho", 404), ("%ff", 400)] {
        let response = front.get(&format!("/v1/models/{name}")).await;
        assert_eq!(response.status, status, "{name}");
        assert_eq!(response.error()["param"], "model");
    }
}
