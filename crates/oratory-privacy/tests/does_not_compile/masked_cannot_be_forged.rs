//! The fields of `Masked` are private, so only `mask` makes one.
use oratory_contract::{Asked, Labels, PlaceName, Receives};
use oratory_privacy::Masked;

fn forge(asked: Asked, labels: Labels, destination: PlaceName) -> Masked {
    Masked { asked, labels, destination, receives: Receives::AsIs, spans: 0 }
}

fn main() {}
