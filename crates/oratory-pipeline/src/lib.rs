//! One request's path from asked to recorded, a module per step.
//!
//! Knows no HTTP, SQL, llama.cpp or provider, and reads no clock of its own: what it needs of
//! the world is handed to it.

mod answer;
mod cache;
mod cascade;
mod clock;
mod context;
mod heavy;
mod label;
mod masking;
mod policy;
mod portfolio;
mod record;
mod replicas;
mod rights;
mod route;
mod spend;
mod traffic;
mod trying;
mod wellbeing;

pub use answer::{Config, Pipeline, Told};
pub use clock::Clock;
pub use label::Reading;
pub use policy::{
    Case, DEFAULT_POLICY, DEFAULT_PROMISES, Policy, PolicyError, Problem, Verdict, clock, doubts,
};
pub use portfolio::{Portfolio, Site};
pub use record::Decision;
pub use route::{Candidate, Forecast, Prefer, Routing, Taste};
