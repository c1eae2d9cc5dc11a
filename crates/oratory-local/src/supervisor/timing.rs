//! A worker that only times ways to run a model, for `tune`.
//!
//! Dropped half-way, it ends its process.

use std::time::Duration;

use tokio_util::task::TaskTracker;

use super::process::{Program, Worker};
use crate::protocol::{Measure, Order, Report, Sample, VERSION};

/// How long loading may take, twice over, beside the measuring itself.
const LOADING: Duration = Duration::from_secs(240);

/// A process that measures.
pub(crate) struct Timing {
    worker: Box<Worker>,
}

impl Timing {
    /// Starts the process.
    pub(crate) async fn start(program: &Program, tasks: &TaskTracker) -> Result<Self, String> {
        let worker = Worker::start(program, tasks).map_err(|error| error.to_string())?;
        let mut timing = Self { worker };
        match timing.worker.next().await {
            Ok(Some(Report::Hello { version: VERSION })) => Ok(timing),
            _ => Err("the engine process is of another version of Oratory".into()),
        }
    }

    /// Times ways beside each other and returns what was seen, turn by turn.
    pub(crate) async fn measure(&mut self, measure: Measure) -> Result<Vec<Vec<Sample>>, String> {
        let limit = LOADING + Duration::from_millis(u64::from(measure.milliseconds)) * 2;
        let seen = tokio::time::timeout(limit, self.listen(measure)).await;
        seen.unwrap_or_else(|_| Err("it took far too long".into()))
    }

    async fn listen(&mut self, measure: Measure) -> Result<Vec<Vec<Sample>>, String> {
        let order = Order::Measure(Box::new(measure));
        self.worker.send(&order).await.map_err(|error| error.to_string())?;
        let mut turns = Vec::new();
        loop {
            match self.worker.next().await {
                Ok(Some(Report::Timed { samples })) if samples.is_empty() => return Ok(turns),
                Ok(Some(Report::Timed { samples })) => turns.push(samples),
                Ok(Some(Report::Failed { trouble, .. })) => return Err(trouble.message),
                Ok(Some(_)) => {}
                Ok(None) | Err(_) => return Err(self.worker.end().await.to_string()),
            }
        }
    }

    /// Ends the process.
    pub(crate) async fn end(mut self) {
        self.worker.end().await;
    }
}
