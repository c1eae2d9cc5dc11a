//! `GET /v1/responses/ID/input_items`: what a response was asked with, page by page.
//!
//! Items are those of its own request; what came before it belongs to the response before it.

use http::Uri;
use serde_json::{Value, json};

use crate::failures::short;
use crate::rejected::Rejected;

/// Items of one page, as OpenAI has it.
const MOST: usize = 100;
const USUAL: usize = 20;

/// Which items are wanted.
struct Wish<'a> {
    limit: usize,
    newest_first: bool,
    after: Option<&'a str>,
}

/// Returns a page of a request's items.
pub(super) fn page(input: &[Value], uri: &Uri) -> Result<Value, Rejected> {
    let wish = wish(uri.query().unwrap_or_default())?;
    let mut items: Vec<&Value> = input.iter().collect();
    if wish.newest_first {
        items.reverse();
    }
    if let Some(after) = wish.after {
        let at = items.iter().position(|item| item["id"] == after).ok_or_else(|| {
            Rejected::field(
                "after",
                format!("`after` is {:?}, and no item is called so", short(after)),
            )
        })?;
        items.drain(..=at);
    }
    let has_more = items.len() > wish.limit;
    items.truncate(wish.limit);
    let id = |item: Option<&&Value>| item.map_or(Value::Null, |item| item["id"].clone());
    let (first, last) = (id(items.first()), id(items.last()));
    Ok(json!({
        "object": "list", "data": items, "first_id": first, "last_id": last, "has_more": has_more,
    }))
}

fn wish(query: &str) -> Result<Wish<'_>, Rejected> {
    let mut wish = Wish { limit: USUAL, newest_first: true, after: None };
    for (name, value) in query.split('&').filter_map(|field| field.split_once('=')) {
        match (name, value) {
            ("order", "asc") => wish.newest_first = false,
            ("order", "desc") => {}
            ("order", _) => {
                return Err(Rejected::field("order", "`order` must be asc or desc"));
            }
            ("limit", value) => match value.parse() {
                Ok(limit @ 1..=MOST) => wish.limit = limit,
                _ => {
                    let message = format!("`limit` must be a whole number from 1 to {MOST}");
                    return Err(Rejected::field("limit", message));
                }
            },
            ("after", after) => wish.after = Some(after),
            _ => {}
        }
    }
    Ok(wish)
}

/// Returns the items of a request as they are listed: each has a type and a name.
pub(super) fn named(items: Vec<Value>) -> Vec<Value> {
    let one = |(at, mut item): (usize, Value)| {
        if let Some(fields) = item.as_object_mut() {
            fields.entry("type").or_insert_with(|| json!("message"));
            fields.entry("id").or_insert_with(|| json!(format!("item_{at}")));
        }
        item
    };
    items.into_iter().enumerate().map(one).collect()
}
