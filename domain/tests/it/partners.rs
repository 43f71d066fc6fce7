//! Partners of a tenant and the objects they tell: what each command does and what is refused.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops at the first surprise")]

use std::collections::BTreeSet;

use domain::cdr::Party;
use domain::entity::partners::{
    Command, Contact, Event, Introduced, MOST_PARTIES, OwnProfile, Partner, PartnerRole, PartnerStanding,
    PartnerToken, Partners, PartyRole, Rejection, Reply, RequestLimit, State, TokenHash, WantedPartner,
};
use domain::entity::roaming_object::{self, ObjectKey, PutOutcome, RoamingModule, RoamingObjects};
use domain::entity::{Decided, Entity, Facts, Moment};
use domain::instant::Instant;
use domain::webhook::WebhookUrl;

fn moment() -> Moment {
    Moment { now: at(0), shard: 0, subject: "test".to_owned() }
}

fn at(second: i64) -> Instant {
    Instant::from_seconds(1_795_000_000 + second).unwrap()
}

/// The partners of a tenant: `tnm` has the token `a`, and speaks for CPO:NL*TNM.
struct World(State);

impl World {
    fn new() -> Self {
        let mut world = Self(State::default());
        let own = OwnProfile { parties: parties(&["EMSP:SE*EXA"]), ..OwnProfile::default() };
        world.give(&Command::SetOwn(own)).unwrap();
        world.give(&Command::Set(wanted("tnm", "a", &["CPO:NL*TNM", "EMSP:NL*TNM"]))).unwrap();
        world
    }

    fn connected() -> Self {
        let mut world = Self::new();
        world.give(&Command::Introduce(introduced("a", "b", true))).unwrap();
        world
    }

    fn give(&mut self, command: &Command) -> Result<Decided<Event, Reply>, Rejection> {
        let decided = Partners::decide(&self.0, command, &Facts::default(), &moment())?;
        decided.events.iter().for_each(|event| Partners::apply(&mut self.0, event));
        Ok(decided)
    }

    fn partner(&self) -> &Partner {
        &self.0.by_id["tnm"]
    }
}

fn parties(texts: &[&str]) -> BTreeSet<PartyRole> {
    texts.iter().map(|text| PartyRole::parse(text).unwrap()).collect()
}

fn wanted(id: &str, token: &str, roles: &[&str]) -> WantedPartner {
    WantedPartner {
        id: id.to_owned(),
        parties: Some(parties(roles)),
        account: Some("account".to_owned()),
        limit: None,
        token: Some(TokenHash::of(token)),
        contact: None,
    }
}

fn contact() -> Contact {
    Contact {
        versions_url: WebhookUrl::parse("http://tnm.example/versions").unwrap(),
        token: PartnerToken::new("theirs").unwrap(),
    }
}

fn introduced(shown: &str, token: &str, is_first: bool) -> Introduced {
    Introduced {
        id: "tnm".to_owned(),
        shown: TokenHash::of(shown),
        token: TokenHash::of(token),
        contact: contact(),
        parties: parties(&["CPO:NL*TNM", "EMSP:NL*TNM"]),
        is_first,
    }
}

#[test]
fn credentials_are_exchanged_once_and_then_anew() {
    let mut world = World::new();
    assert_eq!(world.partner().standing, PartnerStanding::Registered);
    assert_eq!(world.give(&Command::Introduce(introduced("x", "b", true))), Err(Rejection::OtherToken));
    assert_eq!(world.give(&Command::Introduce(introduced("a", "b", false))), Err(Rejection::NotRegistered));
    world.give(&Command::Introduce(introduced("a", "b", true))).unwrap();
    assert_eq!(world.partner().standing, PartnerStanding::Connected);
    assert_eq!(world.partner().token, Some(TokenHash::of("b")));
    assert!(world.partner().speaks_for(PartnerRole::Provider, Party::parse("NL*TNM").unwrap()));
    // Of two who show one token at the same time the second has come too late.
    assert_eq!(world.give(&Command::Introduce(introduced("a", "c", true))), Err(Rejection::OtherToken));
    assert_eq!(
        world.give(&Command::Introduce(introduced("b", "c", true))),
        Err(Rejection::AlreadyRegistered)
    );
    world.give(&Command::Introduce(introduced("b", "c", false))).unwrap();
    let unregister = |token: &str| Command::Unregister("tnm".to_owned(), TokenHash::of(token));
    assert_eq!(world.give(&unregister("b")), Err(Rejection::OtherToken));
    world.give(&unregister("c")).unwrap();
    let partner = world.partner();
    assert_eq!((partner.token, partner.contact.is_some()), (None, false));
    assert_eq!(partner.standing, PartnerStanding::Registered);
    assert_eq!(world.give(&unregister("c")), Err(Rejection::OtherToken));
}

#[test]
fn a_token_that_is_offered_holds_beside_the_present_one_until_it_is_taken() {
    let id = || "tnm".to_owned();
    let offer = |token: &str| Command::Offer(id(), TokenHash::of(token));
    let withdraw = |token: &str| Command::Withdraw(id(), TokenHash::of(token));
    // Not taken: all is as it was, for one that is connected as for one that is not.
    for mut world in [World::new(), World::connected()] {
        let before = world.0.clone();
        world.give(&offer("c")).unwrap();
        assert_eq!(world.give(&withdraw("x")).unwrap().events, []);
        world.give(&withdraw("c")).unwrap();
        assert_eq!(world.0, before);
    }
    // Either is shown meanwhile; whichever it introduces itself by, the other is worth nothing then.
    for (shown, others) in [("b", "c"), ("c", "b")] {
        let mut world = World::connected();
        world.give(&offer("c")).unwrap();
        world.give(&Command::Introduce(introduced(shown, "d", false))).unwrap();
        for token in [shown, others] {
            let late = Command::Introduce(introduced(token, "e", false));
            assert_eq!(world.give(&late), Err(Rejection::OtherToken), "{shown} {token}");
        }
        assert_eq!((world.partner().token, world.partner().offered), (Some(TokenHash::of("d")), None));
    }
    // It is one partner's alone, and ends with a token given by hand and with the partner's leave.
    let mut world = World::connected();
    world.give(&offer("c")).unwrap();
    assert_eq!(world.give(&Command::Set(wanted("new", "c", &[]))), Err(Rejection::TokenInUse));
    world.give(&Command::Set(wanted("new", "n", &[]))).unwrap();
    assert_eq!(world.give(&offer("n")), Err(Rejection::TokenInUse));
    for end in [Command::Rotate(id(), TokenHash::of("r")), Command::Unregister(id(), TokenHash::of("c"))] {
        let mut world = World::connected();
        world.give(&offer("c")).unwrap();
        world.give(&end).unwrap();
        assert_eq!(world.partner().offered, None, "{end:?}");
    }
}

#[test]
fn whoever_is_given_another_token_registers_anew() {
    let rotate = || Command::Rotate("tnm".to_owned(), TokenHash::of("r"));
    for mut world in [World::new(), World::connected()] {
        world.give(&rotate()).unwrap();
        assert_eq!(
            (world.partner().standing, world.partner().contact.is_some()),
            (PartnerStanding::Registered, false)
        );
        let anew = |is_first| Command::Introduce(introduced("r", "s", is_first));
        assert_eq!(world.give(&anew(false)), Err(Rejection::NotRegistered));
        world.give(&anew(true)).unwrap();
        assert_eq!(world.partner().standing, PartnerStanding::Connected);
    }
    // Suspended it stays so, and registers once it is resumed.
    let mut world = World::connected();
    world.give(&Command::Suspend("tnm".to_owned())).unwrap();
    world.give(&rotate()).unwrap();
    assert_eq!(world.partner().standing, PartnerStanding::Suspended);
    world.give(&Command::Resume("tnm".to_owned())).unwrap();
    assert_eq!(world.partner().standing, PartnerStanding::Registered);
}

#[test]
fn a_partner_is_no_more_than_was_agreed() {
    let check = |agreed: &[&str], said: &[&str], expected: Result<&[&str], Rejection>| {
        let mut world = World::new();
        world.give(&Command::Set(wanted("new", "n", agreed))).unwrap();
        let before = world.0.clone();
        let introduced =
            Introduced { id: "new".to_owned(), parties: parties(said), ..introduced("n", "o", true) };
        let given = world.give(&Command::Introduce(introduced.clone()));
        assert_eq!(given.as_ref().err(), expected.as_ref().err(), "{agreed:?} {said:?}");
        match expected {
            Ok(expected) => {
                assert_eq!(world.0.by_id["new"].parties, parties(expected), "{agreed:?} {said:?}")
            }
            Err(_) => assert_eq!(world.0, before),
        }
        // What it said once is the bound of what it says later.
        let (shown, hub) = (TokenHash::of("o"), PartyRole::parse("HUB:DE*HUB").unwrap());
        let parties = BTreeSet::from([hub]);
        let anew = Command::Introduce(Introduced { shown, parties, is_first: false, ..introduced });
        if given.is_ok() && !agreed.contains(&"HUB:DE*HUB") {
            assert_eq!(world.give(&anew), Err(Rejection::NotAgreed(hub)));
        }
    };
    let beyond = |role: &str| Err(Rejection::NotAgreed(PartyRole::parse(role).unwrap()));
    check(&["CPO:NL*NEW"], &["CPO:NL*NEW"], Ok(&["CPO:NL*NEW"]));
    check(&["CPO:NL*NEW", "EMSP:NL*NEW"], &["CPO:NL*NEW"], Ok(&["CPO:NL*NEW", "EMSP:NL*NEW"]));
    check(&["HUB:DE*HUB"], &["HUB:DE*HUB"], Ok(&["HUB:DE*HUB"]));
    check(&[], &["CPO:NL*NEW", "EMSP:NL*NEW"], Ok(&["CPO:NL*NEW", "EMSP:NL*NEW"]));
    check(&["CPO:NL*NEW"], &["CPO:NL*NEW", "EMSP:NL*NEW"], beyond("EMSP:NL*NEW"));
    check(&["CPO:NL*NEW"], &["CPO:NL*OTH"], beyond("CPO:NL*OTH"));
    check(&["CPO:NL*NEW"], &["HUB:NL*NEW"], beyond("HUB:NL*NEW"));
    check(&[], &["CPO:NL*NEW", "HUB:DE*HUB"], beyond("HUB:DE*HUB"));
    check(&[], &["CPO:SE*EXA"], beyond("CPO:SE*EXA"));
    check(&[], &["CPO:NL*TNM"], Err(Rejection::PartyInUse));
    check(&[], &["EMSP:SE*EXA"], Err(Rejection::PartyInUse));
}

#[test]
fn what_can_be_asked_for_is_done_and_all_else_refused() {
    let many: Vec<String> = (0..=MOST_PARTIES).map(|number| format!("CPO:NL*{number:03}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let new = WantedPartner { token: None, ..wanted("new", "n", &[]) };
    let cases = [
        (Command::Get("none".to_owned()), Some(Rejection::UnknownPartner)),
        (Command::Rotate("none".to_owned(), TokenHash::of("n")), Some(Rejection::UnknownPartner)),
        (Command::Set(new), Some(Rejection::NoToken)),
        (Command::Set(wanted("new", "b", &[])), Some(Rejection::TokenInUse)),
        (Command::Set(wanted("new", "n", &many)), Some(Rejection::TooManyParties)),
        (Command::Set(wanted("new", "n", &["CPO:NL*TNM"])), Some(Rejection::PartyInUse)),
        (Command::Set(wanted("new", "n", &["EMSP:SE*EXA"])), Some(Rejection::PartyInUse)),
        (Command::Set(wanted("new", "n", &["CPO:SE*EXA"])), None),
        (Command::Rotate("new".to_owned(), TokenHash::of("b")), Some(Rejection::TokenInUse)),
        (Command::Rotate("new".to_owned(), TokenHash::of("o")), None),
        (
            Command::SetOwn(OwnProfile { parties: parties(&["CPO:NL*TNM"]), ..OwnProfile::default() }),
            Some(Rejection::PartyInUse),
        ),
        (Command::Suspend("new".to_owned()), None),
        (Command::Resume("new".to_owned()), None),
        (Command::Delete("new".to_owned()), None),
        (Command::Delete("new".to_owned()), Some(Rejection::UnknownPartner)),
    ];
    let mut world = World::connected();
    for (command, expected) in cases {
        assert_eq!(world.give(&command).err(), expected, "{command:?}");
    }
}

#[test]
fn a_suspended_partner_is_what_it_was_when_it_is_resumed() {
    let mut world = World::connected();
    world.give(&Command::Suspend("tnm".to_owned())).unwrap();
    assert_eq!(world.partner().standing, PartnerStanding::Suspended);
    let limit = RequestLimit { per_second: 1, at_once: 2 };
    let changed =
        WantedPartner { limit: Some(limit), parties: None, account: None, ..wanted("tnm", "x", &[]) };
    world.give(&Command::Set(changed)).unwrap();
    assert_eq!((world.partner().standing, world.partner().limit), (PartnerStanding::Suspended, limit));
    assert_eq!(world.partner().token, Some(TokenHash::of("b")), "a token is changed by rotation alone");
    world.give(&Command::Resume("tnm".to_owned())).unwrap();
    assert_eq!(world.partner().standing, PartnerStanding::Connected);
    // What changes nothing is no event.
    assert!(world.give(&Command::Resume("tnm".to_owned())).unwrap().events.is_empty());
}

#[test]
fn nothing_ends_a_suspension_but_being_resumed() {
    let id = || "tnm".to_owned();
    let unregister = || Command::Unregister(id(), TokenHash::of("b"));
    let by_hand = || Command::Set(WantedPartner { contact: Some(contact()), ..wanted("tnm", "x", &[]) });
    let cases = [
        (Command::Introduce(introduced("b", "c", false)), Some(Rejection::Suspended)),
        (Command::Introduce(introduced("b", "c", true)), Some(Rejection::Suspended)),
        (Command::Introduce(introduced("x", "c", false)), Some(Rejection::OtherToken)),
        (Command::Offer(id(), TokenHash::of("c")), Some(Rejection::Suspended)),
        (Command::Withdraw(id(), TokenHash::of("c")), None),
        (Command::Rotate(id(), TokenHash::of("c")), None),
        (by_hand(), None),
        (Command::Fetched { id: id(), module: RoamingModule::Cdrs, until: at(1) }, None),
        (unregister(), None),
    ];
    for (command, expected) in cases {
        let mut world = World::connected();
        world.give(&Command::Suspend(id())).unwrap();
        assert_eq!(world.give(&command).err(), expected, "{command:?}");
        assert_eq!(world.partner().standing, PartnerStanding::Suspended, "{command:?}");
        world.give(&Command::Resume(id())).unwrap();
        let is_connected = world.partner().standing == PartnerStanding::Connected;
        assert_eq!(is_connected, world.partner().contact.is_some(), "{command:?}");
    }
    // A token that was offered before is not taken meanwhile either.
    let mut world = World::connected();
    world.give(&Command::Offer(id(), TokenHash::of("o"))).unwrap();
    world.give(&Command::Suspend(id())).unwrap();
    let taken = Command::Introduce(introduced("o", "c", false));
    assert_eq!(world.give(&taken).err(), Some(Rejection::Suspended));
    world.give(&Command::Resume(id())).unwrap();
    world.give(&taken).unwrap();
}

#[test]
fn a_cursor_never_goes_back() {
    let mut world = World::connected();
    for (second, expected) in [(10, 10), (5, 10), (20, 20)] {
        let (id, module, until) = ("tnm".to_owned(), RoamingModule::Cdrs, at(second));
        world.give(&Command::Fetched { id, module, until }).unwrap();
        assert_eq!(world.partner().cursors[&RoamingModule::Cdrs], at(expected));
    }
}

#[test]
fn a_hub_speaks_for_all_and_others_for_themselves() {
    let partner = |roles: &[&str]| Partner { parties: parties(roles), ..World::new().partner().clone() };
    let tnm = Party::parse("NL*TNM").unwrap();
    for (roles, as_operator, as_provider) in [
        (vec!["CPO:NL*TNM"], true, false),
        (vec!["EMSP:NL*TNM"], false, true),
        (vec!["CPO:NL*ABC"], false, false),
        (vec!["HUB:DE*HUB"], true, true),
        (vec![], false, false),
    ] {
        let partner = partner(&roles);
        assert_eq!(partner.speaks_for(PartnerRole::Operator, tnm), as_operator, "{roles:?}");
        assert_eq!(partner.speaks_for(PartnerRole::Provider, tnm), as_provider, "{roles:?}");
    }
}

#[test]
fn a_hub_pays_only_for_providers_that_are_no_partner() {
    let check = |own: &str, partners: &[(&str, &str, Option<&str>)], expected: Option<&str>| {
        let own = OwnProfile { parties: parties(&[own]), ..OwnProfile::default() };
        let partner = |(id, role, account): &(&str, &str, Option<&str>)| {
            let account = account.map(str::to_owned);
            let partner = Partner { parties: parties(&[*role]), account, ..World::new().partner().clone() };
            ((*id).to_owned(), partner)
        };
        let state = State { own, by_id: partners.iter().map(partner).collect() };
        let party = Party::parse("NL*TNM").unwrap();
        assert_eq!(state.provider_account(party), expected, "{partners:?}");
    };
    let (hub, poor_hub) = (("a-hub", "HUB:DE*HUB", Some("hub")), ("a", "HUB:DE*HUC", None));
    let tnm = ("tnm", "EMSP:NL*TNM", Some("tnm"));
    let own = "EMSP:SE*EXA";
    check(own, &[hub, tnm], Some("tnm"));
    check(own, &[hub, ("tnm", "EMSP:NL*TNM", None)], None);
    check(own, &[hub, ("tnm", "CPO:NL*TNM", Some("tnm"))], Some("hub"));
    check(own, &[poor_hub, hub], Some("hub"));
    check(own, &[poor_hub], None);
    check(own, &[("abc", "EMSP:NL*ABC", Some("abc"))], None);
    check("EMSP:NL*TNM", &[hub, tnm], None);
    check("CPO:NL*TNM", &[hub], None);
}

#[test]
fn tokens_are_compared_by_digest_and_never_shown() {
    let token = PartnerToken::new("secret").unwrap();
    assert!(TokenHash::of(token.text()).is(&TokenHash::of("secret")));
    assert!(!TokenHash::of("secret").is(&TokenHash::of("Secret")));
    assert!(!format!("{:?}", contact()).contains("theirs"));
    for text in ["", "a b", "é", &"x".repeat(65)] {
        assert!(PartnerToken::new(text).is_none(), "{text}");
    }
}

#[test]
fn what_is_older_than_what_is_held_has_no_effect() {
    use roaming_object::{Command as Ask, Rejection as Refused, Reply as Told};
    let key = ObjectKey::new(RoamingModule::Locations, Party::parse("NL*TNM").unwrap(), "LOC1").unwrap();
    assert_eq!(ObjectKey::parse(&key.text()).unwrap(), key);
    let put = |second, text: &str, on_version| Ask::Put {
        key: key.clone(),
        last_updated: at(second),
        audience: None,
        text: text.to_owned(),
        on_version,
    };
    let cases = [
        (Ask::Get, Err(Refused::UnknownObject)),
        (put(10, "{}", Some(1)), Err(Refused::ChangedMeanwhile)),
        (put(10, "{}", None), Ok(PutOutcome::Created)),
        (put(10, "{}", None), Ok(PutOutcome::Unchanged)),
        (put(5, "{\"a\":1}", None), Ok(PutOutcome::Older)),
        (put(20, "{\"a\":1}", Some(1)), Ok(PutOutcome::Changed)),
        (put(30, "{\"a\":2}", Some(1)), Err(Refused::ChangedMeanwhile)),
        (put(30, &"x".repeat(roaming_object::MOST_OBJECT_BYTES + 1), None), Err(Refused::TooLarge)),
    ];
    let mut state = roaming_object::State::default();
    for (command, expected) in cases {
        let decided = RoamingObjects::decide(&state, &command, &Facts::default(), &moment());
        let told = decided.map(|decided| {
            decided.events.iter().for_each(|event| RoamingObjects::apply(&mut state, event));
            match decided.reply {
                Told::Put(outcome) => outcome,
                other => panic!("{other:?}"),
            }
        });
        assert_eq!(told, expected);
    }
    assert_eq!(state.object.as_ref().unwrap().text, "{\"a\":1}");
    // Once it is gone, its versions go on: a change on one before has no effect.
    let decided = RoamingObjects::decide(&state, &Ask::Delete, &Facts::default(), &moment()).unwrap();
    decided.events.iter().for_each(|event| RoamingObjects::apply(&mut state, event));
    assert_eq!((state.object.is_none(), state.versions), (true, 3));
}
