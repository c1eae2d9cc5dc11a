//! Scripted models, places and providers for tests, chosen by name.
//!
//! Nothing here ships: product crates may use it as a development dependency only.

mod elsewhere;
mod home;
mod ledger;
mod provider;
mod script;

pub use elsewhere::Remote;
pub use home::Home;
pub use ledger::Ledger;
pub use provider::Provider;
pub use script::Script;
