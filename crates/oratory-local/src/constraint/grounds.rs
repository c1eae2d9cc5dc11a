//! Tells schemas that some finite text can follow from those that none can.
//!
//! `{"$ref": "#"}` says of itself only that it is like itself; an object that needs a member like
//! itself never ends. Following either would go on for ever. Pure.

use std::collections::HashMap;

use serde_json::Value;

/// Says whether some text that ends can follow `schema`.
///
/// What cannot be told, such as references to nowhere, counts as fine: somebody else refuses it.
pub(super) fn has_an_end(schema: &Value) -> bool {
    let mut nodes = Nodes { root: schema, places: HashMap::new(), all: Vec::new() };
    nodes.enter(schema);
    nodes.settle()
}

/// What must have an end so that a node has one.
#[derive(Debug)]
enum Needs<'a> {
    All(Vec<&'a Value>),
    Any(Vec<&'a Value>),
}

struct Nodes<'a> {
    root: &'a Value,
    /// Where each node stands in `all`, by its address.
    places: HashMap<*const Value, usize>,
    all: Vec<Vec<Needs<'a>>>,
}

impl<'a> Nodes<'a> {
    /// Takes in a node and everything it needs.
    fn enter(&mut self, node: &'a Value) {
        let mut waiting = vec![node];
        while let Some(node) = waiting.pop() {
            if self.places.contains_key(&std::ptr::from_ref(node)) {
                continue;
            }
            let needs = self.needs(node);
            for need in &needs {
                let (Needs::All(nodes) | Needs::Any(nodes)) = need;
                waiting.extend(nodes);
            }
            self.places.insert(node, self.all.len());
            self.all.push(needs);
        }
    }

    fn needs(&self, node: &'a Value) -> Vec<Needs<'a>> {
        let Some(members) = node.as_object() else { return Vec::new() };
        let mut needs = Vec::new();
        let target = members.get("$ref").and_then(Value::as_str);
        let target = target.and_then(|path| self.root.pointer(path.strip_prefix('#')?));
        needs.extend(target.map(|target| Needs::All(vec![target])));
        let list = |key: &str| members.get(key).and_then(Value::as_array);
        needs.extend(list("allOf").map(|list| Needs::All(list.iter().collect())));
        for key in ["anyOf", "oneOf"] {
            let choices = list(key).filter(|list| !list.is_empty());
            needs.extend(choices.map(|list| Needs::Any(list.iter().collect())));
        }
        if may_only_be(members, "object") {
            needs.push(Needs::All(required(members)));
        }
        let least = members.get("minItems").and_then(Value::as_u64).unwrap_or(0);
        if may_only_be(members, "array") && least > 0 {
            needs.extend(members.get("items").map(|items| Needs::All(vec![items])));
        }
        needs
    }

    /// Finds out which nodes have an end, from those that need nothing on.
    fn settle(&self) -> bool {
        let mut ends = vec![false; self.all.len()];
        let mut more = true;
        while more {
            more = false;
            // What a node needs mostly stands behind it.
            for at in (0..self.all.len()).rev() {
                if !ends[at] && self.all[at].iter().all(|need| self.is_met(need, &ends)) {
                    (ends[at], more) = (true, true);
                }
            }
        }
        ends.first().copied().unwrap_or(true)
    }

    fn is_met(&self, need: &Needs<'_>, ends: &[bool]) -> bool {
        let ends = |node: &&Value| {
            let place = self.places.get(&std::ptr::from_ref(*node));
            place.is_none_or(|place| ends[*place])
        };
        match need {
            Needs::All(nodes) => nodes.iter().all(ends),
            Needs::Any(nodes) => nodes.iter().any(ends),
        }
    }
}

type Members = serde_json::Map<String, Value>;

/// Says whether what follows the schema is of this type and no other.
fn may_only_be(members: &Members, kind: &str) -> bool {
    match members.get("type") {
        Some(Value::String(only)) => only == kind,
        Some(Value::Array(kinds)) => kinds.iter().all(|one| one == kind),
        _ => false,
    }
}

fn required(members: &Members) -> Vec<&Value> {
    let names = members.get("required").and_then(Value::as_array).into_iter().flatten();
    let properties = members.get("properties").and_then(Value::as_object);
    names.filter_map(|name| properties?.get(name.as_str()?)).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_no_text_can_follow_is_told() {
        for schema in [
            json!({ "$ref": "#" }),
            json!({ "allOf": [{ "$ref": "#" }, { "type": "string" }] }),
            json!({ "anyOf": [{ "$ref": "#" }, { "allOf": [{ "$ref": "#" }] }] }),
            json!({ "$defs": { "a": { "$ref": "#/$defs/b" }, "b": { "$ref": "#/$defs/a" } },
                "$ref": "#/$defs/a" }),
            json!({ "type": "object", "properties": { "a": { "$ref": "#" } }, "required": ["a"] }),
            json!({ "type": "array", "items": { "$ref": "#" }, "minItems": 1 }),
        ] {
            assert!(!has_an_end(&schema), "{schema}");
        }
    }

    #[test]
    fn what_may_refer_to_itself_and_stop_is_fine() {
        for schema in [
            json!({}),
            json!(true),
            json!({ "anyOf": [{ "$ref": "#" }, { "type": "null" }] }),
            json!({ "$ref": "#/nowhere" }),
            json!({ "$ref": "https://example.org/a.json" }),
            json!({ "type": "object", "properties": { "a": { "$ref": "#" } } }),
            json!({ "properties": { "a": { "$ref": "#" } }, "required": ["a"] }),
            json!({ "type": ["object", "null"], "properties": { "a": { "$ref": "#" } },
                "required": ["a"] }),
            json!({ "type": "array", "items": { "$ref": "#" } }),
            json!({ "$defs": { "tree": { "type": "object", "properties": { "children": {
                "type": "array", "items": { "$ref": "#/$defs/tree" } } },
                "required": ["children"] } }, "$ref": "#/$defs/tree" }),
        ] {
            assert!(has_an_end(&schema), "{schema}");
        }
    }

    #[test]
    fn long_chains_are_settled_soon() {
        let mut definitions = serde_json::Map::new();
        for at in 0..1200 {
            let next = format!("#/$defs/d{}", at + 1);
            definitions.insert(format!("d{at}"), json!({ "$ref": next }));
        }
        definitions.insert("d1200".to_owned(), json!({ "type": "string" }));
        let began = std::time::Instant::now();
        assert!(has_an_end(&json!({ "$defs": definitions, "$ref": "#/$defs/d0" })));
        assert!(began.elapsed() < std::time::Duration::from_secs(1));
    }
}
