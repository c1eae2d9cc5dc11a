//! What the paths take and tell, as an OpenAPI description.
//!
//! Made from the rows that also make the router and from the types that read and write bodies, so
//! that it cannot say anything else than what is served.

mod operation;
mod paths;

use std::collections::BTreeMap;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

pub(crate) use self::operation::Operation;
pub(crate) use self::paths::Paths;
use crate::dialect::Dialect;
use crate::failures;

/// The types of one direction, each described once.
pub(crate) struct Shapes {
    read: SchemaGenerator,
    told: SchemaGenerator,
    named: BTreeMap<&'static str, Schema>,
}

impl Shapes {
    fn new() -> Self {
        let settings = || SchemaSettings::draft2020_12().with(|to| to.inline_subschemas = true);
        let (read, told) = (settings().for_deserialize(), settings().for_serialize());
        let (read, told) = (read.into_generator(), told.into_generator());
        Self { read, told, named: BTreeMap::new() }
    }

    /// Returns where the shape of what is read stands.
    fn read<T: JsonSchema>(&mut self, name: &'static str) -> Value {
        let schema = T::json_schema(&mut self.read);
        self.refer(name, schema)
    }

    /// Returns where the shape of what is told stands.
    fn told<T: JsonSchema>(&mut self, name: &'static str) -> Value {
        let schema = T::json_schema(&mut self.told);
        self.refer(name, schema)
    }

    fn refer(&mut self, name: &'static str, schema: Schema) -> Value {
        self.named.entry(name).or_insert(schema);
        json!({ "$ref": format!("#/components/schemas/{name}") })
    }
}

/// Returns the description of these operations, each at its method and path.
fn document(operations: &[(&'static str, &'static str, Operation)], version: &str) -> Value {
    let (mut shapes, mut paths) = (Shapes::new(), Map::new());
    for (method, path, operation) in operations {
        let told = operation.told(path, &mut shapes);
        paths.entry(plain(path)).or_insert_with(|| json!({}))[*method] = told;
    }
    let responses: Map<String, Value> =
        Dialect::ALL.into_iter().flat_map(|dialect| faults(dialect, &mut shapes)).collect();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Oratory",
            "version": version,
            "description": "The dialects of OpenAI, Anthropic and Ollama, and Oratory's own paths. \
                            What becomes of each field is told in docs/dialects.md.",
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "servers": [{ "url": "/" }],
        // Without a key only this machine is served, and none is asked for.
        "security": [{}, { "bearer": [] }, { "key": [] }],
        "paths": paths,
        "components": {
            "schemas": shapes.named,
            "responses": responses,
            "parameters": parameters(),
            "securitySchemes": {
                "bearer": { "type": "http", "scheme": "bearer" },
                "key": { "type": "apiKey", "in": "header", "name": "x-api-key" },
            },
        },
    })
}

/// Returns the headers by which a request says how it is meant.
fn parameters() -> Value {
    let header = |name: &str, about: &str, values: &[&str]| json!({ "name": name, "in": "header", "description": about, "schema": { "enum": values } });
    json!({
        "label": header(
            "x-oratory-label",
            "How private the request is.",
            &["public", "internal", "confidential", "secret"],
        ),
        "strict": header(
            "x-oratory-strict",
            "Whether the request is refused where something of it would be left out.",
            &["true", "false"],
        ),
    })
}

/// Returns a path as OpenAPI writes it.
fn plain(path: &str) -> String {
    path.replace("{*", "{")
}

/// Returns how each failure of a dialect looks.
fn faults(dialect: Dialect, shapes: &mut Shapes) -> Vec<(String, Value)> {
    let schema = failures::shape(dialect);
    let name = match dialect {
        Dialect::OpenAi => "OpenAiError",
        Dialect::Anthropic => "AnthropicError",
        Dialect::Ollama => "OllamaError",
    };
    let body = shapes.refer(name, schema);
    let one = |(status, words): (u16, &str)| {
        let content = json!({ "application/json": { "schema": body } });
        (fault(dialect, status), json!({ "description": words, "content": content }))
    };
    failures::statuses(dialect).into_iter().map(one).collect()
}

/// Returns the name under which a failure stands.
fn fault(dialect: Dialect, status: u16) -> String {
    format!("{}-{status}", dialect.name())
}
