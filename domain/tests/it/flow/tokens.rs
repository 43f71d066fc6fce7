//! Tokens of accounts and metering points, among everything else that these do.

use domain::entity::account::{Command, Rejection, Reply};
use domain::entity::directory::Owner;
use domain::entity::tokens::{TokenCommand, TokenRefused, TokenReply, TokenStage};
use domain::funds::{Ask, Asked, FundsCommand, FundsRefused, FundsReply, Reserve, TopUp, Usage};
use domain::ledger::Asset;
use domain::operation::OperationId;
use domain::token::Token;

use super::*;

fn card() -> Token {
    Token::new("rfid", "04:A2:2B:3C").unwrap()
}

fn stage(world: &mut World, account: &str) -> Option<TokenStage> {
    match world.account(account, &Command::Tokens(TokenCommand::Get(card()))) {
        Ok(Reply::Tokens(TokenReply::Claim(_, claim))) => Some(claim.stage),
        _ => None,
    }
}

#[test]
fn the_first_account_gets_a_token_and_the_next_one_after_it_is_given_back() {
    let mut world = world();
    let point = add_point(&mut world, 1, &[("anna", 5_000), ("bert", 5_000)]);
    let claim = Command::Tokens(TokenCommand::Claim(card()));
    let release = Command::Tokens(TokenCommand::Release(card()));
    world.account("anna", &claim).unwrap();
    assert_eq!(stage(&mut world, "anna"), Some(TokenStage::Claiming));
    world.account("bert", &claim).unwrap();
    let meter = Token::new("meter_serial", "4711").unwrap();
    let of_point = metering_point::Command::Tokens(TokenCommand::Claim(meter.clone()));
    world.point(point, &of_point).unwrap();
    world.settle();
    assert_eq!(stage(&mut world, "anna"), Some(TokenStage::Held));
    let holder = Owner::Account("anna".to_owned());
    assert_eq!(stage(&mut world, "bert"), Some(TokenStage::Refused(holder)));
    assert_eq!(world.points[&point].tokens.by_token[&meter].stage, TokenStage::Held);

    world.account("anna", &release).unwrap();
    world.account("bert", &claim).unwrap();
    world.settle();
    assert_eq!(stage(&mut world, "anna"), None);
    assert_eq!(stage(&mut world, "bert"), Some(TokenStage::Held));
    let nothing = Err(Rejection::Token(TokenRefused::NotOwned));
    assert_eq!(world.account("anna", &release), nothing);
}

#[test]
fn nobody_claims_before_it_is_there() {
    let mut world = world();
    let claim = || TokenCommand::Claim(card());
    assert_eq!(world.account("carl", &Command::Tokens(claim())), Err(Rejection::UnknownAccount));
    let point = MeteringPointId::new(9).unwrap();
    let refused = world.point(point, &metering_point::Command::Tokens(claim()));
    assert_eq!(refused, Err(metering_point::Rejection::UnknownMeteringPoint));
}

#[test]
fn details_of_an_account_change() {
    let mut world = world();
    add_point(&mut world, 1, &[("anna", 10_000)]);
    let details =
        AccountDetails { id: "other".to_owned(), name: "Anna B".to_owned(), ..AccountDetails::default() };
    world.account("anna", &Command::ChangeDetails(details.clone())).unwrap();
    let held = world.accounts["anna"].details.clone().unwrap();
    assert_eq!(held, AccountDetails { id: "anna".to_owned(), ..details.clone() });
    assert_eq!(world.account("carl", &Command::ChangeDetails(details)), Err(Rejection::UnknownAccount));
}

#[test]
fn a_token_that_is_blocked_charges_nothing() {
    let mut world = world();
    add_point(&mut world, 1, &[("anna", 10_000)]);
    let euro = || Amount::from_quantity(Quantity::ONE).unwrap();
    let paid = TopUp {
        operation: OperationId::new("t1").unwrap(),
        asset: Asset::Money(Currency::Eur),
        amount: euro(),
        terms: None,
    };
    world.account("anna", &Command::Funds(FundsCommand::TopUp(paid))).unwrap();
    let ask = || Ask { member: None, usage: Usage::default(), asked: Asked::Amount(euro(), Currency::Eur) };
    let asked = Command::FundsByToken(card(), FundsCommand::Authorize(ask()));
    let reserve = |id: &str| {
        let reservation = OperationId::new(id).unwrap();
        let reserve = Reserve { reservation, ask: ask(), ttl_ms: 60_000 };
        Command::FundsByToken(card(), FundsCommand::Reserve(reserve))
    };
    let tokens = |command| Command::Tokens(command);
    let refused = |why| Err(Rejection::Funds(why));
    let (block, unblock) = (tokens(TokenCommand::Block(card())), tokens(TokenCommand::Unblock(card())));

    assert_eq!(world.account("anna", &block), Err(Rejection::Token(TokenRefused::NotOwned)));
    world.account("anna", &tokens(TokenCommand::Claim(card()))).unwrap();
    // The directory has not answered yet.
    assert_eq!(world.account("anna", &block), Err(Rejection::Token(TokenRefused::NotHeld)));
    assert_eq!(world.account("anna", &asked), refused(FundsRefused::UnknownToken));
    world.settle();
    assert!(matches!(world.account("anna", &asked), Ok(Reply::Funds(FundsReply::Granted(_)))));
    world.account("anna", &block).unwrap();
    assert_eq!(world.account("anna", &asked), refused(FundsRefused::TokenBlocked));
    let kept = Ok(Reply::Funds(FundsReply::Refused(FundsRefused::TokenBlocked)));
    assert_eq!(world.account("anna", &reserve("r1")), kept);
    world.account("anna", &unblock).unwrap();
    assert_eq!(world.account("anna", &reserve("r1")), kept);
    world.account("anna", &reserve("r2")).unwrap();
    // Given back and claimed again, it is not blocked any more.
    for command in [&block, &tokens(TokenCommand::Release(card())), &tokens(TokenCommand::Claim(card()))] {
        world.account("anna", command).unwrap();
    }
    world.settle();
    assert_eq!(stage(&mut world, "anna"), Some(TokenStage::Held));
    let release = FundsCommand::Release(OperationId::new("r2").unwrap());
    world.account("anna", &Command::FundsByToken(card(), release)).unwrap();
    assert!(matches!(world.account("anna", &asked), Ok(Reply::Funds(FundsReply::Granted(_)))));
}

/// An id of a UUID of version 7 that was made so many milliseconds after worlds began.
fn made(after_ms: i64) -> OperationId {
    let digits = format!("{:012x}", 1_730_000_000_000 + after_ms);
    let (high, low) = digits.split_at(8);
    OperationId::new(&format!("{high}-{low}-7abc-8def-0123456789ab")).unwrap()
}

/// A call by a token is repeated after the token went to somebody else, who is not charged for it.
#[test]
fn what_was_asked_of_one_holder_is_not_charged_to_the_next() {
    let mut world = world();
    add_point(&mut world, 1, &[("anna", 10_000)]);
    add_point(&mut world, 2, &[("bert", 10_000)]);
    let euro = || Amount::from_quantity(Quantity::ONE).unwrap();
    for account in ["anna", "bert"] {
        let (operation, asset) = (OperationId::new("t1").unwrap(), Asset::Money(Currency::Eur));
        let paid = TopUp { operation, asset, amount: euro(), terms: None };
        world.account(account, &Command::Funds(FundsCommand::TopUp(paid))).unwrap();
    }
    let reserve = |id: &OperationId| {
        let ask = Ask { member: None, usage: Usage::default(), asked: Asked::Amount(euro(), Currency::Eur) };
        Command::FundsByToken(
            card(),
            FundsCommand::Reserve(Reserve { reservation: id.clone(), ask, ttl_ms: 60_000 }),
        )
    };
    let give = |world: &mut World, account: &str, command| {
        world.account(account, &Command::Tokens(command)).unwrap();
        world.settle();
    };
    give(&mut world, "anna", TokenCommand::Claim(card()));
    let before = made(world.now);
    let granted = world.account("anna", &reserve(&before)).unwrap();
    give(&mut world, "anna", TokenCommand::Release(card()));
    give(&mut world, "bert", TokenCommand::Claim(card()));
    let refused = Err(Rejection::Funds(FundsRefused::IdBeforeToken));
    assert_eq!(world.account("bert", &reserve(&before)), refused);
    assert_eq!(world.account("anna", &reserve(&before)), Ok(granted));
    assert!(world.account("bert", &reserve(&made(world.now))).is_ok());
}
