//! A form with a file in it, as browsers and clients send one (RFC 7578).
//!
//! Reads what lies in memory already; its size is the reader's matter.

use bytes::Bytes;
use http::{HeaderMap, header};
use serde_json::{Value, json};

use super::BATCH;
use crate::failures::short;
use crate::rejected::Rejected;

/// The most fields of a form; clients send three.
const FIELDS: usize = 32;
/// The longest head of a field.
const HEAD: usize = 8 << 10;

/// What a form said.
#[derive(Debug)]
pub(super) struct Form {
    pub(super) name: String,
    pub(super) file: Bytes,
}

/// One field.
struct Field<'a> {
    name: String,
    filename: Option<String>,
    content: &'a [u8],
}

/// Returns how the form is described.
pub(super) fn described() -> Value {
    json!({
        "type": "object",
        "properties": {
            "file": { "type": "string", "format": "binary" },
            "purpose": { "enum": [BATCH] },
        },
        "required": ["file", "purpose"],
    })
}

/// Reads a form.
pub(super) fn read(headers: &HeaderMap, body: &Bytes) -> Result<Form, Rejected> {
    let boundary = boundary(headers).ok_or_else(|| {
        let message = "the body must be a form: `content-type: multipart/form-data; boundary=…`";
        Rejected::field("content-type", message)
    })?;
    let (mut file, mut purpose) = (None, None);
    for field in fields(body, &boundary)? {
        match &*field.name {
            "file" => {
                let name = field.filename.unwrap_or_else(|| "requests.jsonl".to_owned());
                file = Some((name, body.slice_ref(field.content)));
            }
            "purpose" => purpose = Some(String::from_utf8_lossy(field.content).into_owned()),
            _ => {}
        }
    }
    let missing = |name: &str| Rejected::field(name, format!("`{name}` is missing"));
    let purpose = purpose.ok_or_else(|| missing("purpose"))?;
    if purpose != BATCH {
        let message =
            format!("`purpose` is {:?}; files are kept for {BATCH} alone", short(&purpose));
        return Err(Rejected::field("purpose", message));
    }
    let (name, file) = file.ok_or_else(|| missing("file"))?;
    let name: String = name.chars().filter(|c| !c.is_control()).take(200).collect();
    Ok(Form { name, file })
}

fn boundary(headers: &HeaderMap) -> Option<String> {
    let kind = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    let mut parts = kind.split(';').map(str::trim);
    let form = parts.next()?.eq_ignore_ascii_case("multipart/form-data");
    let named = parts.find_map(|part| {
        let (name, value) = part.split_once('=')?;
        name.trim().eq_ignore_ascii_case("boundary").then(|| value.trim().trim_matches('"'))
    });
    named.filter(|name| form && (1..=70).contains(&name.len())).map(str::to_owned)
}

fn fields<'a>(body: &'a [u8], boundary: &str) -> Result<Vec<Field<'a>>, Rejected> {
    let broken = |why: &str| Rejected::field("body", format!("the form is not whole: {why}"));
    let first = format!("--{boundary}");
    let between = format!("\r\n{first}");
    let begins = if body.starts_with(first.as_bytes()) {
        Some(0)
    } else {
        find(body, between.as_bytes()).map(|at| at + 2)
    };
    let begins = begins.ok_or_else(|| broken("its boundary is nowhere"))?;
    let (mut rest, mut fields) = (&body[begins + first.len()..], Vec::new());
    while !rest.starts_with(b"--") {
        let start = find(rest, b"\r\n").ok_or_else(|| broken("a field has no head"))?;
        rest = &rest[start + 2..];
        let head = find(rest, b"\r\n\r\n").filter(|end| *end <= HEAD);
        let head = head.ok_or_else(|| broken("a field's head does not end"))?;
        let (name, filename) = names(&rest[..head]).ok_or_else(|| broken("a field has no name"))?;
        rest = &rest[head + 4..];
        let end = find(rest, between.as_bytes()).ok_or_else(|| broken("a field does not end"))?;
        fields.push(Field { name, filename, content: &rest[..end] });
        if fields.len() > FIELDS {
            return Err(broken("it has too many fields"));
        }
        rest = &rest[end + between.len()..];
    }
    Ok(fields)
}

/// Returns a field's name and its file's, out of its head.
fn names(head: &[u8]) -> Option<(String, Option<String>)> {
    let head = String::from_utf8_lossy(head);
    let line = head.split("\r\n").find(|line| {
        line.get(..20).is_some_and(|name| name.eq_ignore_ascii_case("content-disposition:"))
    })?;
    let named = |wanted: &str| {
        let part = line.split(';').map(str::trim).find_map(|part| part.strip_prefix(wanted))?;
        Some(part.trim_matches('"').to_owned())
    };
    Some((named("name=")?, named("filename=")))
}

/// Returns where one text begins in another.
fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    let first = *wanted.first()?;
    let mut from = 0;
    while let Some(at) = text.get(from..)?.iter().position(|byte| *byte == first) {
        if text[from + at..].starts_with(wanted) {
            return Some(from + at);
        }
        from += at + 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(kind: &str, body: &str) -> Result<Form, Rejected> {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, kind.parse().unwrap());
        read(&headers, &Bytes::copy_from_slice(body.as_bytes()))
    }

    #[test]
    fn a_form_is_read_and_a_broken_one_is_refused_by_name() {
        let kind = "multipart/form-data; boundary=\"x--y\"";
        let purpose = "content-disposition: form-data; name=\"purpose\"\r\n\r\nbatch\r\n--x--y";
        let file = "Content-Disposition: form-data; name=\"file\"; filename=\"a.jsonl\"\r\n\
                    Content-Type: x/y\r\n\r\n{}\n--x--\r\n\r\n--x--y";
        let read = form(kind, &format!("--x--y\r\n{purpose}\r\n{file}--\r\n")).unwrap();
        assert_eq!((&*read.name, &*read.file), ("a.jsonl", &b"{}\n--x--\r\n"[..]));
        for (kind, body, words) in [
            ("text/plain", String::new(), "must be a form"),
            ("multipart/form-data", String::new(), "must be a form"),
            (kind, String::new(), "boundary is nowhere"),
            (kind, format!("--x--y\r\n{purpose}--"), "`file` is missing"),
            (kind, format!("--x--y\r\n{file}--"), "`purpose` is missing"),
            (kind, format!("--x--y\r\n{purpose}"), "no head"),
            (kind, "--x--y\r\na: b\r\n\r\n--x--y--".to_owned(), "no name"),
            (
                kind,
                "--x--y\r\nContent-Disposition: form-data; name=a\r\n\r\nb".to_owned(),
                "does not end",
            ),
            (kind, format!("--x--y\r\n{}--", purpose.replace("batch", "vision")), "\"vision\""),
        ] {
            let said = form(kind, &body).unwrap_err().failure.message;
            assert!(said.contains(words), "{words}: {said}");
        }
    }
}
