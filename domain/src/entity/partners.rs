//! The partners of a tenant in roaming: operators, mobility providers and hubs with which it exchanges documents.
//!
//! One entity has all of a tenant, so that no two partners speak for one party and no two have one token. A partner shows
//! a token when it calls: of that only a digest is kept, so that nobody who reads the store can call in its name. The
//! token that the partner gave, by which it is called, is needed in clear. Rules: OCPI 2.2.1, credentials module.

mod decide;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use sha2::{Digest, Sha256};

use super::roaming_object::RoamingModule;
use crate::cdr::Party;
use crate::instant::Instant;
use crate::webhook::WebhookUrl;

pub use decide::Partners;

/// How many partners a tenant may have.
pub const MOST_PARTNERS: usize = 1_000;
/// How many parties one partner may speak for, and how many the tenant itself may have.
pub const MOST_PARTIES: usize = 64;
/// The longest token (OCPI 2.2.1, `Credentials.token`).
pub const MOST_TOKEN_BYTES: usize = 64;

/// What a party does in roaming.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PartnerRole {
    /// It operates charging points.
    Operator,
    /// It sells charging to drivers.
    Provider,
    /// It passes on what others say.
    Hub,
}

/// A party in one of its roles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PartyRole {
    /// What it does.
    pub role: PartnerRole,
    /// Who it is.
    pub party: Party,
}

/// The SHA-256 of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TokenHash(pub [u8; 32]);

/// The token by which a partner is called: 1 to 64 printable characters of ASCII without spaces.
#[derive(Clone, PartialEq, Eq)]
pub struct PartnerToken(String);

/// Where and by which token a partner is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// The address of its versions.
    pub versions_url: WebhookUrl,
    /// The token.
    pub token: PartnerToken,
}

/// How much a partner may ask for: a bucket of requests that fills by so many a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestLimit {
    /// Requests a second in the long run.
    pub per_second: u32,
    /// Requests at once, after a while without any.
    pub at_once: u32,
}

/// How far it has got with a partner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartnerStanding {
    /// It has a token to introduce itself by, and nothing else.
    Registered,
    /// Credentials were exchanged.
    Connected,
    /// A person has suspended it: it is let in nowhere, and is not called.
    Suspended,
}

/// A partner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partner {
    /// Its id within the tenant.
    pub id: String,
    /// For whom it speaks.
    pub parties: BTreeSet<PartyRole>,
    /// The account with which it is settled; none where it is not said.
    pub account: Option<String>,
    /// How much it may ask for.
    pub limit: RequestLimit,
    /// How far it has got with it.
    pub standing: PartnerStanding,
    /// By what it is recognised when it calls; none where it has unregistered.
    pub token: Option<TokenHash>,
    /// By what it is recognised as well while it is being introduced to this platform: it may call with the new token
    /// before it has answered that it takes it, and with the present one until then.
    pub offered: Option<TokenHash>,
    /// Where and by which token it is called; none before credentials were exchanged.
    pub contact: Option<Contact>,
    /// Up to which time of change was fetched from it, by module.
    pub cursors: BTreeMap<RoamingModule, Instant>,
    /// When it was made.
    pub made_at: Instant,
}

/// What the tenant says of itself to its partners.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OwnProfile {
    /// What it is called.
    pub name: String,
    /// Its own parties.
    pub parties: BTreeSet<PartyRole>,
    /// Where partners reach it: the beginning of every address that it gives, without a stroke at the end; the one by which
    /// it was called, where it is empty.
    pub url: String,
}

/// What the partners of a tenant remember.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// The tenant itself.
    pub own: OwnProfile,
    /// Partners, by id.
    pub by_id: BTreeMap<String, Partner>,
}

/// A partner as it is to be. What is none stays as it is, or is as usual where the partner is new.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WantedPartner {
    /// Its id.
    pub id: String,
    /// For whom it speaks.
    pub parties: Option<BTreeSet<PartyRole>>,
    /// The account with which it is settled; empty for none.
    pub account: Option<String>,
    /// How much it may ask for.
    pub limit: Option<RequestLimit>,
    /// By what it is recognised: needed for one that is new, and of no effect for one that is there.
    pub token: Option<TokenHash>,
    /// Where and by which token it is called, where it is known before credentials are exchanged.
    pub contact: Option<Contact>,
}

/// What a partner says of itself when credentials are exchanged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Introduced {
    /// Its id.
    pub id: String,
    /// The token that it showed: it must be the one it has now.
    pub shown: TokenHash,
    /// The token that it is to show from now on.
    pub token: TokenHash,
    /// Where and by which token it is called.
    pub contact: Contact,
    /// For whom it says to speak: no more than was agreed. Where nothing was agreed, it says so once, and not as a hub.
    pub parties: BTreeSet<PartyRole>,
    /// Whether it registers, or has registered before.
    pub is_first: bool,
}

/// What can be asked of a tenant's partners.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Reads all of them.
    List,
    /// Reads one.
    Get(String),
    /// Says what the tenant is to its partners.
    SetOwn(OwnProfile),
    /// Makes one, or changes it.
    Set(WantedPartner),
    /// Gives it another token to introduce itself by; the present one is worth nothing any more. One that was connected is not
    /// any longer: it registers anew with the token.
    Rotate(String, TokenHash),
    /// Another token is being told to it, which holds beside the present one until it is introduced by it.
    Offer(String, TokenHash),
    /// It has not taken this other token: that is worth nothing, and all else is as it was.
    Withdraw(String, TokenHash),
    /// Lets it in nowhere.
    Suspend(String),
    /// Lets it in again.
    Resume(String),
    /// Forgets it.
    Delete(String),
    /// Exchanges credentials.
    Introduce(Introduced),
    /// It unregisters, showing its token.
    Unregister(String, TokenHash),
    /// What changed up to a time was fetched from it.
    Fetched {
        /// Its id.
        id: String,
        /// Of which module.
        module: RoamingModule,
        /// Up to when; nothing happens where more was fetched before.
        until: Instant,
    },
}

/// What happened to the partners of a tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The tenant is this to them now.
    OwnSet(OwnProfile),
    /// A partner is this now.
    Set(Box<Partner>),
    /// It is gone.
    Deleted(String),
}

/// The answer to a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// The tenant and its partners in order of their ids.
    All(Box<State>),
    /// The partner as it is now.
    Partner(Box<Partner>),
    /// It is gone.
    Deleted,
}

/// Why a command is refused, in order of checking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rejection {
    /// There is none of this id.
    UnknownPartner,
    /// The tenant has as many as it may have.
    TooMany,
    /// One that is new needs a token.
    NoToken,
    /// Another partner has this token.
    TokenInUse,
    /// There are more parties than one may have.
    TooManyParties,
    /// Another partner, or the tenant itself, is this party in this role.
    PartyInUse,
    /// The partner introduces itself as more than was agreed: as this.
    NotAgreed(PartyRole),
    /// The token that was shown is not the one it has.
    OtherToken,
    /// It has registered already.
    AlreadyRegistered,
    /// It has not registered yet.
    NotRegistered,
    /// It is suspended: nothing is exchanged with it until it is resumed.
    Suspended,
}

impl TokenHash {
    /// The digest of a token.
    #[must_use]
    pub fn of(token: &str) -> Self {
        Self(Sha256::digest(token.as_bytes()).into())
    }

    /// Whether both are equal, found out in the same time wherever they differ.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        self.0.iter().zip(other.0).fold(0, |differing, (one, other)| differing | (one ^ other)) == 0
    }
}

impl PartnerToken {
    /// The token; `None` where it can't be one.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let is_token =
            (1..=MOST_TOKEN_BYTES).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
        is_token.then(|| Self(text.to_owned()))
    }

    /// The token in clear.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0
    }
}

/// Never the token itself, so that it stands in no log.
impl fmt::Debug for PartnerToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PartnerToken(..)")
    }
}

impl RequestLimit {
    /// What a partner has where nothing is said: room for an intake of some thousand records a second.
    pub const USUAL: Self = Self { per_second: 5_000, at_once: 10_000 };
}

impl PartnerRole {
    /// Its name in OCPI (2.2.1, `Role`).
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Operator => "CPO",
            Self::Provider => "EMSP",
            Self::Hub => "HUB",
        }
    }

    /// The role of this name; `None` for those that exchange nothing here (OCPI 2.2.1: NAP, NSP, OTHER, SCSP).
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        [Self::Operator, Self::Provider, Self::Hub].into_iter().find(|role| role.name() == name)
    }
}

impl PartyRole {
    /// Reads what [`Display`](fmt::Display) writes.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (role, party) = text.split_once(':')?;
        Some(Self { role: PartnerRole::of_name(role)?, party: Party::parse(party)? })
    }
}

/// Role and party with a colon between: `CPO:NL*TNM`.
impl fmt::Display for PartyRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.role.name(), self.party)
    }
}

impl Partner {
    /// Whether it may hand in what belongs to a party in a role: its own, or, for a hub, anybody's.
    #[must_use]
    pub fn speaks_for(&self, role: PartnerRole, party: Party) -> bool {
        self.is_hub() || self.parties.contains(&PartyRole { role, party })
    }

    /// Whether it does something in this role; a hub does everything.
    #[must_use]
    pub fn acts_as(&self, role: PartnerRole) -> bool {
        self.is_hub() || self.parties.iter().any(|one| one.role == role)
    }

    /// Whether it passes on what others say.
    #[must_use]
    pub fn is_hub(&self) -> bool {
        self.parties.iter().any(|one| one.role == PartnerRole::Hub)
    }
}

impl OwnProfile {
    /// The tenant's parties in a role.
    pub fn parties_as(&self, role: PartnerRole) -> impl Iterator<Item = Party> + '_ {
        self.parties.iter().filter(move |one| one.role == role).map(|one| one.party)
    }

    /// Whether a party is one of the tenant's, in whatever role.
    #[must_use]
    pub fn is_party(&self, party: Party) -> bool {
        self.parties.iter().any(|own| own.party == party)
    }
}

impl State {
    /// The account that pays for the drivers of a mobility provider: that of the partner that is this provider. Where no
    /// partner is, that of a hub which has one, the first by id. None where nobody pays, and for the tenant's own parties:
    /// a driver of theirs pays by a token that an account holds, or not at all.
    #[must_use]
    pub fn provider_account(&self, party: Party) -> Option<&str> {
        if self.own.is_party(party) {
            return None;
        }
        let provider = PartyRole { role: PartnerRole::Provider, party };
        if let Some(partner) = self.by_id.values().find(|partner| partner.parties.contains(&provider)) {
            return partner.account.as_deref();
        }
        self.by_id.values().filter(|partner| partner.is_hub()).find_map(|hub| hub.account.as_deref())
    }
}
