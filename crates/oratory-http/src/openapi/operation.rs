//! What one path does with one method: what it takes, what it tells, whose words it speaks.
//!
//! Failures need no telling here: they follow from the dialect.

use schemars::JsonSchema;
use serde_json::{Map, Value, json};

use super::{Shapes, fault};
use crate::dialect::Dialect;
use crate::failures;

/// A type's name in the description, and what describes it.
type Shape = (&'static str, fn(&mut Shapes, &'static str) -> Value);

/// A content type that is not JSON, and its shape.
type Plain = (&'static str, fn() -> Value);

/// What one path does with one method.
pub(crate) struct Operation {
    /// Its name for programs that are made from the description.
    name: &'static str,
    about: &'static str,
    /// Whose path it is.
    maker: &'static str,
    dialect: Dialect,
    takes: Option<Shape>,
    /// The content type and the shape of what it takes, if that is not JSON.
    takes_as: Option<Plain>,
    /// The status of what it tells.
    status: &'static str,
    /// Content types of what it tells, and the shapes of those that are JSON.
    tells: Vec<(&'static str, Option<Shape>)>,
    /// Whether it goes through the pipeline, where labels count.
    labelled: bool,
    /// Whether it always fails.
    fails: bool,
    /// Other paths that lead to the same.
    pub(super) also: &'static [&'static str],
}

impl Operation {
    pub(crate) fn new(name: &'static str, dialect: Dialect, about: &'static str) -> Self {
        let (takes, tells) = (None, Vec::new());
        let maker = dialect.maker();
        Self {
            name,
            about,
            maker,
            dialect,
            takes,
            takes_as: None,
            status: "200",
            tells,
            labelled: false,
            fails: false,
            also: &[],
        }
    }

    /// Says that it is Oratory's own; failures are told in the words of the dialect it was given.
    pub(crate) fn of_oratory(mut self) -> Self {
        self.maker = "Oratory";
        self
    }

    /// Says what it takes.
    pub(crate) fn takes<T: JsonSchema>(mut self, name: &'static str) -> Self {
        self.takes = Some((name, Shapes::read::<T>));
        self
    }

    /// Says that it takes a file as it is.
    pub(crate) fn takes_bytes(mut self) -> Self {
        let file = || json!({ "type": "string", "format": "binary" });
        self.takes_as = Some(("application/octet-stream", file));
        self
    }

    /// Says that it takes a form of this shape.
    pub(crate) fn takes_form(mut self, shape: fn() -> Value) -> Self {
        self.takes_as = Some(("multipart/form-data", shape));
        self
    }

    /// Says that it answers that something is there now.
    pub(crate) fn created(mut self) -> Self {
        self.status = "201";
        self
    }

    /// Says that what it takes may carry a label.
    pub(crate) fn labelled(mut self) -> Self {
        self.labelled = true;
        self
    }

    /// Says what it tells.
    pub(crate) fn tells<T: JsonSchema>(mut self, name: &'static str) -> Self {
        self.tells.push(("application/json", Some((name, Shapes::told::<T>))));
        self
    }

    /// Says that it tells text, or pieces, of this content type.
    pub(crate) fn sends(mut self, kind: &'static str) -> Self {
        self.tells.push((kind, None));
        self
    }

    /// Says that it always fails.
    pub(crate) fn fails(mut self) -> Self {
        self.fails = true;
        self
    }

    /// Says which other paths lead to the same.
    pub(crate) fn also(mut self, paths: &'static [&'static str]) -> Self {
        self.also = paths;
        self
    }

    /// Returns its description.
    pub(super) fn told(&self, path: &str, shapes: &mut Shapes) -> Value {
        let mut told = json!({
            "operationId": self.name,
            "summary": self.about,
            "tags": [self.maker],
        });
        if !self.also.is_empty() {
            told["description"] = json!(format!("Also served at {}.", self.also.join(", ")));
        }
        let parameters = self.parameters(path);
        if !parameters.is_empty() {
            told["parameters"] = json!(parameters);
        }
        if let Some((name, takes)) = self.takes {
            let content = json!({ "application/json": { "schema": takes(shapes, name) } });
            told["requestBody"] = json!({ "required": true, "content": content });
        }
        if let Some((kind, shape)) = self.takes_as {
            let content = json!({ kind: { "schema": shape() } });
            told["requestBody"] = json!({ "required": true, "content": content });
        }
        told["responses"] = Value::Object(self.responses(shapes));
        told
    }

    fn parameters(&self, path: &str) -> Vec<Value> {
        let named = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
        let one = |name: &str| {
            let name = name.trim_start_matches('*');
            let schema = json!({ "type": "string", "minLength": 1 });
            json!({ "name": name, "in": "path", "required": true, "schema": schema })
        };
        let shared = |name| json!({ "$ref": format!("#/components/parameters/{name}") });
        let manners = self.labelled.then(|| ["label", "strict"].map(shared));
        named.map(one).chain(manners.into_iter().flatten()).collect()
    }

    fn responses(&self, shapes: &mut Shapes) -> Map<String, Value> {
        let mut content = Map::new();
        for (kind, shape) in &self.tells {
            let schema = shape.map(|(name, shape)| json!({ "schema": shape(shapes, name) }));
            let text = || match *kind {
                // Some read what is said of a stream as said of each event, some of all its text.
                "text/event-stream" => {
                    json!({ "schema": { "description": "Server-sent events." } })
                }
                _ => json!({ "schema": { "type": "string" } }),
            };
            content.insert((*kind).to_owned(), schema.unwrap_or_else(text));
        }
        let failed = |(status, _): (u16, &str)| {
            let at = format!("#/components/responses/{}", fault(self.dialect, status));
            (status.to_string(), json!({ "$ref": at }))
        };
        let faults = failures::statuses(self.dialect).into_iter().map(failed);
        let told = json!({ "description": "What was asked for.", "content": content });
        let own = (!self.fails).then(|| (self.status.to_owned(), told));
        own.into_iter().chain(faults).collect()
    }
}
