//! Neither a default, a conversion nor a parsed text makes a `Masked`.
use oratory_contract::Prepared;
use oratory_privacy::Masked;

fn from_nothing() -> Masked {
    Masked::default()
}

fn from_prepared(prepared: Prepared) -> Masked {
    prepared.into()
}

fn from_text(text: &str) -> Masked {
    serde_json::from_str(text).unwrap()
}

fn main() {}
