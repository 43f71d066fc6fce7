//! Owners that want one token, in every order in which commands can be given and messages arrive.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use domain::entity::directory::{self, Directory, Owner};
use domain::entity::tokens::{TokenCommand, TokenReply, TokenStage, Tokens};
use domain::entity::{Entity, Facts, Message, Moment, Recipient};
use domain::identity::MeteringPointId;
use domain::instant::Instant;
use domain::token::Token;

/// What an owner is told to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Told {
    Claim,
    Release,
}
use Told::{Claim, Release};

/// Everything there is: the owners, the directory, the commands not yet given, the messages not yet delivered, in order
/// per sender and receiver.
#[derive(Clone, Debug)]
struct World {
    owners: BTreeMap<Owner, Tokens>,
    directory: directory::State,
    to_tell: BTreeMap<Owner, VecDeque<Told>>,
    to_directory: BTreeMap<Owner, VecDeque<Message>>,
    to_owner: BTreeMap<Owner, VecDeque<Message>>,
}

#[derive(Clone, Debug)]
enum Step {
    Tell(Owner),
    Ask(Owner),
    Answer(Owner),
}

fn token() -> Token {
    Token::new("rfid", "04A22B3C").unwrap()
}

fn moment() -> Moment {
    Moment { now: Instant::from_millis(1).unwrap(), shard: 0, subject: "test".to_owned() }
}

impl World {
    fn new(scripts: &[(Owner, &[Told])]) -> World {
        let owners = || scripts.iter().map(|(owner, _)| owner.clone());
        World {
            owners: owners().map(|owner| (owner, Tokens::default())).collect(),
            directory: directory::State::default(),
            to_tell: scripts
                .iter()
                .map(|(owner, told)| (owner.clone(), told.iter().copied().collect()))
                .collect(),
            to_directory: owners().map(|owner| (owner, VecDeque::new())).collect(),
            to_owner: owners().map(|owner| (owner, VecDeque::new())).collect(),
        }
    }

    fn steps(&self) -> Vec<Step> {
        let mut steps = Vec::new();
        let with = |queue: &BTreeMap<Owner, VecDeque<Message>>| -> Vec<Owner> {
            queue.iter().filter(|(_, waiting)| !waiting.is_empty()).map(|(owner, _)| owner.clone()).collect()
        };
        let told = self.to_tell.iter().filter(|(_, waiting)| !waiting.is_empty());
        steps.extend(told.map(|(owner, _)| Step::Tell(owner.clone())));
        steps.extend(with(&self.to_directory).into_iter().map(Step::Ask));
        steps.extend(with(&self.to_owner).into_iter().map(Step::Answer));
        steps
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Tell(owner) => {
                let command = match self.to_tell.get_mut(&owner).unwrap().pop_front().unwrap() {
                    Claim => TokenCommand::Claim(token()),
                    Release => TokenCommand::Release(token()),
                };
                let tokens = self.owners.get_mut(&owner).unwrap();
                // Giving back what one has nothing to do with is refused, without effect.
                let Ok(decided) = tokens.decide(&owner, &command, 1, &moment()) else { return };
                decided.events.iter().for_each(|event| tokens.apply(event));
                let sent = decided.messages.into_iter().map(|(to, message)| {
                    assert_eq!(to, Recipient::Directory(token()));
                    message
                });
                self.to_directory.get_mut(&owner).unwrap().extend(sent);
            }
            Step::Ask(owner) => {
                let message = self.to_directory.get_mut(&owner).unwrap().pop_front().unwrap();
                let rank = message.rank();
                let command = directory::Command::Message(message);
                let decided =
                    Directory::decide(&self.directory, &command, &Facts::default(), &moment()).unwrap();
                decided.events.iter().for_each(|event| Directory::apply(&mut self.directory, event));
                for (to, message) in decided.messages {
                    assert_eq!(to, owner.recipient());
                    assert!(message.rank() > rank);
                    self.to_owner.get_mut(&owner).unwrap().push_back(message);
                }
            }
            Step::Answer(owner) => {
                let message = self.to_owner.get_mut(&owner).unwrap().pop_front().unwrap();
                let tokens = self.owners.get_mut(&owner).unwrap();
                let event = tokens.receive(&message, &moment());
                event.iter().for_each(|event| tokens.apply(event));
            }
        }
    }

    fn stage(&self, owner: &Owner) -> Option<&TokenStage> {
        self.owners[owner].by_token.get(&token()).map(|claim| &claim.stage)
    }

    /// Whoever takes the token for its own has it in the directory, at every moment.
    fn check(&self) {
        for (owner, tokens) in &self.owners {
            let claim = tokens.by_token.get(&token()).filter(|claim| claim.stage == TokenStage::Held);
            if let Some(claim) = claim {
                let held = self.directory.held.as_ref().unwrap_or_else(|| panic!("{owner:?} holds nothing"));
                assert_eq!((&held.claim.owner, held.claim.number), (owner, claim.number));
            }
        }
    }

    /// In the end nobody waits, and the directory and the owners agree.
    fn check_end(&self) {
        let holder = self.directory.held.as_ref().map(|held| held.claim.owner.clone());
        for owner in self.owners.keys() {
            let is_held = match self.stage(owner) {
                Some(TokenStage::Held) => true,
                None | Some(TokenStage::Refused(_)) => false,
                Some(waiting) => panic!("{owner:?} waits: {waiting:?}"),
            };
            assert_eq!(is_held, holder.as_ref() == Some(owner), "{owner:?} of {holder:?}");
        }
    }
}

fn anna() -> Owner {
    Owner::Account("anna".to_owned())
}

fn point() -> Owner {
    Owner::MeteringPoint(MeteringPointId::new(7).unwrap())
}

/// Goes every way, and gives who may hold the token in the end.
fn explore(scripts: &[(Owner, &[Told])]) -> (usize, BTreeSet<Option<Owner>>) {
    let mut seen = BTreeSet::new();
    let mut open = vec![World::new(scripts)];
    let mut ends = BTreeSet::new();
    while let Some(world) = open.pop() {
        world.check();
        if !seen.insert(format!("{world:?}")) {
            continue;
        }
        let steps = world.steps();
        if steps.is_empty() {
            world.check_end();
            ends.insert(world.directory.held.as_ref().map(|held| held.claim.owner.clone()));
        }
        for step in steps {
            let mut next = world.clone();
            next.take(step);
            open.push(next);
        }
    }
    (seen.len(), ends)
}

/// What one owner is told, what the other is told, and who may hold the token in the end.
type Case<'a> = (&'a [Told], &'a [Told], &'a [Option<Owner>]);

#[test]
fn one_owner_holds_a_token_in_every_order() {
    let (anna, point) = (anna, point);
    let cases: [Case; 6] = [
        (&[Claim], &[Claim], &[Some(anna()), Some(point())]),
        (&[Claim, Release], &[Claim], &[None, Some(point())]),
        (&[Claim, Release], &[Claim, Release], &[None]),
        (&[Claim, Claim], &[Release, Claim], &[Some(anna()), Some(point())]),
        (&[Claim, Release, Claim], &[Claim, Release], &[None, Some(anna())]),
        (&[Claim, Release, Claim, Release], &[Claim, Release, Claim], &[None, Some(point())]),
    ];
    for (one, other, expected) in cases {
        let (states, ends) = explore(&[(anna(), one), (point(), other)]);
        assert_eq!(ends, expected.iter().cloned().collect(), "{one:?} against {other:?}, {states} states");
    }
}

#[test]
fn three_owners_get_in_nobodys_way() {
    let bert = Owner::Account("bert".to_owned());
    let (states, ends) =
        explore(&[(anna(), &[Claim, Release]), (bert.clone(), &[Claim]), (point(), &[Claim, Release])]);
    assert_eq!(ends, [None, Some(bert)].into(), "{states} states");
}

#[test]
fn an_owner_has_no_more_tokens_than_it_may() {
    let (owner, mut tokens) = (anna(), Tokens::default());
    let named = |number: u32| Token::new("rfid", &number.to_string()).unwrap();
    let mut told = |command: TokenCommand| {
        let decided = tokens.decide(&owner, &command, 3, &moment()).ok()?;
        decided.events.iter().for_each(|event| tokens.apply(event));
        Some(decided.reply)
    };
    for number in 1..=3 {
        assert!(told(TokenCommand::Claim(named(number))).is_some());
    }
    assert_eq!(told(TokenCommand::Claim(named(4))), None);
    assert!(told(TokenCommand::Claim(named(3))).is_some());
    let mut seen = Vec::new();
    let mut after = None;
    loop {
        let Some(TokenReply::Page { claims, more }) = told(TokenCommand::List { after, limit: 2 }) else {
            panic!("no page");
        };
        seen.extend(claims.iter().map(|(token, _)| token.clone()));
        after = seen.last().cloned();
        if !more {
            break;
        }
    }
    assert_eq!(seen, [named(1), named(2), named(3)]);
}
