//! Invoice runs, their parts and number series: what is asked of them and what they answer.

use domain::entity::invoice_run;
use domain::entity::{number_series, run_part};
use proptest::collection::{btree_map, btree_set};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::super::values::*;
use super::{account_outcome, closing, message, summary};

pub(crate) fn run_command() -> impl Strategy<Value = invoice_run::Command> {
    use invoice_run::Command;
    prop_oneof![
        (word(), month(), option::of(instant()), day(), any::<u32>()).prop_map(
            |(run, month, known_at, issue_date, shard_count)| Command::Create {
                run,
                month,
                known_at,
                issue_date,
                shard_count
            }
        ),
        digest().prop_map(|hash| Command::Approve { hash }),
        Just(Command::Cancel),
        Just(Command::Get),
        message().prop_map(Command::Message),
        Just(Command::Continue),
    ]
}

pub(crate) fn run_reply() -> impl Strategy<Value = invoice_run::Reply> {
    use invoice_run::{Reply, Stage, State};
    let stage = select(vec![Stage::Unknown, Stage::Closing, Stage::Previewed, Stage::Issued]);
    let parts = btree_map(any::<u32>(), summary(), 0..3);
    let numbers = (any::<u32>(), any::<u32>(), any::<u64>());
    let issued = btree_set(any::<u32>(), 0..3);
    let state = (option::of(closing()), numbers, word(), stage, parts, issued).prop_map(
        |(closing, (shard_count, next_part, first_number), number_series, stage, parts, issued_parts)| {
            State { closing, shard_count, number_series, stage, next_part, parts, first_number, issued_parts }
        },
    );
    let whole = |state: State| Some(Reply::Run(Box::new(state.overview()?)));
    let reply = (state, flag()).prop_map(move |(state, is_whole)| {
        let run = if is_whole { whole(state.clone()) } else { None };
        run.unwrap_or_else(|| Reply::State(Box::new(state)))
    });
    prop_oneof![1 => Just(Reply::Done), 3 => reply]
}

pub(crate) fn part_command() -> impl Strategy<Value = run_part::Command> {
    use run_part::Command;
    prop_oneof![Just(Command::Get), message().prop_map(Command::Message), Just(Command::Continue)]
}

pub(crate) fn numbers_command() -> impl Strategy<Value = number_series::Command> {
    use number_series::Command;
    prop_oneof![Just(Command::Get), message().prop_map(Command::Message)]
}

pub(crate) fn numbers_reply() -> impl Strategy<Value = number_series::Reply> {
    use number_series::Reply;
    prop_oneof![Just(Reply::Done), any::<u64>().prop_map(Reply::Given)]
}

pub(crate) fn part_reply() -> impl Strategy<Value = run_part::Reply> {
    use run_part::{Reply, Stage, State};
    let stage = select(vec![Stage::Walking, Stage::Closed, Stage::Issuing, Stage::Releasing, Stage::Done]);
    let accounts = || btree_set(word(), 0..3);
    let outcomes = btree_map(word(), account_outcome(), 0..2);
    let started = option::of((closing(), any::<u32>()));
    let texts = (word(), word());
    let rest = (any::<u64>(), btree_map(word(), any::<u64>(), 0..3), accounts());
    let state = (started, texts, stage, flag(), accounts(), outcomes, rest).prop_map(
        |(started, (cursor, number_prefix), stage, is_walked, waiting, outcomes, rest)| {
            let (closed, to_issue, to_release) = rest;
            State {
                started,
                cursor,
                stage,
                is_walked,
                waiting,
                outcomes,
                closed,
                to_issue,
                to_release,
                number_prefix,
            }
        },
    );
    prop_oneof![Just(Reply::Done), state.prop_map(|state| Reply::State(Box::new(state)))]
}
