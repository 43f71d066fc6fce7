//! What keeps a component from being sold, one reason each.

use domain::product::{Component, ProductDefect};
use domain::tax::TaxClass;

use super::given::{component, product};

type Change = fn(&mut Component);

fn check(model: &str, conditions: &str, change: Change, expected: &[fn(String) -> ProductDefect]) {
    let mut component = component(model, conditions);
    change(&mut component);
    let id = component.id.clone();
    let expected: Vec<ProductDefect> = expected.iter().map(|defect| defect(id.clone())).collect();
    assert_eq!(product(component).defects(), expected, "{model} | {conditions}");
}

fn none(_: &mut Component) {}

#[test]
fn every_defect_has_its_reason() {
    use domain::model::ChargeModel::{self, Capacity};
    use domain::product::{PriceSource, QuantitySource};
    use domain::quantity::Unit;
    use domain::series::Direction;
    let graduated = "graduated zero=none 10:0.30 ..:0.20";
    let package = "package size=10 price=5";
    let percentage = "percentage rate=0.01";
    check(graduated, "", none, &[]);
    check(graduated, "", |one| one.price = PriceSource::Tiers(Vec::new()), &[ProductDefect::NoTiers]);
    check(graduated, "", |one| one.revenue_role = "r".repeat(65), &[ProductDefect::LongName]);
    check(graduated, "", |one| one.tax_class = TaxClass::new(&"t".repeat(65)), &[ProductDefect::LongName]);
    check(graduated, "", |one| one.revenue_role = "r".repeat(64), &[]);
    check("graduated ..:0.3", "", none, &[]);
    check("graduated 0:0.3 ..:0.2", "", none, &[ProductDefect::TiersOutOfOrder]);
    check("volume -1:0.3 ..:0.2", "", none, &[ProductDefect::TiersOutOfOrder]);
    check("graduated 10:0.3 10:0.25 ..:0.2", "", none, &[ProductDefect::TiersOutOfOrder]);
    check("graduated 20:0.3 10:0.25 ..:0.2", "", none, &[ProductDefect::TiersOutOfOrder]);
    check("graduated 10:0.3 20:0.2", "", none, &[ProductDefect::TiersNotOpen]);
    check("graduated ..:0.3 20:0.2", "", none, &[ProductDefect::TiersNotOpen]);
    check("graduated ..:0.3 ..:0.2", "", none, &[ProductDefect::TiersNotOpen]);
    check("graduated_percentage 10:1.5 ..:0.2", "", none, &[ProductDefect::RateOutOfRange]);
    check("graduated 10:1.5 ..:0.2", "", none, &[]);
    check("percentage rate=1.00000001", "", none, &[ProductDefect::RateOutOfRange]);
    check("percentage rate=-1.5", "", none, &[ProductDefect::RateOutOfRange]);
    check("percentage rate=1", "", none, &[]);
    check("package size=0 price=5", "", none, &[ProductDefect::PackageNotPositive]);
    check("package size=-1 price=5", "", none, &[ProductDefect::PackageNotPositive]);
    check("package size=10 free=-1 price=5", "", none, &[ProductDefect::AllowanceBelowZero]);
    check("percentage rate=0.01 fixed=-1", "", none, &[ProductDefect::AllowanceBelowZero]);
    check("percentage rate=0.01 free_amount=-1", "", none, &[ProductDefect::AllowanceBelowZero]);
    check("percentage rate=0.01 min=2 max=1", "", none, &[ProductDefect::EventBoundsCrossed]);
    check("percentage rate=0.01 min=2 max=2", "", none, &[]);
    check("capacity highest=0 price=8", "", none, &[ProductDefect::NoPeaks]);
    check(graduated, "", |one| one.conditions = None, &[ProductDefect::NoConditions]);
    check("unit 0.25", "", |one| one.conditions = None, &[]);
    check(package, "discount=1.01", none, &[ProductDefect::DiscountOutOfRange]);
    check(package, "discount=-0.01", none, &[ProductDefect::DiscountOutOfRange]);
    check(package, "min=-1", none, &[ProductDefect::LimitBelowZero]);
    check(package, "max=-1", none, &[ProductDefect::LimitBelowZero]);
    check(package, "min=11 max=10", none, &[ProductDefect::LimitsCrossed]);
    check(package, "min=10 max=10", none, &[]);
    check("capacity highest=1 price=8", "round=event", none, &[ProductDefect::NoEventsToRound]);
    check(percentage, "round=event", none, &[]);
    let channel: Change = |one| one.quantity = QuantitySource::Channel(Direction::Consumption);
    check(graduated, "", channel, &[]);
    check(package, "", channel, &[]);
    check(graduated, "round=event", channel, &[ProductDefect::NoEventsToRound]);
    let amounts = [ProductDefect::DoesNotCompose, ProductDefect::WrongUnit];
    check(percentage, "", channel, &amounts);
    check("dynamic", "", channel, &amounts);
    check("graduated_percentage ..:0.2", "", channel, &amounts);
    check("capacity highest=1 price=8", "", channel, &[ProductDefect::WrongUnit]);
    let days: Change = |one| {
        one.quantity = QuantitySource::Days;
        one.unit = Unit::Day;
    };
    check(graduated, "", days, &[ProductDefect::DoesNotCompose]);
    check("unit 0.25", "", days, &[ProductDefect::NeedlessConditions]);
    check("monthly price=30", "", none, &[]);
    check("unit 0.25", "", |one| one.model = ChargeModel::Dynamic, &amounts);
    check(percentage, "", |one| one.unit = Unit::KilowattHour, &[ProductDefect::WrongUnit]);
    check(
        graduated,
        "",
        |one| one.quantity = QuantitySource::Dimension(String::new()),
        &[ProductDefect::NoDimension],
    );
    let unpriced: Change = |one| one.price = PriceSource::Event;
    for model in [graduated, package, percentage, "unit 0.25"] {
        check(model, "", unpriced, &[ProductDefect::DoesNotCompose]);
    }
    check(
        "dynamic",
        "",
        |one| one.price = PriceSource::Parameter("agreed".to_owned()),
        &[ProductDefect::DoesNotCompose],
    );
    assert!(matches!(component("capacity highest=1 price=8", "").model, Capacity(_)));
}
