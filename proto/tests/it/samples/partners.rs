//! Partners in roaming and the objects they tell.

use domain::cdr::Party;
use domain::entity::partners::{
    Command, Contact, Introduced, OwnProfile, Partner, PartnerRole, PartnerStanding, PartnerToken, PartyRole,
    Reply, RequestLimit, State, TokenHash, WantedPartner,
};
use domain::entity::roaming_object::{self, ObjectKey, PutOutcome, RoamingModule, RoamingObject};
use domain::webhook::WebhookUrl;
use proptest::collection::{btree_map, btree_set, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::values::*;

fn party() -> impl Strategy<Value = Party> {
    ("[A-Z]{2}", "[A-Z0-9]{3}").prop_map(|(country, id)| Party::new(&country, &id).unwrap())
}

fn party_role() -> impl Strategy<Value = PartyRole> {
    let roles = select(vec![PartnerRole::Operator, PartnerRole::Provider, PartnerRole::Hub]);
    (roles, party()).prop_map(|(role, party)| PartyRole { role, party })
}

fn module() -> impl Strategy<Value = RoamingModule> {
    select(RoamingModule::ALL.to_vec())
}

fn hash() -> impl Strategy<Value = TokenHash> {
    digest().prop_map(TokenHash)
}

fn contact() -> impl Strategy<Value = Contact> {
    ("http://[a-z]{1,9}(:[1-9][0-9]{0,3})?/[a-z0-9]{0,9}", "[!-~]{1,64}").prop_map(|(url, token)| Contact {
        versions_url: WebhookUrl::parse(&url).unwrap(),
        token: PartnerToken::new(&token).unwrap(),
    })
}

fn limit() -> impl Strategy<Value = RequestLimit> {
    (1..=u32::MAX, 1..=u32::MAX).prop_map(|(per_second, at_once)| RequestLimit { per_second, at_once })
}

fn own() -> impl Strategy<Value = OwnProfile> {
    (word(), btree_set(party_role(), 0..3), word()).prop_map(|(name, parties, url)| OwnProfile {
        name,
        parties,
        url,
    })
}

fn partner() -> impl Strategy<Value = Partner> {
    let standings =
        select(vec![PartnerStanding::Registered, PartnerStanding::Connected, PartnerStanding::Suspended]);
    let known = (option::of("[a-z]{1,5}"), limit(), standings, option::of(hash()), option::of(contact()));
    let rest = (btree_map(module(), instant(), 0..3), instant(), option::of(hash()));
    ("[a-z]{1,5}", btree_set(party_role(), 0..3), known, rest).prop_map(
        |(id, parties, (account, limit, standing, token, contact), (cursors, made_at, offered))| Partner {
            id,
            parties,
            account,
            limit,
            standing,
            token,
            offered,
            contact,
            cursors,
            made_at,
        },
    )
}

pub(crate) fn state() -> impl Strategy<Value = State> {
    (own(), vec(partner(), 0..3)).prop_map(|(own, partners)| State {
        own,
        by_id: partners.into_iter().map(|partner| (partner.id.clone(), partner)).collect(),
    })
}

pub(crate) fn command() -> impl Strategy<Value = Command> {
    let id = || "[a-z]{1,5}";
    let wanted = (
        id(),
        option::of(btree_set(party_role(), 0..3)),
        option::of("[a-z]{0,5}"),
        option::of(limit()),
        option::of(hash()),
        option::of(contact()),
    );
    let wanted = wanted.prop_map(|(id, parties, account, limit, token, contact)| WantedPartner {
        id,
        parties,
        account,
        limit,
        token,
        contact,
    });
    let introduced = (id(), hash(), hash(), contact(), btree_set(party_role(), 0..3), flag());
    let introduced = introduced.prop_map(|(id, shown, token, contact, parties, is_first)| Introduced {
        id,
        shown,
        token,
        contact,
        parties,
        is_first,
    });
    prop_oneof![
        Just(Command::List),
        id().prop_map(Command::Get),
        own().prop_map(Command::SetOwn),
        wanted.prop_map(Command::Set),
        (id(), hash()).prop_map(|(id, token)| Command::Rotate(id, token)),
        (id(), hash()).prop_map(|(id, token)| Command::Offer(id, token)),
        (id(), hash()).prop_map(|(id, token)| Command::Withdraw(id, token)),
        id().prop_map(Command::Suspend),
        id().prop_map(Command::Resume),
        id().prop_map(Command::Delete),
        introduced.prop_map(Command::Introduce),
        (id(), hash()).prop_map(|(id, token)| Command::Unregister(id, token)),
        (id(), module(), instant()).prop_map(|(id, module, until)| Command::Fetched { id, module, until }),
    ]
}

pub(crate) fn reply() -> impl Strategy<Value = Reply> {
    prop_oneof![
        state().prop_map(|state| Reply::All(Box::new(state))),
        partner().prop_map(|partner| Reply::Partner(Box::new(partner))),
        Just(Reply::Deleted),
    ]
}

fn object() -> impl Strategy<Value = RoamingObject> {
    (module(), party(), "[ -~]{1,64}", instant(), option::of(party()), any::<u64>(), word()).prop_map(
        |(module, owner, id, last_updated, audience, version, text)| RoamingObject {
            key: ObjectKey::new(module, owner, &id).unwrap(),
            last_updated,
            audience,
            version,
            text,
        },
    )
}

pub(crate) fn object_state() -> impl Strategy<Value = roaming_object::State> {
    (option::of(object()), any::<u64>())
        .prop_map(|(object, versions)| roaming_object::State { object, versions })
}

pub(crate) fn object_command() -> impl Strategy<Value = roaming_object::Command> {
    use roaming_object::Command;
    prop_oneof![
        Just(Command::Get),
        (object(), option::of(any::<u64>())).prop_map(|(object, on_version)| Command::Put {
            key: object.key,
            last_updated: object.last_updated,
            audience: object.audience,
            text: object.text,
            on_version,
        }),
        Just(Command::Delete),
    ]
}

pub(crate) fn object_reply() -> impl Strategy<Value = roaming_object::Reply> {
    use roaming_object::Reply;
    let outcomes = vec![PutOutcome::Created, PutOutcome::Changed, PutOutcome::Unchanged, PutOutcome::Older];
    prop_oneof![
        object().prop_map(|object| Reply::Object(Box::new(object))),
        select(outcomes).prop_map(Reply::Put),
        Just(Reply::Deleted),
    ]
}
