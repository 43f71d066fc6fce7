//! Charge detail records to a node: each by itself, since one that can't be read says nothing of the others.

use proto::roaming::{CdrFormat, ReceiveCdrRequest};
use tonic::Code;

use crate::cli::at_once;
use crate::cli::client::{Client, ask};
use crate::cli::failure::Failure;
use crate::cli::progress::Progress;
use crate::cli::sheet::remark;
use crate::import::CdrDocument;

/// What became of a record.
enum Came {
    First,
    Again,
    Changed,
    Refused(String),
}

/// Gives every record to its book, and tells in words what became of them.
pub(super) async fn receive(
    client: &Client,
    documents: &[CdrDocument],
    progress: &Progress,
) -> Result<String, Failure> {
    let outcomes = at_once::each(documents.to_vec(), |document| {
        let (client, progress) = (client.clone(), progress.clone());
        async move {
            let came = receive_one(&client, document).await?;
            progress.step();
            Ok(came)
        }
    });
    let (mut first, mut again, mut changed, mut refused) = (0_u64, 0_u64, 0_u64, 0_u64);
    for came in outcomes.await? {
        let count = match came {
            Came::First => &mut first,
            Came::Again => &mut again,
            Came::Changed => &mut changed,
            Came::Refused(reason) => {
                remark(&format!("error: {reason}"));
                &mut refused
            }
        };
        *count = count.saturating_add(1);
    }
    let told = format!("{first} taken, {again} there already, {changed} with other content than before");
    match refused {
        0 => Ok(told),
        _ => Err(Failure::Incomplete(format!("{told}, {refused} refused"))),
    }
}

async fn receive_one(client: &Client, document: CdrDocument) -> Result<Came, Failure> {
    let CdrDocument { what, json } = document;
    let message = ReceiveCdrRequest {
        parent: client.parent(),
        document: json.into_bytes(),
        format: CdrFormat::OcpiJson.into(),
        ..ReceiveCdrRequest::default()
    };
    match ask(message, async |request| client.cdrs().receive_cdr(request).await).await {
        Ok(answer) if answer.is_changed => Ok(Came::Changed),
        Ok(answer) if answer.is_repeat => Ok(Came::Again),
        Ok(_) => Ok(Came::First),
        Err(status) if status.code() == Code::InvalidArgument => {
            Ok(Came::Refused(format!("record {what}: {}", status.message())))
        }
        Err(status) => Err(Failure::refused(format!("record {what}"))(status)),
    }
}
