//! How many bodies of one partner are waited for at the same time: there are only so many connections, and nobody's
//! unfinished requests keep them from all others.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use actors::shell::Tenant;

use super::answer::Fault;

/// Whose bodies they are.
type Whose = (Tenant, String);

/// The bodies that are waited for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Waiting {
    by_partner: Arc<Mutex<HashMap<Whose, usize>>>,
}

/// One body that is waited for, as long as this is held.
#[derive(Debug)]
pub(super) struct Awaited {
    waiting: Waiting,
    whose: Whose,
}

impl Waiting {
    /// One body more of a partner, where it has fewer than so many.
    pub(super) fn begin(&self, tenant: &Tenant, partner: &str, most: usize) -> Result<Awaited, Fault> {
        let whose = (tenant.clone(), partner.to_owned());
        let mut by_partner = self.by_partner.lock().unwrap_or_else(PoisonError::into_inner);
        let count = by_partner.entry(whose.clone()).or_default();
        if *count >= most {
            return Err(Fault::too_many(1).closing());
        }
        *count = count.saturating_add(1);
        Ok(Awaited { waiting: self.clone(), whose })
    }
}

impl Drop for Awaited {
    fn drop(&mut self) {
        let mut by_partner = self.waiting.by_partner.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(count) = by_partner.get_mut(&self.whose) else { return };
        *count = count.saturating_sub(1);
        if *count == 0 {
            by_partner.remove(&self.whose);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_partner_has_so_many_and_others_theirs() {
        let waiting = Waiting::default();
        let tenant = |name| Tenant::parse(name).unwrap();
        let begin = |name, partner| waiting.begin(&tenant(name), partner, 2);
        let first = begin("light", "tnm").unwrap();
        let _second = begin("light", "tnm").unwrap();
        assert_eq!(begin("light", "tnm").unwrap_err().status.as_u16(), 429);
        let _others = (begin("light", "dcb").unwrap(), begin("power", "tnm").unwrap());
        drop(first);
        drop(begin("light", "tnm").unwrap());
        drop(begin("light", "tnm").unwrap());
        assert_eq!(waiting.by_partner.lock().unwrap().len(), 3);
    }
}
