//! Webhooks of a tenant: what each command does, and that every place is acknowledged once and in order whoever sends.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops at the first surprise")]

mod senders;

use domain::account_event::AccountEventKind;
use domain::entity::event_log::{Cursor, Partition};
use domain::entity::webhooks::{
    AttemptFailure, Command, Event, Failing, Held, MOST_FAILING_MS, MOST_WEBHOOKS, PauseReason, Place,
    Rejection, Reply, Standing, State, Wanted, Webhooks,
};
use domain::entity::{Decided, Entity, Facts, Moment};
use domain::instant::Instant;
use domain::webhook::{EventChoice, UrlFault, WebhookSecret, WebhookUrl};

/// The webhooks of a tenant, and the time.
struct World {
    state: State,
    now: Instant,
}

impl World {
    fn new() -> Self {
        Self { state: State::default(), now: Instant::parse("2026-11-22T10:00Z").unwrap() }
    }

    /// One webhook, `w`, at the beginning of the log.
    fn with_one() -> Self {
        let mut world = Self::new();
        world.give(&Command::Set(wanted("w"))).unwrap();
        world
    }

    fn give(&mut self, command: &Command) -> Result<Decided<Event, Reply>, Rejection> {
        let moment = Moment { now: self.now, shard: 0, subject: "test".to_owned() };
        let decided = Webhooks::decide(&self.state, command, &Facts::default(), &moment)?;
        decided.events.iter().for_each(|event| Webhooks::apply(&mut self.state, event));
        Ok(decided)
    }

    fn held(&self) -> &Held {
        &self.state.by_id["w"]
    }

    fn place(&self) -> Place {
        let webhook = &self.held().webhook;
        Place { id: webhook.id.clone(), number: webhook.number, cursor: webhook.cursor.clone() }
    }

    fn advance(&mut self, from: Place, to: u64) -> Result<Decided<Event, Reply>, Rejection> {
        self.give(&Command::Advance { from, to: at(to), is_acknowledged: true })
    }

    fn fail(&mut self, failure: AttemptFailure) -> Result<Decided<Event, Reply>, Rejection> {
        let from = self.place();
        self.give(&Command::Fail { from, failure, pause_ms: 5_000 })
    }

    fn pass(&mut self, elapsed_ms: i64) {
        self.now = self.now.plus_millis(elapsed_ms).unwrap();
    }
}

/// A cursor in the first partition alone.
fn at(place: u64) -> Cursor {
    let mut cursor = Cursor::default();
    cursor.set(Partition::new(0).unwrap(), place);
    cursor
}

fn secret(byte: u8) -> WebhookSecret {
    WebhookSecret::new(vec![byte; 24]).unwrap()
}

fn wanted(id: &str) -> Wanted {
    Wanted {
        id: id.to_owned(),
        url: WebhookUrl::parse("http://billing.example/hook").unwrap(),
        choice: EventChoice::default(),
        secret: Some(secret(1)),
        start: Cursor::default(),
    }
}

fn paused(world: &World) -> Option<PauseReason> {
    match world.held().webhook.standing {
        Standing::Active => None,
        Standing::Paused { reason, .. } => Some(reason),
    }
}

#[test]
fn setting_one_twice_is_setting_it_once() {
    let mut world = World::with_one();
    let before = world.state.clone();
    let again = world.give(&Command::Set(wanted("w"))).unwrap();
    assert_eq!((again.events, &world.state), (Vec::new(), &before));
    let without_secret = Wanted { secret: None, start: at(9), ..wanted("w") };
    assert_eq!(world.give(&Command::Set(without_secret)).unwrap().events, [], "it stays where it stands");
    world.fail(AttemptFailure::TimedOut).unwrap();
    let choice = EventChoice { account: Some("K-1".to_owned()), kinds: [AccountEventKind::Blocked].into() };
    world.give(&Command::Set(Wanted { choice: choice.clone(), ..wanted("w") })).unwrap();
    assert_eq!(world.held().webhook.choice, choice);
    assert!(world.held().webhook.failing.is_some(), "another choice mends nothing");
    let url = WebhookUrl::parse("http://other.example/").unwrap();
    world.give(&Command::Set(Wanted { url, ..wanted("w") })).unwrap();
    assert_eq!(world.held().webhook.failing, None, "another address is tried at once");
}

#[test]
fn what_can_not_be_done_is_refused_with_its_reason() {
    let mut world = World::with_one();
    let elsewhere = |cursor| Place { cursor, ..World::with_one().place() };
    let stranger = Place { number: 2, ..World::with_one().place() };
    let advance = |from, to| Command::Advance { from, to: at(to), is_acknowledged: true };
    let fail = |from| Command::Fail { from, failure: AttemptFailure::TimedOut, pause_ms: 1 };
    let unknown = || "x".to_owned();
    for (command, expected) in [
        (Command::Get(unknown()), Rejection::UnknownWebhook),
        (Command::Work(unknown()), Rejection::UnknownWebhook),
        (Command::Pause(unknown()), Rejection::UnknownWebhook),
        (Command::Resume(unknown()), Rejection::UnknownWebhook),
        (Command::Delete(unknown()), Rejection::UnknownWebhook),
        (Command::DropFormerSecret(unknown()), Rejection::UnknownWebhook),
        (Command::Rotate(unknown(), secret(2)), Rejection::UnknownWebhook),
        (advance(stranger.clone(), 1), Rejection::UnknownWebhook),
        (fail(stranger), Rejection::UnknownWebhook),
        (Command::Set(Wanted { secret: None, ..wanted("new") }), Rejection::NoSecret),
        (Command::Set(Wanted { secret: Some(secret(2)), ..wanted("w") }), Rejection::OtherSecret),
        (advance(elsewhere(at(3)), 4), Rejection::MovedOn),
        (fail(elsewhere(at(3))), Rejection::MovedOn),
        (advance(elsewhere(at(0)), 0), Rejection::MovedOn),
    ] {
        let before = world.state.clone();
        assert_eq!(world.give(&command).unwrap_err(), expected, "{command:?}");
        assert_eq!(world.state, before);
    }
    world.give(&Command::Rotate("w".to_owned(), secret(2))).unwrap();
    let third = Command::Rotate("w".to_owned(), secret(3));
    assert_eq!(world.give(&third).unwrap_err(), Rejection::RotationUnderWay);
    world.advance(world.place(), 5).unwrap();
    let back = Command::Advance { from: world.place(), to: at(4), is_acknowledged: true };
    assert_eq!(world.give(&back).unwrap_err(), Rejection::MovedOn);
    for number in 1..MOST_WEBHOOKS {
        world.give(&Command::Set(wanted(&format!("w{number}")))).unwrap();
    }
    assert_eq!(world.give(&Command::Set(wanted("one more"))).unwrap_err(), Rejection::TooMany);
    world.give(&Command::Set(wanted("w3"))).unwrap();
}

#[test]
fn a_secret_is_rotated_in_two_steps() {
    let mut world = World::with_one();
    let prints = |of: &[u8]| of.iter().map(|byte| secret(*byte).fingerprint()).collect::<Vec<_>>();
    let rotate = Command::Rotate("w".to_owned(), secret(2));
    for _ in 0..2 {
        world.give(&rotate).unwrap();
        assert_eq!((&world.held().secret, &world.held().former), (&secret(2), &Some(secret(1))));
        assert_eq!(world.held().webhook.fingerprints, prints(&[2, 1]));
    }
    for _ in 0..2 {
        world.give(&Command::DropFormerSecret("w".to_owned())).unwrap();
        assert_eq!((&world.held().secret, &world.held().former), (&secret(2), &None));
        assert_eq!(world.held().webhook.fingerprints, prints(&[2]));
    }
}

#[test]
fn failures_are_counted_until_a_success_and_pause_after_three_days() {
    let mut world = World::with_one();
    let begun = world.now;
    world.fail(AttemptFailure::Answered(500)).unwrap();
    world.pass(60_000);
    let reply = world.fail(AttemptFailure::Unreachable).unwrap().reply;
    let next_attempt = world.now.plus_millis(5_000).unwrap();
    let expected = Failing { attempts: 2, since: begun, last: AttemptFailure::Unreachable, next_attempt };
    assert_eq!(world.held().webhook.failing, Some(expected));
    assert_eq!(reply, Reply::Work { held: world.held().clone(), wait_ms: 5_000 });
    world.pass(4_000);
    let work = world.give(&Command::Work("w".to_owned())).unwrap().reply;
    assert_eq!(work, Reply::Work { held: world.held().clone(), wait_ms: 1_000 });
    // What is passed over because it is not wanted is no success.
    let from = world.place();
    world.give(&Command::Advance { from, to: at(1), is_acknowledged: false }).unwrap();
    assert!(world.held().webhook.failing.is_some());
    world.advance(world.place(), 2).unwrap();
    assert_eq!(world.held().webhook.failing, None);

    world.fail(AttemptFailure::TimedOut).unwrap();
    world.pass(MOST_FAILING_MS - 1);
    world.fail(AttemptFailure::TimedOut).unwrap();
    assert_eq!(paused(&world), None);
    world.pass(1);
    world.fail(AttemptFailure::TimedOut).unwrap();
    assert_eq!(paused(&world), Some(PauseReason::Failing));
    let stood = world.place();
    world.give(&Command::Resume("w".to_owned())).unwrap();
    assert_eq!((paused(&world), world.held().webhook.failing, world.place()), (None, None, stood));
}

#[test]
fn one_that_is_paused_keeps_its_place_and_its_reason() {
    let mut world = World::with_one();
    world.fail(AttemptFailure::Answered(410)).unwrap();
    assert_eq!(paused(&world), Some(PauseReason::Gone));
    world.give(&Command::Pause("w".to_owned())).unwrap();
    assert_eq!(paused(&world), Some(PauseReason::Gone));
    world.give(&Command::Resume("w".to_owned())).unwrap();
    world.give(&Command::Pause("w".to_owned())).unwrap();
    assert_eq!(paused(&world), Some(PauseReason::ByPerson));
    // An attempt that was under way counts: what was acknowledged is not sent again. One that failed changes nothing.
    assert_eq!(world.fail(AttemptFailure::Answered(410)).unwrap().events, []);
    world.advance(world.place(), 1).unwrap();
    assert_eq!((paused(&world), &world.held().webhook.cursor), (Some(PauseReason::ByPerson), &at(1)));
}

#[test]
fn one_that_is_made_anew_is_another() {
    let mut world = World::with_one();
    let former = world.place();
    world.give(&Command::Delete("w".to_owned())).unwrap();
    assert!(world.state.by_id.is_empty());
    world.give(&Command::Set(wanted("w"))).unwrap();
    assert_eq!(world.advance(former, 1).unwrap_err(), Rejection::UnknownWebhook);
    assert_eq!(world.held().webhook.number, 2);
}

#[test]
fn addresses_are_read_whole_or_not_at_all() {
    let long = format!("http://example.org/{}", "x".repeat(WebhookUrl::MOST_BYTES));
    for (text, fault) in [
        ("", UrlFault::Malformed),
        ("example.org", UrlFault::Malformed),
        ("ftp://example.org/", UrlFault::Malformed),
        ("https://example.org/", UrlFault::Encrypted),
        ("http://", UrlFault::Malformed),
        ("http:///path", UrlFault::Malformed),
        ("http://user@example.org/", UrlFault::Malformed),
        ("http://example.org/#part", UrlFault::Malformed),
        ("http://example.org/a b", UrlFault::Malformed),
        ("http://example.org/\u{e9}", UrlFault::Malformed),
        ("http://example.org:0/", UrlFault::Malformed),
        ("http://example.org:65536/", UrlFault::Malformed),
        ("http://example.org:+80/", UrlFault::Malformed),
        ("http://example.org:/", UrlFault::Malformed),
        ("http://[::1/", UrlFault::Malformed),
        (&long, UrlFault::TooLong),
    ] {
        assert_eq!(WebhookUrl::parse(text).unwrap_err(), fault, "{text}");
    }
    for (text, host, port, target) in [
        ("http://example.org", "example.org", 80, "/"),
        ("http://example.org?a=b", "example.org", 80, "/?a=b"),
        ("http://localhost:8080/hook/1?a=/b", "localhost", 8080, "/hook/1?a=/b"),
        ("http://127.0.0.1:9000/", "127.0.0.1", 9000, "/"),
        ("http://[::1]:9000/x", "::1", 9000, "/x"),
        ("http://[::1]", "::1", 80, "/"),
    ] {
        let url = WebhookUrl::parse(text).unwrap();
        assert_eq!((url.host(), url.port(), url.target().as_str()), (host, port, target), "{text}");
    }
}
