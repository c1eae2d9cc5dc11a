//! Callers with keys of their own, over a socket and on SQLite: who gets in, and who has spent enough.

use std::path::PathBuf;
use std::sync::Arc;

use oratory_contract::{Rights, Sensitivity};
use oratory_http::{Door, Keyless, Limits};
use oratory_store::{KeyBook, KnownCallers, Spending};
use serde_json::json;

use crate::front::{Front, Response, front_for};

/// A front whose callers have keys.
struct Keyed {
    front: Front,
    book: KeyBook,
    path: PathBuf,
    _folder: Option<tempfile::TempDir>,
}

async fn keyed() -> Keyed {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("callers.db");
    Keyed { _folder: Some(folder), ..at(path).await }
}

async fn at(path: PathBuf) -> Keyed {
    let door = Door::new(None).for_callers(Arc::new(KnownCallers::new(&path)), Keyless::UntilKeys);
    let front = front_for(door, Some(Arc::new(Spending::new(&path))), Limits::default()).await;
    Keyed { front, book: KeyBook::new(&path), path, _folder: None }
}

impl Keyed {
    fn key(&self, name: &str, rights: &Rights) -> String {
        self.book.add(name, rights, 0).unwrap().reveal().to_owned()
    }

    async fn chat(&self, key: &str, model: &str, more: &str) -> Response {
        let body = json!({ "model": model, "max_tokens": 50,
            "messages": [{ "role": "user", "content": "hello there" }] });
        self.front
            .chat_with(&format!("authorization: Bearer {key}\r\n{more}"), &body.to_string())
            .await
    }

    /// Asks so often at once, and returns how many were answered.
    async fn passed(&self, asks: usize, key: &str) -> usize {
        let each = (0..asks).map(|_| self.chat(key, "echo", ""));
        let answers = futures_util::future::join_all(each).await;
        for answer in &answers {
            assert!(answer.status == 200 || answer.status == 429, "{}", answer.body);
        }
        answers.iter().filter(|answer| answer.status == 200).count()
    }
}

fn budgets(texts: &[&str]) -> Rights {
    let budgets = texts.iter().map(|text| text.parse().unwrap()).collect();
    Rights { budgets, ..Rights::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_hundred_at_once_exactly_ten_pass_and_what_fails_costs_nothing() {
    let keyed = keyed().await;
    let ada = keyed.key("ada", &budgets(&["10 requests/day"]));
    for _ in 0..3 {
        let failed = keyed.chat(&ada, "rate-limited", "").await;
        assert_eq!(failed.json()["error"]["code"], "rate_limit_exceeded", "{}", failed.body);
    }
    assert_eq!(keyed.passed(4, &ada).await, 4);
    // Another house on the same database knows what was spent before.
    let again = at(keyed.path.clone()).await;
    assert_eq!(again.passed(100, &ada).await, 6);
    assert_eq!(keyed.passed(10, &ada).await, 0);
    let refused = again.chat(&ada, "echo", "").await;
    let error = &refused.json()["error"];
    assert_eq!((refused.status, &error["type"]), (429, &json!("insufficient_quota")));
    let said = error["message"].as_str().unwrap();
    assert!(
        said.contains("10 requests/day: 10 spent") && said.contains("begins again at"),
        "{said}"
    );
    assert!(
        refused.head.contains("retry-after: ") && refused.head.contains("x-should-retry: false")
    );
    let bob = keyed.key("bob", &Rights::default());
    assert_eq!(keyed.passed(20, &bob).await, 20, "what one has spent is nobody else's");
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_that_were_not_used_are_given_back_and_what_breaks_off_is_paid_for() {
    let keyed = keyed().await;
    let ada = keyed.key("ada", &budgets(&["3000 tokens/day", "40 requests/day"]));
    let mut passed = 0;
    for _ in 0..10 {
        passed += keyed.passed(10, &ada).await;
    }
    assert!(passed > 5, "{passed}");
    let bob = keyed.key("bob", &budgets(&["1 requests/day"]));
    let cut = keyed.chat(&bob, "cuts-off", "").await;
    assert_ne!(cut.status, 429, "{}", cut.body);
    let after = keyed.chat(&bob, "echo", "").await;
    assert_eq!(after.status, 429, "what began counts, however it ended: {}", after.body);
}

#[tokio::test]
async fn rights_hold_for_models_levels_and_labels() {
    let keyed = keyed().await;
    assert_eq!(keyed.front.get("/v1/models").await.status, 200, "nobody has a key yet");
    let few = Rights {
        models: vec!["e*".to_owned()],
        clearance: Some(Sensitivity::Internal),
        ..Rights::default()
    };
    let (few, high) = (
        keyed.key("few", &few),
        Rights { label: Some(Sensitivity::Confidential), ..Rights::default() },
    );
    let high = keyed.key("high", &high);
    assert_eq!(keyed.front.get("/v1/models").await.status, 401, "now everyone needs one");
    let head = format!(
        "GET /v1/models HTTP/1.1\r\nhost: localhost\r\nx-api-key: {few}\r\nconnection: close\r\n\r\n"
    );
    let listed = keyed.front.send(head.as_bytes()).await.json();
    let names: Vec<_> =
        listed["data"].as_array().unwrap().iter().map(|model| model["id"].clone()).collect();
    assert_eq!(names, ["echo"]);
    assert_eq!(keyed.chat(&few, "echo", "").await.status, 200);
    let refused = keyed.chat(&few, "slow", "").await;
    assert_eq!(refused.status, 403);
    assert!(
        refused.body.contains("\\\"few\\\" may not ask for \\\"slow\\\", only for e*"),
        "{}",
        refused.body
    );
    let refused = keyed.chat(&few, "echo", "x-oratory-label: secret\r\n").await;
    assert_eq!(refused.status, 403);
    assert!(refused.body.contains("this is secret") && refused.body.contains("what is internal"));
    let labelled = keyed.chat(&high, "echo", "x-oratory-label: public\r\n").await;
    assert!(labelled.head.contains("x-oratory-labels: confidential\r\n"), "{}", labelled.head);
    keyed.book.remove("few").unwrap();
    let gone = keyed.chat(&few, "echo", "").await;
    assert_eq!((gone.status, &gone.json()["error"]["code"]), (401, &json!("invalid_api_key")));
    let past = Rights { expires: Some(5), ..Rights::default() };
    let late = keyed.chat(&keyed.key("late", &past), "echo", "").await;
    assert!(late.status == 401 && late.body.contains("expired on 1970-01-01"), "{}", late.body);
    keyed.book.remove("late").unwrap();
    keyed.book.remove("high").unwrap();
    assert_eq!(keyed.chat("anything", "echo", "").await.status, 200, "nobody has a key any more");
    assert_eq!(keyed.chat(&few, "echo", "").await.status, 401, "but what was one opens nothing");
}
