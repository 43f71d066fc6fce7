//! Who calls: partners by their tokens, as their entity has them, looked up at most once a second.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use actors::shell::{Caller, Class, Consistency, Tenant};
use base64::Engine as _;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use domain::entity::Recipient;
use domain::entity::partners::{
    Command, OwnProfile, Partner, PartnerStanding, PartnerToken, Reply, RequestLimit, TokenHash,
};
use tokio::time::Instant;

use super::answer::Fault;
use super::bucket::Bucket;
use crate::gateway::{Ask, Failure, Gateway};

/// As whom the edge asks entities.
const CLIENT: &str = "ocpi";
/// How long a question to an entity may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// Of how many tenants partners are remembered; of others they are asked for each time.
const MOST_TENANTS: usize = 1_024;
/// For how long who the partners are is still believed where their entity can't be asked.
const BELIEVED: Duration = Duration::from_secs(30);
/// What whoever shows another token is told.
pub(super) const UNKNOWN_TOKEN: &str = "no partner has this token: it was exchanged for another, rotated or never given; ask whoever \
                             runs this platform to rotate it, and register with the new one";
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Recognises partners.
#[derive(Clone)]
pub(crate) struct Door {
    gateway: Gateway,
    recognised: Duration,
    known: Arc<Mutex<HashMap<Tenant, Arc<Known>>>>,
    buckets: Arc<Mutex<HashMap<(Tenant, String), Bucket>>>,
    /// Whoever looks up takes it, so that many who come at once look up once.
    looking: Arc<tokio::sync::Mutex<()>>,
}

/// Who the partners of a tenant are.
#[derive(Debug)]
struct Known {
    at: Instant,
    own: Arc<OwnProfile>,
    by_token: HashMap<TokenHash, Arc<Partner>>,
}

/// Somebody who was recognised.
#[derive(Clone, Debug)]
pub(crate) struct Guest {
    pub(crate) own: Arc<OwnProfile>,
    pub(crate) partner: Arc<Partner>,
    /// The token that was shown.
    pub(crate) token: PartnerToken,
    /// Its digest.
    pub(crate) shown: TokenHash,
}

impl Door {
    pub(crate) fn new(gateway: Gateway, recognised: Duration) -> Self {
        let (known, buckets, looking) = (Arc::default(), Arc::default(), Arc::default());
        Self { gateway, recognised, known, buckets, looking }
    }

    /// Recognises whoever shows this `Authorization`, and takes one of its requests.
    pub(crate) async fn recognise(&self, tenant: &Tenant, shown: Option<&str>) -> Result<Guest, Fault> {
        let shown =
            shown.ok_or_else(|| Fault::unauthorized("the header Authorization is missing: Token BASE64"))?;
        let tokens = shown_tokens(shown);
        if tokens.is_empty() {
            return Err(Fault::unauthorized("Authorization is not `Token` and a token in base64"));
        }
        let known = self.known(tenant).await?;
        let found = tokens.into_iter().find_map(|token| {
            let shown = TokenHash::of(token.text());
            let (held, partner) = known.by_token.get_key_value(&shown)?;
            held.is(&shown).then(|| (Arc::clone(partner), token, shown))
        });
        let (partner, token, shown) = found.ok_or_else(|| Fault::unauthorized(UNKNOWN_TOKEN))?;
        if partner.standing == PartnerStanding::Suspended {
            return Err(Fault::unauthorized("the partner is suspended; ask whoever runs this platform"));
        }
        self.take(tenant, &partner.id, partner.limit)?;
        Ok(Guest { own: Arc::clone(&known.own), partner, token, shown })
    }

    /// What is known of a tenant's partners has changed.
    pub(crate) fn forget(&self, tenant: &Tenant) {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).remove(tenant);
    }

    /// How a question about a tenant is asked on behalf of a partner.
    pub(crate) fn ask(tenant: &Tenant, subject: &str, entity: Recipient) -> Ask {
        Ask {
            tenant: tenant.clone(),
            entity,
            caller: Caller { client: CLIENT.into(), subject: subject.into(), roles: [].into() },
            request_id: None,
            timeout: PATIENCE,
            class: Class::Interactive,
            repeatable: true,
            consistency: Consistency::Strong,
            trace: None,
            terms: None,
        }
    }

    fn take(&self, tenant: &Tenant, partner: &str, limit: RequestLimit) -> Result<(), Fault> {
        let now = Instant::now();
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let bucket = buckets.entry((tenant.clone(), partner.to_owned()));
        let taken = bucket.or_insert_with(|| Bucket::new(limit, now)).take(limit, now);
        taken.map_err(|wait| Fault::too_many(wait.as_secs().saturating_add(1)))
    }

    async fn known(&self, tenant: &Tenant) -> Result<Arc<Known>, Fault> {
        if let Some(known) = self.fresh(tenant, self.recognised) {
            return Ok(known);
        }
        let _looking = self.looking.lock().await;
        if let Some(known) = self.fresh(tenant, self.recognised) {
            return Ok(known);
        }
        match self.look(tenant).await {
            Ok(known) => {
                let known = Arc::new(known);
                let mut all = self.known.lock().unwrap_or_else(PoisonError::into_inner);
                if all.len() < MOST_TENANTS || all.contains_key(tenant) {
                    all.insert(tenant.clone(), Arc::clone(&known));
                } else {
                    all.clear();
                }
                Ok(known)
            }
            Err(failure) => self.fresh(tenant, BELIEVED).ok_or_else(|| failure.into()),
        }
    }

    fn fresh(&self, tenant: &Tenant, within: Duration) -> Option<Arc<Known>> {
        let all = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        all.get(tenant).filter(|known| known.at.elapsed() < within).cloned()
    }

    async fn look(&self, tenant: &Tenant) -> Result<Known, Failure> {
        let at = Instant::now();
        let ask = Self::ask(tenant, CLIENT, Recipient::Partners);
        let ask = Ask { consistency: Consistency::Lease, ..ask };
        let Reply::All(state) = self.gateway.ask(ask, &Command::List).await? else {
            return Err(Failure::Unreadable("partners were asked for and not given".to_owned()));
        };
        let partners = state.by_id.into_values();
        let by_token = partners.flat_map(|partner| {
            let tokens = [partner.token, partner.offered].into_iter().flatten();
            let partner = Arc::new(partner);
            tokens.map(move |token| (token, Arc::clone(&partner)))
        });
        Ok(Known { at, own: Arc::new(state.own), by_token: by_token.collect() })
    }
}

/// What may have been meant by an `Authorization`: the token in base64, as 2.2.1 has it, or, as many still do, in clear.
fn shown_tokens(shown: &str) -> Vec<PartnerToken> {
    let mut words = shown.split_ascii_whitespace();
    let is_token = words
        .next()
        .is_some_and(|scheme| scheme.eq_ignore_ascii_case("Token") || scheme.eq_ignore_ascii_case("Bearer"));
    let Some(given) = words.next().filter(|_| is_token && words.next().is_none()) else { return Vec::new() };
    let decoded = BASE64.decode(given).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let plain = Some(given.to_owned());
    let tokens = [decoded, plain].into_iter().flatten();
    tokens.filter_map(|token| PartnerToken::new(&token)).collect()
}

/// A token as it stands in an `Authorization`.
pub(super) fn authorization(token: &PartnerToken) -> String {
    format!("Token {}", BASE64.encode(token.text()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_in_base64_and_in_clear() {
        let meant = PartnerToken::new("ebf3b399-779f").unwrap();
        // Base64 of it, without padding too; in clear; scheme in any case.
        for shown in [
            "Token ZWJmM2IzOTktNzc5Zg==",
            "Token ZWJmM2IzOTktNzc5Zg",
            "token ebf3b399-779f",
            "Bearer ebf3b399-779f",
        ] {
            assert!(shown_tokens(shown).contains(&meant), "{shown}");
        }
        for shown in
            ["", "Token", "Basic ZWJmM2IzOTktNzc5Zg==", "Token a b", &format!("Token {}", "=".repeat(65))]
        {
            assert!(shown_tokens(shown).is_empty(), "{shown}");
        }
        let token = PartnerToken::new("ebf3b399-779f").unwrap();
        assert!(shown_tokens(&authorization(&token)).contains(&meant));
        assert_eq!(format!("{token:?}"), "PartnerToken(..)");
    }
}
