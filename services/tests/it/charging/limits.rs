//! What binds an account: members, spending limits, thresholds; and amounts that were computed elsewhere.

use proto::charging::asked::Asked as WireAsked;
use proto::charging::used::Used as WireUsed;
use proto::charging::{
    Asked, Charged, ChargedPart, CommitRequest, MemberStanding, ReserveRequest, SetMemberRequest,
    SetSpendingLimitRequest, SetThresholdsRequest, SpendingLimitKey, SpendingWindow, ThresholdSide, Used,
    shortage,
};
use tonic::Code;

use super::given::{Given, asked, by_name, commit, euros, parts, reserve, top_up};
use crate::grpc::supplier::account_name;
use crate::grpc::world::{fact, reason, run};

fn budget(most: Option<&str>) -> SetSpendingLimitRequest {
    let key = SpendingLimitKey {
        member: Some("carl".to_owned()),
        currency_code: "EUR".to_owned(),
        unit: String::new(),
        window: SpendingWindow::Ever.into(),
    };
    let exact_most = most.map(str::to_owned);
    SetSpendingLimitRequest { account: account_name("anna"), key: Some(key), exact_most }
}

fn member(standing: MemberStanding) -> SetMemberRequest {
    let (account, member) = (account_name("anna"), "carl".to_owned());
    SetMemberRequest { account, member, standing: standing.into() }
}

fn by_carl(id: &str, quantity: &str) -> ReserveRequest {
    ReserveRequest { member: Some("carl".to_owned()), ..reserve(by_name("anna"), id, quantity) }
}

#[test]
fn a_member_spends_within_limits_of_its_own() {
    run(async {
        let mut given = Given::new().await;
        let nobody = given.client.set_spending_limit(budget(Some("6.05"))).await.unwrap_err();
        assert_eq!(reason(&nobody), (Code::NotFound, "UNKNOWN_MEMBER".to_owned()));
        given.client.set_member(member(MemberStanding::Active)).await.unwrap();
        given.client.set_spending_limit(budget(Some("6.05"))).await.unwrap();
        // 6.05 / 0.605
        let held = given.client.reserve(by_carl("r1", "20")).await.unwrap().into_inner();
        assert_eq!((held.granted, parts(&held.parts).as_str()), (asked("10"), "1=6.05 EUR"));
        let Some(shortage::Shortage::Limit(key)) = held.shortage.unwrap().shortage else {
            panic!("no limit")
        };
        assert_eq!(Some(key), budget(None).key);
        let reached = given.client.reserve(by_carl("r2", "1")).await.unwrap_err();
        assert_eq!(reason(&reached), (Code::FailedPrecondition, "LIMIT_REACHED".to_owned()));
        let facts = ["asset", "window", "member"].map(|name| fact(&reached, name));
        assert_eq!(facts, ["EUR", "EVER", "carl"]);
        let lower = given.client.set_spending_limit(budget(Some("6"))).await.unwrap_err();
        assert_eq!(reason(&lower), (Code::FailedPrecondition, "LIMIT_BELOW_RESERVED".to_owned()));
        let leaves = given.client.set_member(member(MemberStanding::Unspecified)).await.unwrap_err();
        assert_eq!(reason(&leaves), (Code::FailedPrecondition, "MEMBER_RESERVES".to_owned()));

        given.client.set_member(member(MemberStanding::Blocked)).await.unwrap();
        let blocked = given.client.reserve(by_carl("r3", "1")).await.unwrap_err();
        assert_eq!(reason(&blocked), (Code::FailedPrecondition, "MEMBER_BLOCKED".to_owned()));
        given.client.commit(commit(by_name("anna"), "r1", "4")).await.unwrap();
        let funds = given.funds("anna").await;
        assert_eq!(funds.limits.first().unwrap().exact_spent, "2.42");
        given.client.set_member(member(MemberStanding::Unspecified)).await.unwrap();
        let funds = given.funds("anna").await;
        assert!(funds.members.is_empty() && funds.limits.is_empty());
    });
}

#[test]
fn a_threshold_knows_its_side() {
    run(async {
        let mut given = Given::new().await;
        let set = |levels: &[&str]| SetThresholdsRequest {
            account: account_name("bert"),
            currency_code: "EUR".to_owned(),
            unit: String::new(),
            exact_levels: levels.iter().map(|level| (*level).to_owned()).collect(),
        };
        given.client.set_thresholds(set(&["5", "20"])).await.unwrap();
        given.client.top_up(top_up("bert", "t1", "10")).await.unwrap();
        let told = |funds: proto::charging::Funds| {
            let sides = funds.thresholds.into_iter().map(|one| (one.exact_level.clone(), one.side()));
            sides.collect::<Vec<_>>()
        };
        let (above, below) = (ThresholdSide::Above, ThresholdSide::Below);
        let funds = given.funds("bert").await;
        assert_eq!(told(funds), [("5".to_owned(), above), ("20".to_owned(), below)]);
        given.client.set_thresholds(set(&["20"])).await.unwrap();
        let funds = given.funds("bert").await;
        assert_eq!(told(funds), [("20".to_owned(), below)]);
        let many: Vec<String> = (1..=17).map(|level: i32| level.to_string()).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        let refused = given.client.set_thresholds(set(&many)).await.unwrap_err();
        assert_eq!(reason(&refused), (Code::InvalidArgument, "TOO_MANY_THRESHOLDS".to_owned()));
    });
}

#[test]
fn amounts_need_no_price() {
    run(async {
        let mut given = Given::new().await;
        let amount = Asked { asked: Some(WireAsked::Amount(euros("3").unwrap())) };
        let held = ReserveRequest { asked: Some(amount), ..reserve(by_name("anna"), "r1", "1") };
        let held = given.client.reserve(held).await.unwrap().into_inner();
        assert_eq!(parts(&held.parts), "1=3 EUR");
        let part = ChargedPart {
            revenue_role: "roaming".to_owned(),
            tax_class: "standard".to_owned(),
            vat_basis_points: 2_100,
            exact_net: "2".to_owned(),
            exact_tax: "0.42".to_owned(),
        };
        let charged = Charged { currency_code: "EUR".to_owned(), parts: vec![part] };
        let used = Some(Used { used: Some(WireUsed::Charged(charged)) });
        let used = CommitRequest { used, ..commit(by_name("anna"), "r1", "1") };
        let taken = given.client.commit(used).await.unwrap().into_inner();
        assert_eq!(parts(&taken.parts), "1=2.42 EUR");
        assert_eq!(given.balance("anna").await, "97.58");
    });
}
