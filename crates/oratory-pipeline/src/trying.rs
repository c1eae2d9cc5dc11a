//! Step six: one model after the other is asked, until one begins to answer.

use std::sync::Arc;

use oratory_contract::{Answer, At, Failure, FailureKind, Prepared};
use oratory_privacy::Found;

use crate::answer::begun;
use crate::record::Diary;
use crate::route::Choice;
use crate::{Pipeline, Site, heavy, masking};

impl Pipeline {
    /// Tries the choices in order. Another is tried only while nothing has been said yet.
    pub(crate) async fn first_that_answers(
        &self,
        choices: Vec<Choice>,
        prepared: Prepared,
        found: &Arc<Found>,
        diary: &mut Diary,
    ) -> Result<Answer, Failure> {
        let mut prepared = Some(prepared);
        let mut choices = choices.into_iter().peekable();
        while let Some(choice) = choices.next() {
            let next = choices.peek();
            let request = if next.is_none() { prepared.take() } else { prepared.clone() };
            let request = request.expect("it is taken only for the last choice");
            match self.run(&choice, request, found, diary).await {
                Err(failure) if another_may_do_better(&failure, next) => {
                    // Not the failure's words: they may be the provider's, and quote the request.
                    let (place, kind) = (&choice.grant.place, failure.kind.as_str());
                    tracing::info!(%place, kind, "moved on to the next model");
                }
                outcome => return outcome,
            }
        }
        Err(Failure::new(FailureKind::Ours, At::Oratory, "a plan named no model"))
    }

    async fn run(
        &self,
        choice: &Choice,
        prepared: Prepared,
        found: &Arc<Found>,
        diary: &mut Diary,
    ) -> Result<Answer, Failure> {
        diary.chosen(choice);
        if let Some(leave) = &choice.leave {
            leave.go();
        }
        match &choice.site {
            Site::Local(place) => begun(place.run(&choice.model, prepared).await?, diary).await,
            Site::Remote(place) => {
                let spot = &(choice.grant.place.clone(), choice.model.clone());
                self.wellbeing.enter(spot, self.config.clock.unix_ms())?;
                let (length, grant) = (prepared.asked().length(), choice.grant.clone());
                let (custom, vault) = (self.config.custom.clone(), self.config.vault.clone());
                let found = found.clone();
                let mask = move || masking::mask(prepared, &grant, &custom, &found, &*vault);
                let (masked, names) = heavy::work(length, mask).await??;
                diary.masked(masked.spans());
                let answer = match place.run(&choice.model, masked).await {
                    Ok(answer) => begun(names.restore(answer), diary).await,
                    Err(failure) => Err(failure),
                };
                match &answer {
                    Ok(_) => self.wellbeing.well(spot),
                    Err(why) => self.wellbeing.failed(spot, why, self.config.clock.unix_ms()),
                }
                answer
            }
        }
    }
}

/// Whether the next choice may be tried. What the egress gate stopped may still be answered at
/// home, and only there.
fn another_may_do_better(failure: &Failure, next: Option<&Choice>) -> bool {
    match (failure.kind, next) {
        (_, None) => false,
        (FailureKind::Refused, Some(next)) => matches!(next.site, Site::Local(_)),
        (kind, Some(_)) => kind.may_end_elsewhere(),
    }
}
