//! Servers on this machine, found by what they answer: each told for what it is, and everybody else
//! left alone.

#![allow(clippy::unwrap_used, reason = "in a test, stopping at the wrong thing is the point")]
#![allow(clippy::disallowed_methods, reason = "what answers here ends with its test")]

use std::sync::{Arc, Mutex};

use oratory_contract::{ModelCard, Readiness};
use oratory_remote::Dialect;
use oratory_remote::near::{Server, Sight, look};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// A server that knows a few paths, and what it was asked.
struct Machine {
    port: u16,
    heard: Arc<Mutex<Vec<String>>>,
}

/// Starts a server that calls itself `name` and answers these paths.
async fn machine(name: &'static str, paths: &'static [(&'static str, &'static str)]) -> Machine {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let heard: Arc<Mutex<Vec<String>>> = Arc::default();
    let hears = heard.clone();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut asked = vec![0; 4096];
            let length = stream.read(&mut asked).await.unwrap_or(0);
            let asked = String::from_utf8_lossy(&asked[..length]).into_owned();
            let path = asked.split(' ').nth(1).unwrap_or_default().to_owned();
            hears.lock().unwrap().push(asked);
            let found = paths.iter().find(|(known, _)| *known == path).map(|(_, body)| *body);
            let (status, body) = found.map_or(("404 Not Found", "{}"), |body| ("200 OK", body));
            let head = format!(
                "HTTP/1.1 {status}\r\nserver: {name}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
                body.len()
            );
            let _ = stream.write_all(format!("{head}{body}").as_bytes()).await;
        }
    });
    Machine { port, heard }
}

async fn servers(machine: &Machine) -> Vec<Server> {
    match look(machine.port).await {
        Sight::Servers(servers) => servers,
        other => panic!("{other:?}"),
    }
}

fn names(models: &[ModelCard]) -> Vec<&str> {
    models.iter().map(|model| model.name.as_str()).collect()
}

#[tokio::test]
async fn an_ollama_is_two_places_where_a_cloud_answers_for_some_of_its_models() {
    let ollama = machine(
        "",
        &[
            ("/v1/models", r#"{"object":"list","data":[{"id":"qwen3:8b","owned_by":"library"}]}"#),
            ("/api/version", r#"{"version":"0.13.2"}"#),
            (
                "/api/tags",
                r#"{"models":[{"name":"qwen3:8b","size":5225387677,"details":{"parameter_size":"8.5B"}},
                {"name":"gpt-oss:120b-cloud"},{"name":"mine","remote_host":"https://ollama.com"}]}"#,
            ),
        ],
    )
    .await;
    let found = servers(&ollama).await;
    assert_eq!(found.len(), 2);
    assert_eq!((found[0].software.name, found[0].software.keeps), ("ollama", true));
    assert_eq!(names(&found[0].models), ["qwen3:8b"]);
    assert_eq!(found[0].version.as_deref(), Some("0.13.2"));
    assert_eq!(found[0].dialect, Dialect::Ollama);
    assert_eq!(found[0].url, format!("http://127.0.0.1:{}", ollama.port));
    assert_eq!((found[1].software.name, found[1].software.keeps), ("ollama-cloud", false));
    assert_eq!(names(&found[1].models), ["gpt-oss:120b-cloud", "mine"]);
}

#[tokio::test]
async fn servers_are_told_apart_by_what_they_say() {
    let one = |owner: &'static str, more: &'static str| -> &'static str {
        format!(r#"{{"object":"list","data":[{{"id":"m","owned_by":"{owner}"{more}}}]}}"#).leak()
    };
    type More = Option<(&'static str, &'static str)>;
    type Case = (&'static str, &'static str, More, &'static str, bool);
    let liveliness = Some(("/health/liveliness", "\"I'm alive!\""));
    let well_known = Some(("/.well-known/localai.json", r#"{"version":"v3"}"#));
    let cases: [Case; 10] = [
        ("llama.cpp", one("llamacpp", ""), None, "llama-server", true),
        ("uvicorn", one("vllm", r#","max_model_len":32768"#), None, "vllm", true),
        ("uvicorn", one("sglang", ""), None, "sglang", true),
        ("uvicorn", one("me", ""), None, "llama-cpp-python", true),
        ("KoboldCppServer 1", one("koboldcpp", ""), None, "koboldcpp", true),
        ("", one("organization_owner", ""), None, "lmstudio", true),
        // What may hand a question on, or is not known, keeps nothing to itself.
        ("", one("remote", ""), None, "jan", false),
        ("uvicorn", one("openai", ""), liveliness, "litellm", false),
        ("", one("", ""), well_known, "localai", false),
        ("nginx", one("somebody", ""), None, "server", false),
    ];
    for (server, list, more, name, keeps) in cases {
        let paths: Vec<_> = std::iter::once(("/v1/models", list)).chain(more).collect();
        let machine = machine(server, paths.leak()).await;
        let found = servers(&machine).await;
        assert_eq!((found[0].software.name, found[0].software.keeps), (name, keeps));
        assert_eq!(names(&found[0].models), ["m"], "{name}");
        let heard = machine.heard.lock().unwrap();
        assert!(heard.iter().all(|asked| asked.starts_with("GET /")), "{heard:?}");
    }
}

#[tokio::test]
async fn what_is_known_of_models_is_read_and_those_that_do_not_answer_are_left_out() {
    let studio = machine(
        "",
        &[
            (
                "/v1/models",
                r#"{"data":[{"id":"a","owned_by":"organization_owner"},{"id":"b"},{"id":"c"}]}"#,
            ),
            (
                "/api/v0/models",
                r#"{"data":[{"id":"a","type":"llm","state":"loaded","max_context_length":4096},
                {"id":"b","type":"vlm","state":"not-loaded"},{"id":"c","type":"embeddings"}]}"#,
            ),
        ],
    )
    .await;
    let models = servers(&studio).await.remove(0).models;
    assert_eq!(names(&models), ["a", "b"]);
    assert_eq!((models[0].context, &models[0].readiness), (Some(4096), &Readiness::Ready));
    assert_eq!(models[1].readiness, Readiness::Cold);
    let llama = machine(
        "llama.cpp",
        &[
            (
                "/v1/models",
                r#"{"data":[{"id":"q","owned_by":"llamacpp","meta":{"n_ctx_train":40960,"n_params":8190735360,"size":5}}]}"#,
            ),
            ("/props", r#"{"build_info":"b7000","default_generation_settings":{"n_ctx":8192}}"#),
        ],
    )
    .await;
    let found = servers(&llama).await.remove(0);
    assert_eq!(found.version.as_deref(), Some("b7000"));
    assert_eq!(found.models[0].context, Some(8192));
    assert_eq!(found.models[0].parameters, Some(8_190_735_360));
}

#[tokio::test]
async fn whoever_serves_no_models_is_asked_one_question_and_no_more() {
    let pages: [&'static [(&str, &str)]; 6] = [
        &[],
        &[("/v1/models", "<!doctype html><title>my app</title>")],
        &[("/v1/models", r#"{"data":{"id":"x"}}"#)],
        &[("/v1/models", r#"{"data":[{"name":"no model"}]}"#)],
        &[("/v1/models", r#"["a","b"]"#)],
        // Another Oratory: the two would ask each other in circles.
        &[("/v1/models", r#"{"data":[{"id":"mini","owned_by":"home","readiness":"cold"}]}"#)],
    ];
    for page in pages {
        let app = machine("dev", page).await;
        assert!(matches!(look(app.port).await, Sight::Stranger), "{page:?}");
        assert_eq!(app.heard.lock().unwrap().len(), 1, "{page:?}");
    }
    let shell = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = shell.local_addr().unwrap().port();
    let greeting = tokio::spawn(async move {
        let (mut stream, _) = shell.accept().await.unwrap();
        let _ = stream.write_all(b"SSH-2.0-OpenSSH_9.9\r\n").await;
        let _ = stream.read(&mut [0; 1024]).await;
    });
    assert!(matches!(look(port).await, Sight::Stranger));
    greeting.await.unwrap();
}

#[tokio::test]
async fn nobody_silence_and_floods_end_in_time() {
    let began = std::time::Instant::now();
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    assert!(matches!(look(free).await, Sight::Nobody));
    let mute = TcpListener::bind("127.0.0.1:0").await.unwrap();
    assert!(matches!(look(mute.local_addr().unwrap().port()).await, Sight::Silent));
    let endless = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = endless.local_addr().unwrap().port();
    let flood = tokio::spawn(async move {
        let (mut stream, _) = endless.accept().await.unwrap();
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
        while stream.write_all(&[b'['; 65_536]).await.is_ok() {}
    });
    assert!(matches!(look(port).await, Sight::Stranger | Sight::Silent));
    flood.await.unwrap();
    assert!(began.elapsed() < std::time::Duration::from_secs(10), "{:?}", began.elapsed());
}
