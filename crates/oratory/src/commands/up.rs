//! `oratory up`: serves with what this machine has, and says what that is.
//!
//! Where only built-in models are here, it says so plainly and offers the best model that fits.

use std::process::ExitCode;
use std::time::Duration;

use oratory_contract::Readiness;

use super::{portfolio, serve};
use crate::cli::Serving;
use crate::house::House;
use crate::out;
use crate::settings::Config;

mod offer;

/// How long a start waits for servers on this machine to be found; it goes on without them.
const NEIGHBOURS: Duration = Duration::from_millis(500);

pub(super) async fn run(args: Serving, config: &Config) -> anyhow::Result<ExitCode> {
    let doors = serve::open(config).await?;
    let (house, pipeline) = House::build(config, args.files)?;
    let address = doors.address.local_addr()?;
    let _ = tokio::time::timeout(NEIGHBOURS, house.near.look()).await;
    out::note(format_args!(
        "{} {} on {}",
        out::bold("Oratory"),
        env!("CARGO_PKG_VERSION"),
        out::bold(format_args!("http://{address}"))
    ));
    welcome(&house, config);
    serve::serve(doors, house, pipeline, config).await
}

fn welcome(house: &House, config: &Config) {
    for site in house.portfolio.sites().iter() {
        let card = site.card();
        let models = site.models();
        if let Some(what) = house.near.what(card) {
            out::note(out::dim(format_args!(
                "  {:<9} {what} at {}",
                card.name.as_str(),
                card.address
            )));
        } else if models.is_empty() {
            out::note(format_args!("  {:<9} {}", card.name.as_str(), out::dim(&card.address)));
        }
        for model in models.iter() {
            out::note(format_args!(
                "  {:<9} {} {}",
                card.name.as_str(),
                model.name,
                out::dim(portfolio::describe(model))
            ));
        }
    }
    out::note(format_args!("  {:<9} {}", "records", out::dim(config.store.display())));
    let real = house.portfolio.sites().iter().any(|site| {
        let answers =
            |readiness: &Readiness| matches!(readiness, Readiness::Ready | Readiness::Cold);
        site.models().iter().any(|model| !model.stand_in && answers(&model.readiness))
    });
    if !real {
        out::note("");
        out::note(offer::text(&config.models));
    }
    out::note(out::dim("\nCtrl-C stops it."));
}
