//! Filters, tests and methods that Jinja2 and Python have and minijinja lacks or does otherwise.
//!
//! How values are printed is the parent's business.

use minijinja::value::{Kwargs, ValueKind};
use minijinja::{Environment, Error, ErrorKind, State, Value};
use minijinja_contrib::{globals, pycompat};

use super::text;

/// Teaches an environment these.
pub(super) fn teach(environment: &mut Environment<'static>) {
    environment.set_unknown_method_callback(method);
    environment.add_function("joiner", globals::joiner);
    environment.add_filter("join", join);
    environment.add_filter("length", length);
    environment.add_filter("count", length);
    environment.add_filter("dictsort", dictsort);
    environment.add_filter("int", int);
    environment.add_filter("float", float);
    environment.add_filter("round", round);
    environment.add_filter("truncate", truncate);
    environment.add_filter("wordcount", |text: &str| text.split_whitespace().count());
    environment.add_test("iterable", |value: &Value| has_items(value) || value.is_undefined());
    environment.add_test("sequence", |value: &Value| {
        has_items(value) && value.kind() != ValueKind::Iterable || value.is_undefined()
    });
    environment.add_test("number", |value: &Value| {
        matches!(value.kind(), ValueKind::Number | ValueKind::Bool)
    });
    environment.add_test("callable", |value: &Value| value.kind() == ValueKind::Plain);
}

fn has_items(value: &Value) -> bool {
    use ValueKind::{Iterable, Map, Seq, String};
    matches!(value.kind(), String | Seq | Map | Iterable)
}

#[expect(clippy::needless_pass_by_value, reason = "minijinja hands a filter its arguments")]
fn join(value: &Value, by: Option<&str>, options: Kwargs) -> Result<String, Error> {
    let attribute: Option<&str> = options.get("attribute")?;
    let by = by.or(options.get("d")?).unwrap_or_default();
    options.assert_all_used()?;
    let items = value.try_iter()?.map(|item| match attribute {
        Some(name) => item.get_attr(name).map(|item| text(&item)),
        None => Ok(text(&item)),
    });
    Ok(items.collect::<Result<Vec<String>, Error>>()?.join(by))
}

fn length(value: &Value) -> Result<usize, Error> {
    if value.is_undefined() {
        return Ok(0);
    }
    value.len().ok_or_else(|| {
        let why = format!("a value of type {} has no length", value.kind());
        Error::new(ErrorKind::InvalidOperation, why)
    })
}

#[expect(clippy::needless_pass_by_value, reason = "minijinja hands a filter its arguments")]
fn dictsort(
    value: &Value,
    case_sensitive: Option<bool>,
    by: Option<&str>,
    reverse: Option<bool>,
    options: Kwargs,
) -> Result<Value, Error> {
    let exact = case_sensitive.or(options.get("case_sensitive")?).unwrap_or(false);
    let by_value = by.or(options.get("by")?) == Some("value");
    let reverse = reverse.or(options.get("reverse")?).unwrap_or(false);
    options.assert_all_used()?;
    let mut pairs = Vec::new();
    for key in value.try_iter()? {
        let item = value.get_item(&key)?;
        pairs.push([key, item]);
    }
    let rank = |pair: &[Value; 2]| {
        let ranked = &pair[usize::from(by_value)];
        match ranked.as_str() {
            Some(text) if !exact => Value::from(text.to_lowercase()),
            _ => ranked.clone(),
        }
    };
    pairs.sort_by_key(rank);
    if reverse {
        pairs.reverse();
    }
    Ok(pairs.into_iter().map(|pair| pair.into_iter().collect::<Value>()).collect())
}

/// A number as it is, or what a text says.
fn number(value: &Value) -> Option<f64> {
    match value.as_str() {
        Some(text) => text.trim().parse().ok(),
        None if value.kind() == ValueKind::Bool => Some(f64::from(u8::from(value.is_true()))),
        None => f64::try_from(value.clone()).ok(),
    }
}

fn int(value: &Value, default: Option<i64>) -> Value {
    let exact = match value.as_str() {
        Some(text) => text.trim().parse().ok(),
        None => i64::try_from(value.clone()).ok().filter(|_| value.is_integer()),
    };
    let cut = || number(value).map(|number| number as i64);
    Value::from(exact.or_else(cut).or(default).unwrap_or(0))
}

fn float(value: &Value, default: Option<f64>) -> f64 {
    number(value).or(default).unwrap_or(0.0)
}

fn round(value: f64, digits: Option<i32>, how: Option<&str>) -> f64 {
    let digits = digits.unwrap_or(0).clamp(-300, 300);
    let scale = 10_f64.powi(digits);
    match how {
        Some("ceil") => (value * scale).ceil() / scale,
        Some("floor") => (value * scale).floor() / scale,
        // Written out, a number is rounded the way Python does: by its exact value, half to even.
        _ if digits >= 0 => {
            let written = format!("{value:.*}", usize::try_from(digits).unwrap_or(0));
            written.parse().unwrap_or(value)
        }
        _ => (value * scale).round_ties_even() / scale,
    }
}

fn truncate(
    text: &str,
    length: Option<usize>,
    cut_words: Option<bool>,
    end: Option<&str>,
    leeway: Option<usize>,
) -> Result<String, Error> {
    let (length, end) = (length.unwrap_or(255), end.unwrap_or("..."));
    let characters = text.chars().count();
    if characters <= length + leeway.unwrap_or(5) {
        return Ok(text.to_owned());
    }
    let room = length.checked_sub(end.chars().count());
    let room = room.ok_or_else(|| {
        Error::new(ErrorKind::InvalidOperation, "a text cannot be cut shorter than its end")
    })?;
    let cut: String = text.chars().take(room).collect();
    let kept = match cut_words {
        Some(true) => cut.as_str(),
        _ => cut.rsplit_once(' ').map_or(cut.as_str(), |(before, _)| before),
    };
    Ok(format!("{kept}{end}"))
}

/// Methods of Python's values: the missing ones, then those minijinja's makers know.
fn method(
    state: &State<'_, '_>,
    value: &Value,
    name: &str,
    arguments: &[Value],
) -> Result<Value, Error> {
    if let Some(text) = value.as_str()
        && let Some(done) = string_method(text, name, arguments)
    {
        return Ok(done);
    }
    pycompat::unknown_method_callback(state, value, name, arguments)
}

fn string_method(text: &str, name: &str, arguments: &[Value]) -> Option<Value> {
    let given = arguments.first().and_then(Value::as_str)?;
    let list = |parts: [&str; 3]| parts.into_iter().map(Value::from).collect();
    Some(match name {
        "removeprefix" => Value::from(text.strip_prefix(given).unwrap_or(text)),
        "removesuffix" => Value::from(text.strip_suffix(given).unwrap_or(text)),
        "partition" => match text.split_once(given) {
            Some((before, after)) => list([before, given, after]),
            None => list([text, "", ""]),
        },
        "rpartition" => match text.rsplit_once(given) {
            Some((before, after)) => list([before, given, after]),
            None => list(["", "", text]),
        },
        "rsplit" if !given.is_empty() => {
            let most = arguments.get(1).and_then(|most| usize::try_from(most.clone()).ok());
            let parts = text.rsplitn(most.unwrap_or(usize::MAX - 1) + 1, given);
            let mut parts: Vec<&str> = parts.collect();
            parts.reverse();
            parts.into_iter().map(Value::from).collect()
        }
        _ => return None,
    })
}
