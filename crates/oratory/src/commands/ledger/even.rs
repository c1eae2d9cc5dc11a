//! When a machine at home has paid for itself, by how much of the day it works.
//!
//! Counts what a second of its work was worth here, by the prices of the model of reference.

use serde::Serialize;

use super::sum::Sum;
use crate::cli::Ledger;

/// Shares of the day that are told.
const DUTIES: [f64; 6] = [0.01, 0.05, 0.1, 0.25, 0.5, 1.0];
/// Days of a month, on average.
const MONTH: f64 = 365.25 / 12.0;

/// What was assumed, and what follows from it.
#[derive(Serialize)]
pub(super) struct Curve {
    pub(super) machine_dollars: f64,
    pub(super) watts: f64,
    pub(super) idle_watts: f64,
    pub(super) dollars_a_kilowatt_hour: f64,
    /// Dollars that a second of work saves; `None` while nothing was answered at home.
    pub(super) worth_of_a_second: Option<f64>,
    /// The share of the day for which costs are drawn month by month.
    pub(super) duty: f64,
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

impl Point {
    /// Returns the months until the machine is paid; `None` is never.
    pub(super) fn months(&self) -> Option<f64> {
        self.days.map(|days| days / MONTH)
    }

    /// Returns what the machine, and what the same work elsewhere, has cost after some months.
    pub(super) fn costs(&self, machine: f64, months: f64) -> (f64, f64) {
        let days = months * MONTH;
        (machine + self.electricity_a_day * days, self.saved_a_day * days)
    }
}

impl Curve {
    /// Returns what follows for one share of the day; `None` while nobody knows what work is worth.
    pub(super) fn at(&self, duty: f64) -> Option<Point> {
        let saved = self.worth_of_a_second? * duty * 86_400.0;
        let watts = self.watts * duty + self.idle_watts * (1.0 - duty);
        let power = watts * 24.0 / 1000.0 * self.dollars_a_kilowatt_hour;
        let left = saved - power;
        let days = (left > 0.0).then(|| self.machine_dollars / left);
        Some(Point { duty, saved_a_day: saved, electricity_a_day: power, days })
    }
}

pub(super) fn curve(machine: f64, args: &Ledger, home: &Sum) -> Curve {
    let worth = (home.seconds > 0.0).then(|| home.at_reference.dollars() / home.seconds);
    let mut curve = Curve {
        machine_dollars: machine,
        watts: args.watts,
        idle_watts: args.idle_watts,
        dollars_a_kilowatt_hour: args.electricity,
        worth_of_a_second: worth,
        duty: args.duty,
        points: Vec::new(),
    };
    curve.points = DUTIES.iter().filter_map(|duty| curve.at(*duty)).collect();
    curve
}
