//! The fields of `Masked` are private, so only `mask` makes one.
use oratory_contract::{Asked, Labels, PlaceName, Receives};
use oratory_privacy::Masked;

fn forge(asked: Asked, labels: Labels, destination: PlaceName) -> Masked {
    let kinds = std::collections::BTreeMap::new();
    Masked { asked, labels, destination, receives: Receives::AsIs, kinds, drawer: String::new() }
}

fn main() {}
