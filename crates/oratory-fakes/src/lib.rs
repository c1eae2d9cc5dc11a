//! Scripted models, places and providers for tests, chosen by name.
//!
//! Nothing here ships: product crates may use it as a development dependency only.

mod elsewhere;
mod home;
mod ledger;

mod script;

pub use home::Home;
pub use ledger::Ledger;

pub use elsewhere::Remote;
pub use script::Script;
