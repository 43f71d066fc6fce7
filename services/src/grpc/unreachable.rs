//! Entries of a list that can't be read: one that is set aside is named, and does not hold up the others.

use actors::shell::CallError;

use crate::gateway::Failure;

/// The answer of a listed entity. Where the entity is set aside there is none, and its name is added to `unreachable`.
pub(super) fn or_unreachable<R>(
    answer: Result<R, Failure>,
    name: String,
    unreachable: &mut Vec<String>,
) -> Result<Option<R>, Failure> {
    match answer {
        Err(Failure::NoAnswer(CallError::Parked { .. })) => {
            unreachable.push(name);
            Ok(None)
        }
        answer => answer.map(Some),
    }
}
