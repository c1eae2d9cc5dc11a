//! When a machine at home has paid for itself, by how much of the day it works.
//!
//! Counts what a second of its work was worth here, by the prices of the model of reference.

use serde::Serialize;

use super::sums::Sum;
use crate::cli::Ledger;

/// Shares of the day that are looked at.
const DUTIES: [f64; 6] = [0.01, 0.05, 0.1, 0.25, 0.5, 1.0];

/// What was assumed, and what follows from it.
#[derive(Serialize)]
pub(super) struct Curve {
    pub(super) machine_dollars: f64,
    pub(super) watts: f64,
    pub(super) idle_watts: f64,
    pub(super) dollars_a_kilowatt_hour: f64,
    /// Dollars that a second of work saves; `None` while nothing was answered at home.
    pub(super) worth_of_a_second: Option<f64>,
    pub(super) points: Vec<Point>,
}

/// One share of the day.
#[derive(Serialize)]
pub(super) struct Point {
    pub(super) duty: f64,
    pub(super) saved_a_day: f64,
    pub(super) electricity_a_day: f64,
    /// Days until the machine is paid; `None` is never.
    pub(super) days: Option<f64>,
}

pub(super) fn curve(machine: f64, args: &Ledger, home: &Sum) -> Curve {
    let (watts, idle, electricity) = (args.watts, args.idle_watts, args.electricity);
    let worth = (home.seconds > 0.0).then(|| home.at_reference.dollars() / home.seconds);
    let point = |duty: f64, worth: f64| {
        let saved = worth * duty * 86_400.0;
        let power = (watts * duty + idle * (1.0 - duty)) * 24.0 / 1000.0 * electricity;
        let left = saved - power;
        let days = (left > 0.0).then(|| machine / left);
        Point { duty, saved_a_day: saved, electricity_a_day: power, days }
    };
    Curve {
        machine_dollars: machine,
        watts,
        idle_watts: idle,
        dollars_a_kilowatt_hour: electricity,
        worth_of_a_second: worth,
        points: worth
            .map(|worth| DUTIES.iter().map(|duty| point(*duty, worth)).collect())
            .unwrap_or_default(),
    }
}
