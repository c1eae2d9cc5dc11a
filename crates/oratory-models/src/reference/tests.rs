//! Every way people write a model, and ways that must not work.
//!
//! The rule for slashes is the one the documentation states.

use super::*;

fn hf(repo: &str, revision: &str, pick: Pick) -> Reference {
    Reference::HuggingFace { repo: repo.into(), revision: revision.into(), pick }
}

fn registry(namespace: &str, name: &str, tag: &str) -> Reference {
    Reference::Ollama { namespace: namespace.into(), name: name.into(), tag: tag.into() }
}

#[test]
fn names_mean_what_people_mean() {
    let called = |name: &str| Pick::Called(name.into());
    let file = |name: &str| Pick::File(name.into());
    let repo = "Qwen/Qwen3-8B-GGUF";
    for (typed, meant) in [
        ("Qwen/Qwen3-8B-GGUF", hf(repo, "main", Pick::Best)),
        ("Qwen/Qwen3-8B-GGUF:Q5_K_M", hf(repo, "main", called("Q5_K_M"))),
        ("Qwen/Qwen3-8B-GGUF:latest", hf(repo, "main", Pick::Best)),
        ("hf.co/Qwen/Qwen3-8B-GGUF:q8_0", hf(repo, "main", called("q8_0"))),
        ("HF.co/Qwen/Qwen3-8B-GGUF", hf(repo, "main", Pick::Best)),
        ("Qwen/Qwen3-8B-GGUF:Qwen3-8B-Q8_0.gguf", hf(repo, "main", file("Qwen3-8B-Q8_0.gguf"))),
        ("https://huggingface.co/Qwen/Qwen3-8B-GGUF", hf(repo, "main", Pick::Best)),
        (
            "https://huggingface.co/Qwen/Qwen3-8B-GGUF/resolve/main/Qwen3-8B-Q4_K_M.gguf?download=true",
            hf(repo, "main", file("Qwen3-8B-Q4_K_M.gguf")),
        ),
        (
            "https://huggingface.co/Qwen/Qwen3-8B-GGUF/blob/v1/Q4%20K/a.gguf",
            hf(repo, "v1", file("Q4 K/a.gguf")),
        ),
        ("qwen3.5:9b", registry("library", "qwen3.5", "9b")),
        ("gemma-4-e4b", registry("library", "gemma-4-e4b", "latest")),
        ("ollama:someone/tuned:7b", registry("someone", "tuned", "7b")),
        ("registry.ollama.ai/library/qwen3:8b", registry("library", "qwen3", "8b")),
        ("https://ollama.com/library/qwen3:8b", registry("library", "qwen3", "8b")),
        ("./qwen.gguf", Reference::Path("./qwen.gguf".into())),
        ("qwen.gguf", Reference::Path("qwen.gguf".into())),
        (
            "http://lab.example/x/m.gguf?v=2",
            Reference::Link("http://lab.example/x/m.gguf?v=2".into()),
        ),
    ] {
        assert_eq!(typed.parse::<Reference>().unwrap(), meant, "{typed}");
    }
}

#[test]
fn what_names_no_model_is_refused_with_a_hint() {
    for typed in [
        "",
        "a/b/c",
        "org/re\npo",
        "org/repo:../../x.gguf",
        "org/..",
        "https://x.example/page",
        "https://me:secret@x.example/m.gguf",
        "https://huggingface.co/datasets/a/b",
        "name:ta g",
        "https://huggingface.co/a/b/resolve/main/%2e%2e/x.gguf",
        "https://huggingface.co/a/b/resolve/main/readme.md",
    ] {
        match typed.parse::<Reference>() {
            Err(error @ ModelsError::Name { .. }) => {
                assert!(error.hint().contains("Qwen/"), "{error}");
            }
            other => panic!("{typed:?} became {other:?}"),
        }
    }
}
