//! Step six, for places elsewhere: what leaves is sealed, and its surrogates are kept.
//!
//! Where surrogates cannot be kept, what must be masked does not leave.

use oratory_contract::{At, Drawer, Failure, FailureKind, Grant, Prepared, Receives, Vault};
use oratory_privacy::{Custom, Found, Masked, Names};

/// Seals a request for the place of `grant`.
pub(crate) fn mask(
    prepared: Prepared,
    grant: &Grant,
    custom: &Custom,
    found: &Found,
    vault: &dyn Vault,
) -> Result<(Masked, Names), Failure> {
    if grant.receives == Receives::AsIs {
        return Ok(oratory_privacy::mask(prepared, grant, custom, found, &mut Drawer::default()));
    }
    let whose = oratory_privacy::opening(prepared.asked());
    let (mut prepared, mut sealed) = (Some(prepared), None);
    vault.open(&whose, &mut |drawer| {
        sealed =
            prepared.take().map(|asked| oratory_privacy::mask(asked, grant, custom, found, drawer));
    })?;
    sealed.ok_or_else(|| Failure::new(FailureKind::Ours, At::Oratory, "a drawer was not opened"))
}
