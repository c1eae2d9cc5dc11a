//! What chat templates expect of Python and minijinja does otherwise.
//!
//! `json.dumps` as Hugging Face sets it, and how Python prints floats and containers. What has no
//! hook in minijinja stays different: tuples print as lists, `~` prints containers its own way,
//! `%` formats no strings, and whole numbers beyond 64 bits become floats.

mod methods;

use minijinja::value::{Kwargs, ValueKind};
use minijinja::{Environment, Error, ErrorKind, Output, State, Value};

/// Deeper values are refused; Python's own limit is not far off.
const DEEPEST: usize = 200;

/// Teaches an environment what it lacks.
pub(super) fn teach(environment: &mut Environment<'static>) {
    environment.set_formatter(print);
    environment.add_filter("tojson", tojson);
    environment.add_filter("string", |value: &Value| text(value));
    methods::teach(environment);
}

/// Returns JSON as Python's `json.dumps` writes it, other alphabets left as they are.
pub(super) fn json(value: &Value) -> String {
    let mut out = String::new();
    // Values that came from JSON go back to it; only a template can make others.
    let written = Dump::default().write(value, 0, &mut out);
    if written.is_ok() { out } else { "null".to_owned() }
}

/// The `tojson` filter, with the keywords of Hugging Face's.
#[expect(clippy::needless_pass_by_value, reason = "minijinja hands a filter its arguments")]
fn tojson(value: &Value, options: Kwargs) -> Result<Value, Error> {
    let separators: Option<Vec<String>> = options.get("separators")?;
    let indent: Option<usize> = options.get("indent")?;
    let comma = if indent.is_some() { "," } else { ", " };
    let (comma, colon) = match separators.as_deref() {
        Some([comma, colon]) => (comma.clone(), colon.clone()),
        _ => (comma.to_owned(), ": ".to_owned()),
    };
    let dump = Dump {
        comma,
        colon,
        indent: indent.map(|width| width.min(64)),
        ascii: options.get::<Option<bool>>("ensure_ascii")?.unwrap_or(false),
        sorted: options.get::<Option<bool>>("sort_keys")?.unwrap_or(false),
    };
    options.assert_all_used()?;
    let mut out = String::new();
    dump.write(value, 0, &mut out)?;
    Ok(Value::from_safe_string(out))
}

/// How `json.dumps` is to write.
struct Dump {
    comma: String,
    colon: String,
    indent: Option<usize>,
    ascii: bool,
    sorted: bool,
}

impl Default for Dump {
    fn default() -> Self {
        Self { comma: ", ".into(), colon: ": ".into(), indent: None, ascii: false, sorted: false }
    }
}

impl Dump {
    fn write(&self, value: &Value, depth: usize, out: &mut String) -> Result<(), Error> {
        if depth > DEEPEST {
            return Err(Error::new(ErrorKind::BadSerialization, "the value is nested too deeply"));
        }
        match value.kind() {
            ValueKind::None => out.push_str("null"),
            ValueKind::Bool => out.push_str(if value.is_true() { "true" } else { "false" }),
            ValueKind::Number => out.push_str(&number(value)),
            ValueKind::String => self.quote(value.as_str().unwrap_or_default(), out),
            ValueKind::Map => return self.map(value, depth, out),
            ValueKind::Seq | ValueKind::Iterable => return self.list(value, depth, out),
            other => {
                let why = format!("a value of type {other} is no JSON");
                return Err(Error::new(ErrorKind::BadSerialization, why));
            }
        }
        Ok(())
    }

    fn list(&self, value: &Value, depth: usize, out: &mut String) -> Result<(), Error> {
        out.push('[');
        let mut any = false;
        for item in value.try_iter()? {
            self.next(any, depth, out);
            self.write(&item, depth + 1, out)?;
            any = true;
        }
        self.last(any, depth, out);
        out.push(']');
        Ok(())
    }

    fn map(&self, value: &Value, depth: usize, out: &mut String) -> Result<(), Error> {
        let mut keys: Vec<Value> = value.try_iter()?.collect();
        if self.sorted {
            keys.sort();
        }
        out.push('{');
        for (at, key) in keys.iter().enumerate() {
            self.next(at > 0, depth, out);
            match key.as_str() {
                Some(key) => self.quote(key, out),
                None => {
                    let mut plain = String::new();
                    self.write(key, depth + 1, &mut plain)?;
                    self.quote(&plain, out);
                }
            }
            out.push_str(&self.colon);
            self.write(&value.get_item(key)?, depth + 1, out)?;
        }
        self.last(!keys.is_empty(), depth, out);
        out.push('}');
        Ok(())
    }

    fn next(&self, any: bool, depth: usize, out: &mut String) {
        if any {
            out.push_str(&self.comma);
        }
        self.line(depth + 1, out);
    }

    fn last(&self, any: bool, depth: usize, out: &mut String) {
        if any {
            self.line(depth, out);
        }
    }

    fn line(&self, depth: usize, out: &mut String) {
        if let Some(width) = self.indent {
            out.push('\n');
            out.extend(std::iter::repeat_n(' ', width * depth));
        }
    }

    fn quote(&self, text: &str, out: &mut String) {
        out.push('"');
        for c in text.chars() {
            match c {
                '"' => out.push_str("\\\""),
                '\\' => out.push_str("\\\\"),
                '\n' => out.push_str("\\n"),
                '\r' => out.push_str("\\r"),
                '\t' => out.push_str("\\t"),
                '\u{8}' => out.push_str("\\b"),
                '\u{c}' => out.push_str("\\f"),
                c if c < ' ' || (self.ascii && !is_kept(c)) => escape(c, out),
                c => out.push(c),
            }
        }
        out.push('"');
    }
}

/// ASCII stays, and so do the marks that stand in for control tokens: they are put back later.
fn is_kept(c: char) -> bool {
    matches!(c, ' '..='~' | '\u{fdd0}' | '\u{fdd1}')
}

fn escape(c: char, out: &mut String) {
    let mut units = [0; 2];
    for unit in c.encode_utf16(&mut units) {
        out.push_str(&format!("\\u{unit:04x}"));
    }
}

/// Returns a number as Python prints it.
fn number(value: &Value) -> String {
    match f64::try_from(value.clone()) {
        Ok(float) if !value.is_integer() => self::float(float),
        _ => value.to_string(),
    }
}

fn float(value: f64) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "Infinity" } else { "-Infinity" }.to_owned();
    }
    let scientific = format!("{value:e}");
    let (digits, power) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let power: i32 = power.parse().unwrap_or(0);
    // Python writes powers of ten below -4 and from 16 on.
    if value != 0.0 && !(-4..16).contains(&power) {
        let sign = if power < 0 { '-' } else { '+' };
        return format!("{digits}e{sign}{:02}", power.abs());
    }
    let plain = value.to_string();
    if plain.contains('.') { plain } else { plain + ".0" }
}

/// Prints a value into the prompt as Python's `str` does.
fn print(out: &mut Output<'_>, _: &State<'_, '_>, value: &Value) -> Result<(), Error> {
    match value.as_str() {
        Some(text) => out.write_str(text)?,
        None => out.write_str(&text(value))?,
    }
    Ok(())
}

fn text(value: &Value) -> String {
    match value.kind() {
        ValueKind::Number => number(value).replace("Infinity", "inf").replace("NaN", "nan"),
        ValueKind::Seq | ValueKind::Map => {
            let mut out = String::new();
            represent(value, 0, &mut out);
            out
        }
        _ => value.to_string(),
    }
}

/// Writes a value as Python's `repr` does.
fn represent(value: &Value, depth: usize, out: &mut String) {
    let items = || value.try_iter().into_iter().flatten().enumerate();
    match value.kind() {
        _ if depth > DEEPEST => out.push_str("..."),
        ValueKind::String => quote(value.as_str().unwrap_or_default(), out),
        ValueKind::Seq => {
            out.push('[');
            for (at, item) in items() {
                out.push_str(if at > 0 { ", " } else { "" });
                represent(&item, depth + 1, out);
            }
            out.push(']');
        }
        ValueKind::Map => {
            out.push('{');
            for (at, key) in items() {
                out.push_str(if at > 0 { ", " } else { "" });
                represent(&key, depth + 1, out);
                out.push_str(": ");
                represent(&value.get_item(&key).unwrap_or_default(), depth + 1, out);
            }
            out.push('}');
        }
        _ => out.push_str(&text(value)),
    }
}

fn quote(text: &str, out: &mut String) {
    let mark = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    out.push(mark);
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c == mark => out.extend(['\\', c]),
            c if c.is_control() => out.push_str(&format!("\\x{:02x}", c as u32)),
            c => out.push(c),
        }
    }
    out.push(mark);
}
