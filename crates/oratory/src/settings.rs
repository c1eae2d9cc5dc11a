//! Every setting, from one table: flags, environment, file, help, reference and schema.
//!
//! Only this crate reads any of them; each room gets its own `Config` and nothing else.

mod access;
mod config;
mod file;
mod kind;
mod layers;
mod models;
mod reference;
mod table;
mod terms;

pub(crate) use access::KeyAt;
pub(crate) use config::{Config, PlaceConfig, callers_file};
pub(crate) use file::FileError;
pub(crate) use kind::{Kind, Value};
pub(crate) use layers::{Layers, Settings};
pub(crate) use models::ModelsConfig;
pub(crate) use reference::{page, schema};
pub(crate) use table::{SETTINGS, Setting};
pub(crate) use terms::read as own_terms;
