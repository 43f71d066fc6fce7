//! Values by stream: answered batch by batch in order, item by item.

use proto::metering::{ChunkOutcome, DayChunk, StreamDaysRequest};
use proto::types::Direction;
use tokio_stream::{StreamExt as _, iter};
use tonic::Code;

use super::supplier::{OCTOBER, POINT, TENANT, chunk, metering_point, seconds};
use super::world::{World, reason, request_id, run};

const OTHER: &str = "571313180000000012";

fn batch(batch_number: u64, chunks: Vec<DayChunk>) -> StreamDaysRequest {
    StreamDaysRequest { parent: TENANT.to_owned(), batch_number, chunks, ..Default::default() }
}

impl World {
    pub(super) async fn put_points(&mut self) {
        for point in [POINT, OTHER] {
            let create = proto::metering::CreateMeteringPointRequest {
                parent: TENANT.to_owned(),
                metering_point: Some(metering_point(point)),
                request_id: request_id(),
                ..Default::default()
            };
            self.metering.create_metering_point(create).await.unwrap();
        }
    }

    async fn outcomes(&mut self, chunks: Vec<DayChunk>) -> Vec<ChunkOutcome> {
        let answers = self.metering.stream_days(iter([batch(7, chunks)])).await.unwrap();
        let answer = answers.into_inner().message().await.unwrap().unwrap();
        assert_eq!(answer.batch_number, 7);
        answer.outcomes
    }
}

#[test]
fn each_item_has_its_own_outcome() {
    run(async {
        let mut world = World::new().await;
        world.put_points().await;
        let with = |change: fn(&mut DayChunk)| {
            let mut changed = chunk(POINT, 0, 24);
            change(&mut changed);
            changed
        };
        let far_future = seconds(OCTOBER + 1_000 * 365 * 86_400);
        let chunks = vec![
            chunk(POINT, 0, 24),
            chunk("571313180000000029", 0, 24),
            chunk(OTHER, 0, 48),
            with(|chunk| chunk.metering_point_id = "57".to_owned()),
            with(|chunk| chunk.metering_point_id = "000000000000000000".to_owned()),
            with(|chunk| chunk.direction = 99),
            with(|chunk| chunk.direction = Direction::Unspecified.into()),
            with(|chunk| chunk.created_time = None),
            with(|chunk| chunk.values = None),
            with(|chunk| chunk.values.as_mut().unwrap().scale = 7),
            with(|chunk| chunk.values.as_mut().unwrap().quantities = vec![0; 60_001]),
            with(|chunk| chunk.values.as_mut().unwrap().quantities.clear()),
            with(|chunk| chunk.values.as_mut().unwrap().start_time = Some(seconds(OCTOBER + 60))),
            DayChunk { created_time: Some(far_future), ..chunk(POINT, 24, 24) },
            chunk(POINT, 0, 24),
            chunk(POINT, 24, 500 * 24),
        ];
        let outcomes = world.outcomes(chunks).await;
        let refusals: Vec<&str> = outcomes
            .iter()
            .map(|outcome| outcome.refusal.as_ref().map_or("", |refusal| refusal.code.as_str()))
            .collect();
        assert_eq!(
            refusals,
            [
                "",
                "UNKNOWN_METERING_POINT",
                "",
                "INVALID",
                "INVALID",
                "INVALID",
                "INVALID",
                "INVALID",
                "INVALID",
                "INVALID",
                "INVALID",
                "EMPTY",
                "OFF_THE_GRID",
                "FROM_THE_FUTURE",
                "",
                "TOO_MANY_DAYS",
            ]
        );
        let days = |index: usize| (outcomes[index].stored_days, outcomes[index].unchanged_days);
        assert_eq!((days(0), days(2), days(14)), ((1, 0), (2, 0), (0, 1)));
        assert!(outcomes[3].refusal.as_ref().unwrap().text.starts_with("metering_point_id"));
    });
}

#[test]
fn batches_are_answered_in_order_and_once_more_without_effect() {
    run(async {
        let mut world = World::new().await;
        world.put_points().await;
        for stored in [1, 0] {
            let batches: Vec<_> = (0_i64..40)
                .map(|day| {
                    let point = if day % 2 == 0 { POINT } else { OTHER };
                    batch(day.cast_unsigned(), vec![chunk(point, (day / 2) * 24, 24)])
                })
                .collect();
            let mut answers = world.metering.stream_days(iter(batches)).await.unwrap().into_inner();
            let mut numbers = Vec::new();
            while let Some(answer) = answers.next().await {
                let answer = answer.unwrap();
                let outcome = &answer.outcomes[0];
                assert_eq!((outcome.stored_days, outcome.unchanged_days), (stored, 1 - stored));
                numbers.push(answer.batch_number);
            }
            assert_eq!(numbers, (0..40).collect::<Vec<u64>>());
        }
    });
}

#[test]
fn many_items_of_one_point_are_taken() {
    run(async {
        let mut world = World::new().await;
        world.put_points().await;
        let chunks = (0..1_000).map(|hour| chunk(POINT, hour, 1)).collect();
        let outcomes = world.outcomes(chunks).await;
        assert!(outcomes.len() == 1_000 && outcomes.iter().all(|outcome| outcome.stored_days == 1));
    });
}

#[test]
fn a_batch_that_is_none_ends_the_stream() {
    run(async {
        let mut world = World::new().await;
        world.put_points().await;
        let nameless = StreamDaysRequest { parent: "tenants/".to_owned(), ..batch(2, Vec::new()) };
        let large = batch(2, vec![chunk(POINT, 0, 24); 1_001]);
        for broken in [nameless, large] {
            let batches = iter([batch(1, vec![chunk(POINT, 0, 24)]), broken, batch(3, Vec::new())]);
            let mut answers = world.metering.stream_days(batches).await.unwrap().into_inner();
            assert_eq!(answers.message().await.unwrap().unwrap().batch_number, 1);
            let refused = answers.message().await.unwrap_err();
            assert_eq!(reason(&refused), (Code::InvalidArgument, "INVALID".to_owned()));
        }
    });
}

#[test]
fn a_batch_behind_the_deadline_of_its_stream_is_not_begun() {
    run(async {
        let mut world = World::new().await;
        world.put_points().await;
        let mut request = tonic::Request::new(iter([batch(1, vec![chunk(POINT, 0, 24)])]));
        request.metadata_mut().insert("grpc-timeout", "1n".parse().unwrap());
        let answers = world.metering.stream_days(request).await;
        let ended = match answers {
            Ok(answers) => answers.into_inner().message().await.unwrap_err(),
            Err(ended) => ended,
        };
        assert!(matches!(ended.code(), Code::DeadlineExceeded | Code::Cancelled), "{ended:?}");
        // Whoever asks in time finds nothing there.
        let outcomes = world.outcomes(vec![chunk(POINT, 0, 24)]).await;
        assert_eq!((outcomes[0].stored_days, outcomes[0].unchanged_days), (1, 0));
    });
}
