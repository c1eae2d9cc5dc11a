//! Reads and checks a GGUF header, and tells what the model is.
//!
//! Every rule llama.cpp has for a header is checked here first, because it answers a broken
//! rule with "failed to load" or by ending the process.

use std::collections::{BTreeMap, HashSet};
use std::fs::File;
use std::hash::{DefaultHasher, Hasher};
use std::io::{self, Read, Seek};
use std::path::Path;
use std::sync::Arc;

use super::network::{Network, Numbers};
use super::projector::{self, Projector};
use super::source::Source;
use super::tensors::Weight;
use super::{
    DEFAULT_ALIGNMENT, Damage, GgufError, MAGIC, MAX_BLOCKS, MAX_EXPERTS, pad, tensors, types,
};

/// Longest name of a field; real ones stay under a hundred bytes.
const MAX_KEY: u64 = 4096;
/// Longest text worth keeping: chat templates are some tens of kilobytes.
const MAX_KEPT_TEXT: u64 = 1 << 20;
/// Fields with numbers worth keeping; real files have some dozens.
const MAX_NUMBERS: usize = 1024;

/// Fields that say of which kind a projector is.
const KINDS: [&str; 3] =
    ["clip.projector_type", "clip.vision.projector_type", "clip.audio.projector_type"];

/// Families whose layers that predict further ahead the engine runs.
const LOOK_AHEAD: [&str; 1] = ["qwen35"];

/// What a model file says about itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// The model family, such as `llama` or `qwen3`.
    pub architecture: Option<String>,
    /// The model's own name.
    pub name: Option<String>,
    /// Tokens it was trained to hold at once.
    pub context: Option<u32>,
    /// Layers.
    pub blocks: Option<u32>,
    /// Weights in this file.
    pub parameters: u64,
    /// The quantisation, such as `Q4_K_M`.
    pub quantisation: Option<&'static str>,
    /// The chat template, in Jinja.
    pub chat_template: Option<String>,
    /// The token that begins a text.
    pub bos: Option<u32>,
    /// The token that ends an answer.
    pub eos: Option<u32>,
    /// Bytes of the file.
    pub bytes: u64,
    /// Stands for the tokens of its vocabulary: equal ones have equal numbers, here and now.
    pub vocabulary: Option<u64>,
    /// The sizes of the network.
    pub network: Network,
    /// The tensors, in the file's order.
    pub weights: Arc<[Weight]>,
    /// What kind of adapter it is; `None` means that it is a model.
    pub adapter: Option<Adapter>,
    /// What lets a model see or hear; `None` means that it is a model.
    pub projector: Option<Projector>,
}

/// What an adapter says about itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Adapter {
    /// Its kind, such as `lora`.
    pub kind: Option<String>,
    /// Whether it only works once certain words have been said.
    pub invoked: bool,
    /// A field that is not of the type it must have.
    pub wrong_type: Option<&'static str>,
}

impl Facts {
    /// Says whether it has layers that predict further ahead and that the engine can run.
    pub fn looks_ahead(&self) -> bool {
        // llama.cpp ends the process where a family's own way of it is missing.
        let family = self.architecture.as_deref().unwrap_or_default();
        self.network.ahead == 1 && LOOK_AHEAD.contains(&family)
    }
}

/// Checks the file at `path` and returns what it says about itself.
pub fn check(path: &Path) -> Result<Facts, GgufError> {
    open(path)
        .map_err(Damage::Unreadable)
        .and_then(read)
        .map_err(|damage| GgufError { path: path.to_owned(), damage })
}

/// Opens a file, and nothing else: opening a pipe would wait for somebody to write to it.
fn open(path: &Path) -> io::Result<File> {
    if std::fs::metadata(path)?.is_file() {
        File::open(path)
    } else {
        Err(io::Error::other("it is not a file"))
    }
}

/// Checks an opened file and returns what it says about itself.
pub fn read(file: impl Read + Seek) -> Result<Facts, Damage> {
    let mut source = Source::new(file)?;
    read_magic(&mut source)?;
    let version = source.u32("the version")?;
    if !(2..=3).contains(&version) {
        return Err(Damage::Version(version));
    }
    let tensors = count(&mut source, "tensors", 24)?;
    let fields = count(&mut source, "fields", 13)?;
    let mut header = Header {
        facts: Facts::default(),
        adapter: Adapter::default(),
        is_adapter: false,
        alignment: DEFAULT_ALIGNMENT,
        numbers: Numbers::new(),
        texts: BTreeMap::new(),
        tokens: 0,
    };
    header.facts.bytes = source.size();
    header.read_fields(&mut source, fields)?;
    header.read_tensors(&mut source, tensors)?;
    let network = Network::of(&header.numbers, header.tokens);
    let (experts, used) = network.experts;
    if used > experts || experts > MAX_EXPERTS || (used == 0) != (experts == 0) {
        return Err(Damage::Experts { experts, used });
    }
    header.facts.network = network;
    let projects = header.facts.architecture.as_deref() == Some(projector::FAMILY);
    header.facts.projector = projects.then(|| Projector::of(&header.numbers, &header.texts));
    header.facts.adapter = header.is_adapter.then_some(header.adapter);
    Ok(header.facts)
}

fn read_magic(source: &mut Source<impl Read + Seek>) -> Result<(), Damage> {
    let mut found = Vec::new();
    for _ in 0..source.left().min(4) {
        found.push(source.u8("the first bytes")?);
    }
    if found == MAGIC {
        return Ok(());
    }
    let found = match &found[..] {
        [] => "nothing: the file is empty".to_owned(),
        bytes => format!("\"{}\"", bytes.escape_ascii()),
    };
    Err(Damage::WrongMagic { found })
}

/// Reads a count of things that take at least `least` bytes each.
fn count(
    source: &mut Source<impl Read + Seek>,
    what: &'static str,
    least: u64,
) -> Result<u64, Damage> {
    let count = source.u64(what)?;
    if count > source.size() / least {
        return Err(Damage::Count { what, count, size: source.size() });
    }
    Ok(count)
}

struct Header {
    facts: Facts,
    adapter: Adapter,
    is_adapter: bool,
    alignment: u64,
    numbers: Numbers,
    /// The kinds of a projector.
    texts: BTreeMap<String, String>,
    /// Tokens in the vocabulary.
    tokens: u64,
}

/// One field's value, as far as anything here needs it.
enum Value {
    Number(u64),
    Float(f64),
    /// Twice as exact, which is another type to llama.cpp.
    Double(f64),
    /// As many as there may be layers; what is longer is only counted.
    Numbers(Vec<u64>),
    /// How many texts, and a number that stands for them.
    Texts(u64, u64),
    Text(String),
    Other,
}

impl Header {
    fn read_fields(
        &mut self,
        source: &mut Source<impl Read + Seek>,
        count: u64,
    ) -> Result<(), Damage> {
        let mut seen = HashSet::new();
        for number in 0..count {
            let key = source.text(&format!("the name of field {number}"), MAX_KEY)?;
            let value = read_value(source, &key)?;
            self.note(&key, value)?;
            if let Some(key) = seen.replace(key) {
                return Err(Damage::Twice { what: "field", name: key });
            }
        }
        Ok(())
    }

    /// Keeps the numbers of the network, whose keys begin with its architecture.
    fn keep(&mut self, key: &str, value: &Value) {
        let kept = match value {
            Value::Number(number) => vec![*number],
            Value::Numbers(numbers) => numbers.clone(),
            _ => return,
        };
        let Some((start, rest)) = key.split_once('.') else { return };
        if !matches!(start, "general" | "tokenizer" | "split") && self.numbers.len() < MAX_NUMBERS {
            self.numbers.insert(rest.to_owned(), kept);
        }
    }

    fn note(&mut self, key: &str, value: Value) -> Result<(), Damage> {
        self.keep(key, &value);
        self.note_adapter(key, &value);
        let facts = &mut self.facts;
        match (key, value) {
            ("general.architecture", Value::Text(text)) => facts.architecture = Some(text),
            ("general.name", Value::Text(text)) => facts.name = Some(text),
            ("general.file_type", Value::Number(n)) => facts.quantisation = types::file_type(n),
            ("general.alignment", Value::Number(n)) => {
                if !n.is_power_of_two() || n > 65_536 {
                    return Err(Damage::Alignment(n));
                }
                self.alignment = n;
            }
            ("tokenizer.ggml.tokens", Value::Texts(n, likeness)) => {
                self.tokens = n;
                facts.vocabulary = Some(likeness);
            }
            (key, Value::Text(text)) if KINDS.contains(&key) => {
                self.texts.insert(key.to_owned(), text);
            }
            ("tokenizer.chat_template", Value::Text(text)) => facts.chat_template = Some(text),
            ("tokenizer.ggml.bos_token_id", Value::Number(n)) => facts.bos = u32::try_from(n).ok(),
            ("tokenizer.ggml.eos_token_id", Value::Number(n)) => facts.eos = u32::try_from(n).ok(),
            // llama.cpp ends its process over such numbers, or computes nonsense with them.
            (key, Value::Float(n) | Value::Double(n))
                if !n.is_finite() || (n < 0.0 && key.ends_with("epsilon")) =>
            {
                return Err(Damage::Float { key: key.to_owned(), number: n });
            }
            (key, Value::Number(n)) if key.ends_with(".block_count") => {
                if !(1..=MAX_BLOCKS).contains(&n) {
                    return Err(Damage::Blocks(n));
                }
                facts.blocks = u32::try_from(n).ok();
            }
            // Deeper keys, such as those of rope scaling, are not the model's own context.
            (key, Value::Number(n))
                if key.ends_with(".context_length") && key.matches('.').count() == 1 =>
            {
                facts.context = u32::try_from(n).ok();
            }
            _ => {}
        }
        Ok(())
    }

    /// llama.cpp ends the process over a field of an adapter that is not of the type it expects.
    fn note_adapter(&mut self, key: &str, value: &Value) {
        let adapter = &mut self.adapter;
        match (key, value) {
            ("general.type", Value::Text(kind)) => self.is_adapter = kind == "adapter",
            ("adapter.type", Value::Text(kind)) => adapter.kind = Some(kind.clone()),
            ("adapter.type", _) => adapter.wrong_type = Some("adapter.type"),
            ("adapter.lora.alpha", Value::Float(_)) => {}
            ("adapter.lora.alpha", _) => adapter.wrong_type = Some("adapter.lora.alpha"),
            ("adapter.alora.invocation_tokens", _) => adapter.invoked = true,
            _ => {}
        }
    }

    fn read_tensors(
        &mut self,
        source: &mut Source<impl Read + Seek>,
        count: u64,
    ) -> Result<(), Damage> {
        let mut seen = HashSet::new();
        // Reserve nothing by the claimed count: the list grows only as real bytes are read.
        let mut all = Vec::new();
        for number in 0..count {
            let tensor = tensors::read(source, number)?;
            let weight = &tensor.weight;
            if !seen.insert(weight.name.clone()) {
                return Err(Damage::Twice { what: "tensor", name: weight.name.clone() });
            }
            self.facts.parameters = self.facts.parameters.saturating_add(weight.elements);
            all.push(tensor);
        }
        let start = pad(source.at(), self.alignment).unwrap_or(u64::MAX);
        tensors::check_layout(&all, source.size().saturating_sub(start), self.alignment)?;
        self.facts.weights = all.into_iter().map(|entry| entry.weight).collect();
        Ok(())
    }
}

fn read_value(source: &mut Source<impl Read + Seek>, key: &str) -> Result<Value, Damage> {
    let kind = source.u32(key)?;
    Ok(match kind {
        0 | 7 => Value::Number(source.u8(key)?.into()),
        2 => Value::Number(source.u16(key)?.into()),
        4 => Value::Number(source.u32(key)?.into()),
        10 => Value::Number(source.u64(key)?),
        6 => Value::Float(f32::from_bits(source.u32(key)?).into()),
        12 => Value::Double(f64::from_bits(source.u64(key)?)),
        // A negative number becomes a huge one, which the checks that matter refuse.
        5 => Value::Number(i64::from(source.u32(key)? as i32) as u64),
        11 => Value::Number(source.u64(key)?),
        8 => text_value(source, key)?,
        9 => array_value(source, key)?,
        other => skip_scalar(source, key, other)?,
    })
}

fn text_value(source: &mut Source<impl Read + Seek>, key: &str) -> Result<Value, Damage> {
    let kept = [
        "general.architecture",
        "general.name",
        "general.type",
        "adapter.type",
        "tokenizer.chat_template",
    ];
    if kept.contains(&key) || KINDS.contains(&key) {
        return source.text(key, MAX_KEPT_TEXT).map(Value::Text);
    }
    source.skip_text(key)?;
    Ok(Value::Other)
}

fn skip_scalar(
    source: &mut Source<impl Read + Seek>,
    key: &str,
    kind: u32,
) -> Result<Value, Damage> {
    let width = width(kind).ok_or_else(|| Damage::FieldType { key: key.into(), found: kind })?;
    source.skip(width, key)?;
    Ok(Value::Other)
}

fn array_value(source: &mut Source<impl Read + Seek>, key: &str) -> Result<Value, Damage> {
    let kind = source.u32(key)?;
    let length = source.u64(key)?;
    let texts = kind == 8;
    let least = if texts { Some(8) } else { width(kind) };
    // An array of arrays has no width here; llama.cpp refuses it too.
    let least = least.ok_or_else(|| Damage::FieldType { key: key.into(), found: kind })?;
    if length > source.size() / least {
        return Err(Damage::ArrayLength { key: key.into(), length, size: source.size() });
    }
    if key == "tokenizer.ggml.tokens" && texts {
        let mut hasher = DefaultHasher::new();
        for _ in 0..length {
            source.text_into(key, &mut hasher)?;
        }
        return Ok(Value::Texts(length, hasher.finish()));
    }
    if texts {
        for _ in 0..length {
            source.skip_text(key)?;
        }
        return Ok(Value::Other);
    }
    if length <= MAX_BLOCKS && !matches!(kind, 6 | 12) {
        return read_numbers(source, key, kind, length).map(Value::Numbers);
    }
    source.skip(length * least, key)?;
    Ok(Value::Other)
}

fn read_numbers(
    source: &mut Source<impl Read + Seek>,
    key: &str,
    kind: u32,
    length: u64,
) -> Result<Vec<u64>, Damage> {
    let mut numbers = Vec::new();
    for _ in 0..length {
        numbers.push(match kind {
            0 | 1 | 7 => source.u8(key)?.into(),
            2 | 3 => source.u16(key)?.into(),
            10 | 11 => source.u64(key)?,
            _ => i64::from(source.u32(key)? as i32) as u64,
        });
    }
    Ok(numbers)
}

/// Returns the bytes one value of this type takes; `None` for strings, arrays and nonsense.
fn width(kind: u32) -> Option<u64> {
    Some(match kind {
        0 | 1 | 7 => 1,
        2 | 3 => 2,
        4..=6 => 4,
        10..=12 => 8,
        _ => return None,
    })
}
