//! Finds servers of models on this machine, where they usually listen.
//!
//! Only loopback can be asked: a port is all that is named, and nothing of any request is told. What
//! a server may then receive is not decided here.

use oratory_contract::ModelCard;

use crate::Dialect;

mod identify;
mod listed;
mod ollama;
mod probe;

/// Where servers of models listen when nobody has said otherwise.
pub const USUAL_PORTS: [u16; 13] =
    [11434, 1234, 8080, 8000, 30_000, 10_240, 5001, 5000, 1337, 4000, 4891, 8081, 8001];

/// A program that serves models.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Software {
    /// What a place of it is called.
    pub name: &'static str,
    /// What people call it.
    pub title: &'static str,
    /// Whether what it is asked stays on this machine, as far as anybody knows of it. One that may
    /// pass a question on to somebody else, or of which nobody can tell, does not keep it.
    pub keeps: bool,
}

/// A server of models that was found.
#[derive(Clone, Debug)]
pub struct Server {
    /// What it is.
    pub software: Software,
    /// Which version of it, if it says so.
    pub version: Option<String>,
    /// Its address, as a place is opened with it.
    pub url: String,
    /// How it is spoken to.
    pub dialect: Dialect,
    /// The models that can answer there.
    pub models: Vec<ModelCard>,
}

/// What was seen at a port.
#[derive(Clone, Debug)]
pub enum Sight {
    /// Nobody listens there.
    Nobody,
    /// Somebody listens and has not answered in time; busy, perhaps.
    Silent,
    /// Somebody who serves no models, or is an Oratory.
    Stranger,
    /// A server of models; two where it answers some itself and passes others on.
    Servers(Vec<Server>),
}

/// Says whether a place with this name that was found, if it was, keeps what it is asked.
pub fn keeps(place: &str) -> bool {
    identify::called(place).is_some_and(|software| software.keeps)
}

/// Looks who listens at a port of this machine; takes a few seconds at the most.
pub async fn look(port: u16) -> Sight {
    for at in [probe::At::four(port), probe::At::six(port)] {
        match probe::get(at, "/v1/models").await {
            Ok(said) => return identify::of(at, &said).await,
            Err(probe::Unheard::Nobody) => {}
            Err(probe::Unheard::Silent) => return Sight::Silent,
            Err(probe::Unheard::Senseless) => return Sight::Stranger,
        }
    }
    Sight::Nobody
}
