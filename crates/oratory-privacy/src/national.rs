//! The numbers that states give to people and businesses, country by country.
//!
//! Shapes, layouts and words only; the arithmetic is beside each table or in `checks`.

mod america;
mod asia;
mod britain;
mod east;
mod iberia;
mod middle;
mod north;
mod oceania;
mod west;

use crate::numbers::Number;

/// All tables.
pub(crate) static TABLES: [&[Number]; 10] = [
    america::NORTH,
    america::SOUTH,
    asia::NUMBERS,
    britain::NUMBERS,
    east::NUMBERS,
    iberia::NUMBERS,
    middle::NUMBERS,
    north::NUMBERS,
    oceania::NUMBERS,
    west::NUMBERS,
];
