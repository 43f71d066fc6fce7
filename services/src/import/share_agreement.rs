//! An agreement on shares in JSON, as the API has it: `docs/reference/shares-and-statements.md`.

use domain::share::ShareAgreement;
use proto::roaming;

use crate::usage;

/// Reads an agreement from JSON.
///
/// # Errors
/// What is wrong, for a person: the JSON, a field, or everything that keeps the agreement from being made.
pub fn read_share_agreement(text: &str) -> Result<ShareAgreement, String> {
    let value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let message: roaming::ShareAgreement = usage::read_message("kvarter.roaming.v1.ShareAgreement", &value)
        .map_err(|error| error.to_string())?;
    let agreement = ShareAgreement::try_from(message).map_err(|error| error.to_string())?;
    let defects: Vec<String> = agreement.defects().iter().map(ToString::to_string).collect();
    if defects.is_empty() { Ok(agreement) } else { Err(defects.join("; ")) }
}
