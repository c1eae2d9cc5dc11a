//! Scripted models, places, providers and registries of models for tests.
//!
//! Nothing here ships: product crates may use it as a development dependency only.

mod departures;
mod elsewhere;
mod home;
mod ledger;
mod provider;
mod registry;
mod script;
mod vault;
mod wire;

pub use departures::Book;
pub use elsewhere::Remote;
pub use home::Home;
pub use ledger::Ledger;
pub use provider::Provider;
pub use registry::{Registry, Trick};
pub use script::Script;
pub use vault::Drawers;
