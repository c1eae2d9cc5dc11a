//! Model files that are damaged, or made to do damage.
//!
//! Each is the sound model with one thing in it made wrong.

use super::gguf::{ARRAY, FLOAT32, Gguf, INT32, TEXT, UINT32, UINT64, text, texts, value};

/// What the sound model says. Some damage only looks like damage: the model answers all the same.
pub(super) const FINE: &str = "Here I am";

/// A file, and words its error must hold; or `FINE`.
pub(super) struct Row {
    pub(super) name: &'static str,
    pub(super) bytes: Vec<u8>,
    pub(super) words: &'static str,
}

fn row(name: &'static str, bytes: impl Into<Vec<u8>>, words: &'static str) -> Row {
    Row { name, bytes: bytes.into(), words }
}

/// Returns every damaged file.
pub(super) fn rows(sound: &[u8]) -> Vec<Row> {
    let good = Gguf::read(sound);
    assert_eq!(good.bytes(), sound, "a file that was taken apart is put together as it was");
    let mut rows = bytes(sound);
    rows.extend(counts(sound, &good));
    rows.extend(tensors(&good));
    rows.extend(numbers(&good));
    rows.extend(vocabularies(&good));
    rows.extend(templates(&good));
    rows
}

/// Cut short, or of another kind.
fn bytes(sound: &[u8]) -> Vec<Row> {
    let header = sound.len() - Gguf::read(sound).data.len();
    let mut version = sound.to_vec();
    version[4..8].copy_from_slice(&9_u32.to_le_bytes());
    let mut old = sound.to_vec();
    old[4..8].copy_from_slice(&1_u32.to_le_bytes());
    vec![
        row("empty", "", "the file is empty"),
        row("two-bytes", "GG", "not a GGUF file"),
        row("cut-in-counts", &sound[..20], "cannot hold"),
        row("cut-in-fields", &sound[..300], "cut short"),
        row("cut-in-tokens", &sound[..header / 3], "claims 264 elements"),
        row("cut-in-tensors", &sound[..header - 100], "cut short"),
        row("cut-in-weights", &sound[..sound.len() / 2], "cut short"),
        row("last-byte-gone", &sound[..header + 40], "cut short"),
        row("other-magic", [b"GGML", &sound[4..]].concat(), "begins with"),
        row("a-page", "<!DOCTYPE html><title>404</title>", "begins with"),
        row("version-9", version, "version 9"),
        row("version-1", old, "version 1"),
    ]
}

fn put(bytes: &[u8], at: usize, number: u64) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes[at..at + 8].copy_from_slice(&number.to_le_bytes());
    bytes
}

/// Counts and lengths no file can hold.
fn counts(sound: &[u8], good: &Gguf) -> Vec<Row> {
    let huge = |kind: u32| {
        let mut bytes = value(ARRAY, kind.to_le_bytes());
        bytes.extend((1_u64 << 60).to_le_bytes());
        bytes
    };
    let tokens = "tokenizer.ggml.tokens";
    vec![
        row("huge-tensors", put(sound, 8, 1 << 60), "tensors"),
        row("huge-fields", put(sound, 16, u64::MAX), "fields"),
        row("huge-name", put(sound, 24, 1 << 60), "a length of"),
        row("huge-list", good.clone().set(tokens, huge(TEXT)).bytes(), "elements"),
        row("list-of-lists", good.clone().set(tokens, huge(ARRAY)).bytes(), tokens),
        row(
            "unknown-field",
            good.clone().set(tokens, value(99, [0; 8])).bytes(),
            "unknown type 99",
        ),
        row(
            "two-of-a-name",
            {
                let mut twice = good.clone();
                twice.fields.push(twice.fields[0].clone());
                twice.bytes()
            },
            "twice",
        ),
    ]
}

/// Tensors that overlap, lie outside or have impossible shapes.
fn tensors(good: &Gguf) -> Vec<Row> {
    let change =
        |change: fn(&mut super::gguf::Tensor)| good.clone().tensor("output.weight", change).bytes();
    vec![
        row("overlapping", change(|tensor| tensor.offset = 0), "expected"),
        row("past-the-end", change(|tensor| tensor.offset = 1 << 40), "past its end"),
        row("unaligned", change(|tensor| tensor.offset += 1), "expected"),
        row("overflowing-shape", change(|tensor| tensor.shape[0] = 1 << 62), "impossible shape"),
        row("zero-length", change(|tensor| tensor.shape[1] = 0), "impossible shape"),
        row("five-dimensions", change(|tensor| tensor.shape = vec![1; 5]), "5 dimensions"),
        row("unknown-kind", change(|tensor| tensor.kind = 99), "unknown type 99"),
        row("other-kind", change(|tensor| tensor.kind = 1), "expected"),
        row("unnamed", change(|tensor| tensor.name = "x".into()), "wrong number of tensors"),
        row("alignment-3", good.clone().number("general.alignment", 3).bytes(), "alignment 3"),
        row("not-a-number", good.clone().fill("output.weight", f32::NAN).bytes(), "NaN"),
        row("infinite", good.clone().fill("token_embd.weight", f32::INFINITY).bytes(), "NaN"),
    ]
}

/// Numbers that make no network.
fn numbers(good: &Gguf) -> Vec<Row> {
    let with = |name: &str, number| good.clone().number(name, number).bytes();
    let float = |name: &str, number| good.clone().float(name, number).bytes();
    let layers = "llama.block_count";
    vec![
        row("no-layers", with(layers, 0), "0 layers"),
        row("100000-layers", with(layers, 100_000), "100000 layers"),
        row("missing-layers", with(layers, 40), "blk.1"),
        row("layers-as-text", good.clone().text(layers, "one").bytes(), layers),
        row("layers-unsaid", good.clone().without(layers).bytes(), layers),
        row("no-heads", with("llama.attention.head_count", 0), "head"),
        row("a-million-heads", with("llama.attention.head_count", 1_000_000), "head"),
        row("three-heads", with("llama.attention.head_count", 3), "head"),
        row("more-keys-than-heads", with("llama.attention.head_count_kv", 7), "head"),
        row("no-width", with("llama.embedding_length", 0), "cannot load"),
        row("other-width", with("llama.embedding_length", 96), "cannot load"),
        row("no-context", with("llama.context_length", 0), FINE),
        row("no-feed-forward", with("llama.feed_forward_length", 0), "ffn_gate"),
        row("odd-rotation", with("llama.rope.dimension_count", 77), "n_rot"),
        row("norm-of-nan", float("llama.attention.layer_norm_rms_epsilon", f32::NAN), "epsilon"),
        row("norm-below-0", float("llama.attention.layer_norm_rms_epsilon", -1.0), "epsilon"),
        row("rotation-of-nan", float("llama.rope.freq_base", f32::NAN), "rope.freq_base"),
        row("experts-of-none", with("llama.expert_count", 4), "expert"),
        row(
            "unknown-family",
            good.clone().text("general.architecture", "nonesuch").bytes(),
            "nonesuch",
        ),
        row(
            "no-family",
            good.clone().without("general.architecture").bytes(),
            "unknown model architecture",
        ),
    ]
}

/// Vocabularies that do not work.
fn vocabularies(good: &Gguf) -> Vec<Row> {
    let tokens = good.list("tokenizer.ggml.tokens");
    let mut doubled = tokens.clone();
    doubled[70] = doubled[71].clone();
    let list = |name: &str, list: &[String]| good.clone().set(name, texts(list)).bytes();
    let scores = [value(ARRAY, FLOAT32.to_le_bytes()), 0_u64.to_le_bytes().to_vec()].concat();
    let short = [
        value(ARRAY, INT32.to_le_bytes()),
        1_u64.to_le_bytes().to_vec(),
        3_i32.to_le_bytes().to_vec(),
    ];
    let with = |name: &str, number| good.clone().number(name, number).bytes();
    vec![
        row("no-tokens", good.clone().without("tokenizer.ggml.tokens").bytes(), "token"),
        row("empty-vocabulary", list("tokenizer.ggml.tokens", &[]), "token"),
        row("too-few-tokens", list("tokenizer.ggml.tokens", &tokens[..50]), "token"),
        row("tokens-twice", list("tokenizer.ggml.tokens", &doubled), "id_to_token"),
        row(
            "tokens-as-numbers",
            {
                let one =
                    [value(ARRAY, UINT32.to_le_bytes()), 1_u64.to_le_bytes().to_vec(), vec![0; 4]];
                good.clone().set("tokenizer.ggml.tokens", one.concat()).bytes()
            },
            "tokens",
        ),
        row("no-merges", good.clone().without("tokenizer.ggml.merges").bytes(), "merges"),
        row("merges-as-number", with("tokenizer.ggml.merges", 7), "merges"),
        row("wrong-merges", list("tokenizer.ggml.merges", &["nospace".into(), "q z".into()]), FINE),
        row("scores-too-few", good.clone().set("tokenizer.ggml.scores", scores).bytes(), "scores"),
        row(
            "types-too-few",
            good.clone().set("tokenizer.ggml.token_type", short.concat()).bytes(),
            "toktypes",
        ),
        row("end-far-out", with("tokenizer.ggml.eos_token_id", 4_000_000_000), FINE),
        row("begin-far-out", with("tokenizer.ggml.bos_token_id", 999_999), FINE),
        row(
            "unknown-tokeniser",
            good.clone().text("tokenizer.ggml.model", "nonesuch").bytes(),
            "nonesuch",
        ),
        row(
            "unknown-cutting",
            good.clone().text("tokenizer.ggml.pre", "nonesuch").bytes(),
            "nonesuch",
        ),
        row("no-tokeniser", good.clone().without("tokenizer.ggml.model").bytes(), "tokenizer"),
        row(
            "huge-end",
            good.clone()
                .set("tokenizer.ggml.eos_token_id", value(UINT64, u64::MAX.to_le_bytes()))
                .bytes(),
            "eos",
        ),
        row(
            "bytes-in-a-token",
            {
                let mut list = value(ARRAY, TEXT.to_le_bytes());
                list.extend((tokens.len() as u64).to_le_bytes());
                for (at, token) in tokens.iter().enumerate() {
                    let mut one = text(token);
                    if at == 70 {
                        let last = one.len() - 1;
                        one[last] = 0xff;
                    }
                    list.extend(one);
                }
                good.clone().set("tokenizer.ggml.tokens", list).bytes()
            },
            FINE,
        ),
    ]
}

/// Templates that loop, swell, fall or refuse.
fn templates(good: &Gguf) -> Vec<Row> {
    let with = |template: &str| good.clone().text("tokenizer.chat_template", template).bytes();
    let forever = "{% for a in range(99999) %}{% for b in range(99999) %}{% for c in range(99999) %}\
        {% set x = a + b * c %}{% endfor %}{% endfor %}{% endfor %}";
    let falling = "{% macro f(n) %}{{ f(n + 1) }}{% endmacro %}{{ f(0) }}";
    let endless = "{% for a in range(99999) %}{% for b in range(99999) %}{{ 'x' * 10000 }}\
        {% endfor %}{% endfor %}";
    let swelling = "{% set n = namespace(x = 'x' * 1000) %}{% for a in range(60) %}\
        {% set n.x = n.x ~ n.x %}{% endfor %}{{ n.x | length }}";
    let copying = "{% set n = namespace(x = 'x' * 90000000) %}{% for a in range(99999) %}\
        {% set n.y = n.x ~ a %}{% endfor %}done";
    let raising = "{{ raise_exception('this model speaks to nobody') }}";
    let nested = format!("{}x{}", "{% if true %}".repeat(5000), "{% endif %}".repeat(5000));
    vec![
        row("template-for-ever", with(forever), "steps"),
        row("template-falling", with(falling), "template"),
        row("template-endless", with(endless), "bytes"),
        row("template-swelling", with(swelling), "template"),
        row("template-copying", with(copying), "template"),
        row("template-raising", with(raising), "this model speaks to nobody"),
        row("template-unfinished", with("{% for message in"), "template"),
        row("template-nested", with(&nested), "template"),
        row("template-unknown", with("{{ messages | frobnicate }}"), "frobnicate"),
        row("template-silent", with("{# nothing #}"), FINE),
        row("template-huge", with(&"x".repeat(2 << 20)), "chat_template"),
        row("template-as-number", good.clone().number("tokenizer.chat_template", 7).bytes(), FINE),
    ]
}
