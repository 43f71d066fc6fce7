//! The webhooks of a tenant.

use domain::account_event::AccountEventKind;
use domain::entity::event_log::{Cursor, Partition};
use domain::entity::webhooks::{
    AttemptFailure, Command, Failing, Held, PauseReason, Place, Reply, Standing, State, Wanted, Webhook,
};
use domain::webhook::{EventChoice, WebhookSecret, WebhookUrl};
use proptest::collection::{btree_set, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::values::*;

fn url() -> impl Strategy<Value = WebhookUrl> {
    "http://[a-z]{1,9}(:[1-9][0-9]{0,3})?(/[!$-~]{0,9})?".prop_map(|text| WebhookUrl::parse(&text).unwrap())
}

fn secret() -> impl Strategy<Value = WebhookSecret> {
    vec(any::<u8>(), 24..=64).prop_map(|key| WebhookSecret::new(key).unwrap())
}

fn cursor() -> impl Strategy<Value = Cursor> {
    vec(any::<u64>(), 16).prop_map(|places| {
        let mut cursor = Cursor::default();
        Partition::all().zip(places).for_each(|(partition, place)| cursor.set(partition, place));
        cursor
    })
}

fn choice() -> impl Strategy<Value = EventChoice> {
    let kinds = vec![AccountEventKind::ToppedUp, AccountEventKind::Blocked, AccountEventKind::SupplyOff];
    (option::of("[a-z]{1,5}"), btree_set(select(kinds), 0..3))
        .prop_map(|(account, kinds)| EventChoice { account, kinds })
}

fn failure() -> impl Strategy<Value = AttemptFailure> {
    prop_oneof![
        Just(AttemptFailure::Unreachable),
        Just(AttemptFailure::TimedOut),
        any::<u16>().prop_map(AttemptFailure::Answered),
    ]
}

fn failing() -> impl Strategy<Value = Failing> {
    (any::<u32>(), instant(), failure(), instant())
        .prop_map(|(attempts, since, last, next_attempt)| Failing { attempts, since, last, next_attempt })
}

fn standing() -> impl Strategy<Value = Standing> {
    let reasons = select(vec![PauseReason::ByPerson, PauseReason::Failing, PauseReason::Gone]);
    prop_oneof![
        Just(Standing::Active),
        (reasons, instant()).prop_map(|(reason, since)| Standing::Paused { reason, since }),
    ]
}

fn held() -> impl Strategy<Value = Held> {
    let place = (cursor(), standing(), option::of(failing()), instant());
    (word(), any::<u64>(), url(), choice(), secret(), option::of(secret()), place).prop_map(
        |(id, number, url, choice, secret, former, (cursor, standing, failing, made_at))| {
            let secrets = [Some(&secret), former.as_ref()].into_iter().flatten();
            let fingerprints = secrets.map(WebhookSecret::fingerprint).collect();
            let webhook =
                Webhook { id, number, url, choice, fingerprints, standing, cursor, failing, made_at };
            Held { webhook, secret, former }
        },
    )
}

fn place() -> impl Strategy<Value = Place> {
    (word(), any::<u64>(), cursor()).prop_map(|(id, number, cursor)| Place { id, number, cursor })
}

pub(crate) fn command() -> impl Strategy<Value = Command> {
    let wanted = (word(), url(), choice(), option::of(secret()), cursor())
        .prop_map(|(id, url, choice, secret, start)| Wanted { id, url, choice, secret, start });
    prop_oneof![
        Just(Command::List),
        word().prop_map(Command::Get),
        wanted.prop_map(Command::Set),
        word().prop_map(Command::Pause),
        word().prop_map(Command::Resume),
        (word(), secret()).prop_map(|(id, secret)| Command::Rotate(id, secret)),
        word().prop_map(Command::DropFormerSecret),
        word().prop_map(Command::Delete),
        word().prop_map(Command::Work),
        (place(), cursor(), flag()).prop_map(|(from, to, is_acknowledged)| Command::Advance {
            from,
            to,
            is_acknowledged
        }),
        (place(), failure(), any::<u64>()).prop_map(|(from, failure, pause_ms)| Command::Fail {
            from,
            failure,
            pause_ms
        }),
    ]
}

pub(crate) fn reply() -> impl Strategy<Value = Reply> {
    prop_oneof![
        vec(held().prop_map(|held| held.webhook), 0..3).prop_map(Reply::List),
        held().prop_map(|held| Reply::Webhook(held.webhook)),
        Just(Reply::Deleted),
        (held(), any::<u64>()).prop_map(|(held, wait_ms)| Reply::Work { held, wait_ms }),
    ]
}

pub(crate) fn state() -> impl Strategy<Value = State> {
    (any::<u64>(), vec(held(), 0..3)).prop_map(|(made, held)| {
        let by_id = held.into_iter().map(|held| (held.webhook.id.clone(), held)).collect();
        State { made, by_id }
    })
}
