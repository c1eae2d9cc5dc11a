//! How each place is told who asks: its own header, a query, or a signature; and nowhere else.

use oratory_contract::{Delivery, FailureKind};
use oratory_fakes::Provider;
use oratory_remote::{Access, Config, Dialect, Key, Signing};

use crate::canned::{success, whole};
use crate::place::{ask, config, failure, open};

const KEY: &str = "open-barley";

fn access(dialect: Dialect) -> Access {
    Access { dialect, key: Some(Key::from(KEY.to_owned())), ..Access::default() }
}

async fn received(access: Access) -> String {
    let answer = success(access.dialect, Delivery::Whole, &whole(access.dialect));
    let provider = Provider::saying(answer).await;
    let place = open(Config { access, ..config(provider.url()) });
    ask(&place, "echo", "hello", Delivery::Whole).await.expect("it is answered");
    provider.received().remove(0)
}

#[tokio::test]
async fn each_dialect_has_the_key_in_its_own_header() {
    for (dialect, line) in [
        (Dialect::OpenAi, "authorization: Bearer open-barley"),
        (Dialect::Responses, "authorization: Bearer open-barley"),
        (Dialect::Ollama, "authorization: Bearer open-barley"),
        (Dialect::Bedrock, "authorization: Bearer open-barley"),
        (Dialect::Azure, "api-key: open-barley"),
        (Dialect::Anthropic, "x-api-key: open-barley"),
        (Dialect::Gemini, "x-goog-api-key: open-barley"),
    ] {
        let request = received(access(dialect)).await;
        let lines = request.lines().filter(|line| line.contains("barley"));
        assert_eq!(lines.collect::<Vec<_>>(), [line], "{}", dialect.as_str());
        let version = request.contains("anthropic-version: 2023-06-01");
        assert_eq!(version, dialect == Dialect::Anthropic, "{request}");
    }
}

#[tokio::test]
async fn azure_is_told_the_version_in_the_address() {
    let access = Access { api_version: Some("2024-10-21".to_owned()), ..access(Dialect::Azure) };
    let request = received(access).await;
    assert!(
        request.starts_with("POST /v1/chat/completions?api-version=2024-10-21 HTTP/1.1\r\n"),
        "{request}"
    );
}

#[tokio::test]
async fn with_an_access_key_the_call_is_signed_and_the_secret_stays() {
    let signing = Signing {
        access_key: "AKIDEXAMPLE".to_owned(),
        region: "eu-central-1".to_owned(),
        session: Some(Key::from("for a while".to_owned())),
    };
    let request = received(Access { signing: Some(signing), ..access(Dialect::Bedrock) }).await;
    assert!(!request.contains("barley"), "{request}");
    let line = request.lines().find(|line| line.starts_with("authorization: ")).unwrap();
    let (scope, signed) = line.split_once(", SignedHeaders=").unwrap();
    assert!(
        scope.starts_with("authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20"),
        "{scope}"
    );
    assert!(scope.ends_with("/eu-central-1/bedrock/aws4_request"), "{scope}");
    assert!(
        signed.starts_with("content-type;host;x-amz-date;x-amz-security-token, Signature="),
        "{signed}"
    );
    assert!(request.contains("x-amz-security-token: for a while"), "{request}");
}

#[tokio::test]
async fn a_provider_that_quotes_the_key_is_not_quoted() {
    for dialect in Dialect::ALL {
        let body = format!("{{\"error\":{{\"message\":\"{KEY} is no good\"}}}}");
        let length = body.len();
        let head = format!("HTTP/1.1 401 Unauthorized\r\ncontent-length: {length}\r\n\r\n");
        let provider = Provider::saying(head + &body).await;
        let place = open(Config { access: access(dialect), ..config(provider.url()) });
        let failure = failure(&place, "echo", Delivery::Whole).await;
        assert_eq!(failure.message, "lab answered 401: … is no good");
    }
}

#[tokio::test]
async fn a_key_in_a_models_name_does_not_leave_in_an_address() {
    let secret = ["sk", "-", "abcdefghijklmnopqrstuvwxyz"].concat();
    for dialect in [Dialect::Gemini, Dialect::Bedrock] {
        let provider = Provider::saying("").await;
        let place = open(Config { access: access(dialect), ..config(provider.url()) });
        for name in [secret.clone(), format!("models {secret}")] {
            let failure = failure(&place, &name, Delivery::Stream).await;
            assert_eq!(failure.kind, FailureKind::Refused, "{name}");
        }
        assert_eq!(provider.connections(), 0);
    }
}
