//! Policy decides about labelled content; without labels there is nothing to decide.
use oratory_contract::{Grant, Permit};

fn permit(grants: Vec<Grant>) -> Permit {
    Permit::new(grants, Vec::new())
}

fn main() {}
