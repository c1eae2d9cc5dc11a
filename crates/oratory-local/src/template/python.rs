//! What chat templates expect of Python and minijinja does otherwise: `json.dumps`.
//!
//! Python puts a space after `,` and `:` and leaves `<`, `>` and `&` alone.

use std::io::{self, Write};

use minijinja::value::{Kwargs, ViaDeserialize};
use minijinja::{Error, ErrorKind, Value};
use serde::Serialize;
use serde_json::ser::{Formatter, PrettyFormatter, Serializer};

/// The `tojson` filter, with the optional keyword `indent`.
#[expect(clippy::needless_pass_by_value, reason = "minijinja hands a filter its arguments")]
pub(super) fn tojson(
    value: ViaDeserialize<serde_json::Value>,
    options: Kwargs,
) -> Result<Value, Error> {
    // Templates also pass `ensure_ascii` and `sort_keys`, which change nothing here.
    let indent: Option<usize> = options.get("indent")?;
    let mut out = Vec::new();
    let written = match indent {
        Some(width) => {
            let spaces = " ".repeat(width.min(16));
            let pretty = PrettyFormatter::with_indent(spaces.as_bytes());
            value.0.serialize(&mut Serializer::with_formatter(&mut out, pretty))
        }
        None => value.0.serialize(&mut Serializer::with_formatter(&mut out, Spaced)),
    };
    written.map_err(|error| Error::new(ErrorKind::BadSerialization, error.to_string()))?;
    let text = String::from_utf8(out).expect("JSON is UTF-8");
    Ok(Value::from_safe_string(text))
}

struct Spaced;

impl Formatter for Spaced {
    fn begin_array_value<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        if first { Ok(()) } else { out.write_all(b", ") }
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        if first { Ok(()) } else { out.write_all(b", ") }
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        out.write_all(b": ")
    }
}
