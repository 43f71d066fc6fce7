//! Terms that can't be kept, each with a reason of its own.

use super::super::script::check;

#[test]
fn terms_that_cannot_be_kept() {
    let everyday = "1234567";
    let many = vec!["1@01:00-02:00"; 33].join("+");
    check(
        "each has a reason of its own, and nothing changes",
        &format!(
            "topup t1 20 -> on 1
             terms points= -> bad Points
             terms low=-1 -> bad LevelsOutOfOrder
             terms friendly={many} -> bad TooManyFriendlyHours
             terms friendly=@01:00-02:00 -> bad FriendlyWindow
             terms friendly=1@24:00-02:00 -> bad FriendlyWindow
             terms friendly=1@01:00-24:01 -> bad FriendlyWindow
             terms friendly=1@01:00-00:00 -> bad FriendlyWindow
             terms friendly={everyday}@00:00-24:00 -> bad AlwaysFriendly
             terms friendly={everyday}@17:00-09:00+{everyday}@09:00-17:00 -> bad AlwaysFriendly
             terms emergency=0@2 -> bad AmountNotPositive
             terms emergency=10@-1 -> bad LevelsOutOfOrder
             terms weekly=0@2026-03-09 -> bad AmountNotPositive
             terms weekly=1.001@2026-03-09 -> bad OtherScale
             terms zero=1.001 -> bad OtherScale
             terms zero=-0.000001 -> bad OtherScale
             terms low=5.0001 -> bad OtherScale
             terms emergency=5.001@2 -> bad OtherScale
             terms emergency=5@2.001 -> bad OtherScale
             terms least=0.005 -> bad OtherScale
             terms low=5.5 in=JPY -> bad OtherScale
             terms low=5.0001 in=KWD -> bad OtherScale
             terms least=-1 -> bad AmountNotPositive
             terms average=0 -> bad AverageDays
             terms average=32 -> bad AverageDays
             terms low=1000000001 -> bad OutOfRange
             terms zero=-1000000001 -> bad OutOfRange
             terms emergency=1000000001@5 -> bad OutOfRange
             terms weekly=1000000001@2026-03-09 -> bad OutOfRange
             terms least=1000000001 -> bad OutOfRange
             terms first=2026-03-03 -> bad FirstDayAhead
             view -> bad NotPrepaid
             take 1 -> bad NotPrepaid
             terms friendly={everyday}@17:00-09:00+123456@09:00-17:00 -> ok | v1 on at 1"
        ),
    );
}

#[test]
fn a_first_day_is_of_points_that_join() {
    check(
        "set anew behind the end it is taken, and for a point that comes",
        "topup t1 20 -> on 1
         terms -> ok | v1 on at 1
         terms first=2026-02-01 -> bad FirstDayJoined
         terms low=6 first=2026-02-01 -> bad FirstDayJoined
         terms first=2026-03-02 -> bad FirstDayJoined
         terms -> ok
         terms points=1,2 first=2026-02-01 -> ok | v2 on at 1,2
         terms points=2 first=2026-02-01 -> bad FirstDayJoined
         end -> ok | v3 on free at 1,2
         terms first=2026-02-01 -> ok | v4 on at 1",
    );
}
