//! What is known of open-weight models and of what clouds cost: tables that come along, with where each fact is from.
//!
//! Reads no file and calls nobody. The header of a model file that is here is always worth more than this.

mod fact;
mod licence;
mod models;
mod names;
mod prices;
mod priors;

pub use fact::{Confidence, Fact};
pub use licence::{Commerce, Licence, licence};
pub use models::{Model, model, models, origin};
pub use prices::{cheapest, price, provider};
pub use priors::{Kind, counts_as, prior};
