//! From a record to a payment: sessions of the own network and of a partner are sold, shared and stated; what is taken back
//! after a statement stands on the next one.

use proto::directory::directory_service_client::DirectoryServiceClient;
use proto::directory::{ReleaseTokenRequest, ResolveTokenRequest};
use proto::google_type::Money;
use proto::roaming::{
    Cdr, CdrState, GetStatementRequest, LegKind, ListStatementsRequest, PartnerStatement, StatementSection,
};

use super::roamed::{Network, OWN, PARTNER, credit, eur, minor, on_network};
use super::supplier::{TENANT, account_name};

/// What a line says: its section, month of service, sessions and amount.
fn lines(statement: &PartnerStatement) -> Vec<(StatementSection, i32, i64, i64)> {
    let line = |line: &proto::roaming::StatementLine| {
        let month = line.service_month.unwrap().month;
        (line.section(), month, line.sessions, minor(line.net.as_ref()))
    };
    statement.lines.iter().map(line).collect()
}

/// Opening balance, net, tax and closing balance.
fn sums(statement: &PartnerStatement) -> [i64; 4] {
    let PartnerStatement { opening_balance, net, vat_total, closing_balance, .. } = statement;
    [opening_balance, net, vat_total, closing_balance].map(|sum| minor(sum.as_ref()))
}

/// Sale, purchase, shares and margin of a record: the first is the sum of the others.
fn divided(cdr: &Cdr) -> [i64; 4] {
    let amount = |money: &Option<Money>| minor(money.as_ref());
    let sale = amount(&cdr.sale.as_ref().unwrap().net);
    let purchase = cdr.purchase.as_ref().map_or(0, |purchase| amount(&purchase.amount));
    let legs = cdr.legs.iter().map(|held| held.leg.as_ref().unwrap());
    let shares: i64 = legs.filter(|leg| leg.kind() == LegKind::Share).map(|leg| amount(&leg.amount)).sum();
    let margin = amount(&cdr.margin);
    assert_eq!(sale, purchase + shares + margin);
    [sale, purchase, shares, margin]
}

async fn numbers(network: &mut Network, account: &str) -> Vec<(String, i64)> {
    let list = ListStatementsRequest { parent: account_name(account), ..ListStatementsRequest::default() };
    let listed = network.statements.list_statements(list).await.unwrap().into_inner().statements;
    listed.into_iter().map(|issued| (issued.number, minor(issued.closing_balance.as_ref()))).collect()
}

#[test]
fn a_session_is_sold_shared_stated_and_paid() {
    on_network(async |mut network| {
        network.agreed().await;
        let own = network.sold(OWN, "own-1", "10-01").await;
        assert_eq!(divided(&own), [600, 0, 65, 535]);
        let bought = network.sold(PARTNER, "tnm-1", "10-02").await;
        assert_eq!(divided(&bought), [600, 500, 65, 35]);

        let legs = network.legs("owner", 10, 2).await;
        let shares: Vec<_> =
            legs.iter().map(|held| minor(held.leg.as_ref().unwrap().amount.as_ref())).collect();
        assert_eq!(shares, [65, 65]);
        let purchase = network.legs("tnm", 10, 1).await.swap_remove(0).leg.unwrap();
        assert_eq!((purchase.kind(), minor(purchase.amount.as_ref())), (LegKind::Purchase, 500));
        assert_eq!(purchase.cdr.as_ref().unwrap().cdr_id, "tnm-1");

        // The owner has a VAT id; the partner has none.
        let statement = network.issued("owner", 10).await;
        assert_eq!(statement.number, "L24-S-owner-00001");
        assert_eq!(lines(&statement), [(StatementSection::Sessions, 10, 2, 130)]);
        assert_eq!(sums(&statement), [0, 130, 27, 157]);
        let get = GetStatementRequest { name: statement.name.clone() };
        assert_eq!(network.statements.get_statement(get).await.unwrap().into_inner(), statement);
        assert_eq!(numbers(&mut network, "owner").await, [(statement.number, 157)]);
        assert_eq!(sums(&network.issued("tnm", 10).await), [0, 500, 0, 500]);
        assert_eq!(network.pay("owner", "P-1", eur(157)).await.unwrap(), 0);
        assert_eq!(network.pay("owner", "P-1", eur(157)).await.unwrap(), 0, "the same payment again");

        let ledger = network.ledger().await;
        let of = |role: &str| {
            let found = ledger.iter().find(|(held, _)| held == role);
            found.map_or("0", |(_, amount)| amount.as_str())
        };
        assert_eq!((of("cost:purchase"), of("cost:share:site_owner")), ("5", "1.3"), "{ledger:?}");
        assert_eq!((of("accrued"), of("payable"), of("top_up")), ("0", "-5", "-1.57"), "{ledger:?}");
    });
}

#[test]
fn what_is_taken_back_after_a_statement_stands_on_the_next() {
    on_network(async |mut network| {
        network.agreed().await;
        network.sold(PARTNER, "tnm-1", "10-02").await;
        network.legs("owner", 10, 1).await;
        network.legs("tnm", 10, 1).await;
        let first = network.issued("owner", 10).await;
        assert_eq!(sums(&first), [0, 65, 14, 79]);
        network.issued("tnm", 10).await;
        assert_eq!(network.pay("owner", "P-1", eur(79)).await.unwrap(), 0);

        network.send(&credit(PARTNER, "tnm-1C", "tnm-1", "10-02")).await;
        network.settled(PARTNER, "tnm-1C", CdrState::Applied).await;
        network.settled(PARTNER, "tnm-1", CdrState::Credited).await;
        let back = network.legs("owner", 11, 1).await.swap_remove(0).leg.unwrap();
        assert_eq!((minor(back.amount.as_ref()), back.reverses.is_some()), (-65, true));
        assert_eq!(back.service_date.unwrap().month, 10);
        network.legs("tnm", 11, 1).await;

        // The partner was not paid: what it was owed is gone. The owner was, and owes.
        let second = network.issued("tnm", 11).await;
        assert_eq!(lines(&second), [(StatementSection::Correction, 10, -1, -500)]);
        assert_eq!(sums(&second), [500, -500, 0, 0]);
        let second = network.issued("owner", 11).await;
        assert_eq!(lines(&second), [(StatementSection::Correction, 10, -1, -65)]);
        assert_eq!((sums(&second), second.payments.len()), ([79, -65, -14, -79], 1));

        // A session of December is set off against it.
        network.sold(OWN, "own-1", "12-03").await;
        network.legs("owner", 12, 1).await;
        let third = network.issued("owner", 12).await;
        assert_eq!(lines(&third), [(StatementSection::Sessions, 12, 1, 65)]);
        assert_eq!(sums(&third), [-79, 65, 14, 0]);
        let expected = [("L24-S-owner-00001", 79), ("L24-S-owner-00002", -79), ("L24-S-owner-00003", 0)];
        assert_eq!(
            numbers(&mut network, "owner").await,
            expected.map(|(number, closing)| (number.to_owned(), closing))
        );
        // What was issued never changes.
        let get = GetStatementRequest { name: first.name.clone() };
        assert_eq!(network.statements.get_statement(get).await.unwrap().into_inner(), first);
        network.ledger().await;
    });
}

#[test]
fn a_card_that_changed_hands_is_paid_by_whoever_held_it() {
    on_network(async |mut network| {
        network.agreed().await;
        network.sold(OWN, "own-1", "10-01").await;
        network.world.open(TENANT, "bo").await;
        network.driver("bo").await;
        let mut directory = DirectoryServiceClient::new(network.world.channel.clone());
        let name = format!("{}/tokens/rfid.04A22B3C", account_name("anna"));
        let release = ReleaseTokenRequest { name, ..ReleaseTokenRequest::default() };
        directory.release_token(release).await.unwrap();
        let resolve = ResolveTokenRequest {
            parent: TENANT.to_owned(),
            token_type: "rfid".to_owned(),
            value: "04A22B3C".to_owned(),
        };
        while directory.resolve_token(resolve.clone()).await.is_ok() {
            tokio::task::yield_now().await;
        }
        network.claim("bo").await;
        while directory.resolve_token(resolve.clone()).await.is_err() {
            tokio::task::yield_now().await;
        }
        let held = directory.resolve_token(resolve).await.unwrap().into_inner();
        assert_eq!(held.owner, account_name("bo"));
        // Both have contracts that list it since January; the session began while anna had it, or before anybody had.
        let late = network.sold(OWN, "own-2", "10-02").await;
        assert_eq!(late.payer_account_id, "anna");
    });
}
