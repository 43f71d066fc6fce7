//! Charge detail records: `kvarter cdr receive|list|get|document|unreadable|release|reject`.

mod shown;
mod why;

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};
use domain::cdr::{CdrKey, Party};
use proto::name;
use proto::roaming::{
    Cdr, CdrState, GetCdrDocumentRequest, GetCdrRequest, ListCdrsRequest, ListUnreadableCdrsRequest,
    ReceiveCdrRequest, ReceiveCdrResponse, RejectCdrRequest, ReleaseCdrRequest,
};
use tonic::{Code, Status};

use super::asking::Asking;
use super::client::{Client, ask, every_page};
use super::failure::Failure;
use super::party::parse_party;
use super::sheet::{Output, Sheet};
use super::subject::Subject;

/// How many entries are asked for at a time.
const PAGE: i32 = 1_000;

/// What a record is in the words of this command.
const SUBJECT: Subject = Subject {
    options: &[
        ("note", "--note"),
        ("change_number", "--change"),
        ("number", "--number"),
        ("states", "--state"),
        ("sender_party", "--sender"),
        ("document", ""),
        ("parent", "--party"),
        ("name", ""),
    ],
    list: "kvarter cdr list --party PARTY",
    advice: &[
        ("CDR_NOT_RELEASABLE", "reject it with `kvarter cdr reject`, and have the party send another"),
        ("CDR_NOT_QUARANTINED", "what waits is listed by `kvarter cdr list`"),
        (
            "UNKNOWN_CDR_DOCUMENT",
            "`kvarter cdr get` shows the numbers of those with other content as its changes",
        ),
        ("CDR_UNDER_WAY", "its charging point or the account that pays is being asked; try again"),
    ],
};

/// What `kvarter cdr` is told.
#[derive(Args, Clone, Debug)]
#[command(
    long_about = "A charge detail record (CDR) says what a charging session came to. A record has one effect however often it \
                  comes; what is suspect waits until a rule or a person releases or rejects it. A record is named by its party \
                  and id, as NL-TNM/CDR-1; see docs/reference/charge-detail-records.md.",
    after_help = "Examples:\n  kvarter cdr receive cdr.json --tenant example\n  kvarter cdr list --tenant example\n  kvarter cdr \
                  list --party NL-TNM --tenant example\n  kvarter cdr release NL-TNM/CDR-1 --note \"station exchanged\" --tenant \
                  example\n\nExit codes: 0 done; 1 the node refused, or not all records were taken; 2 the command is wrong."
)]
pub struct CdrArguments {
    #[command(subcommand)]
    step: Step,
    #[command(flatten)]
    asking: Asking,
}

#[derive(Subcommand, Clone, Debug)]
enum Step {
    /// Take records of OCPI from files, one in each
    Receive {
        /// The files
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        /// Whose they are, where they do not say so themselves
        #[arg(long, value_name = "PARTY", value_parser = parse_party)]
        sender: Option<Party>,
    },
    /// List those that wait for a person, or all of a party
    List {
        /// All of this party, as NL-TNM
        #[arg(long, value_parser = parse_party)]
        party: Option<Party>,
        /// Only those of the party in this state
        #[arg(long, value_enum, requires = "party")]
        state: Option<State>,
    },
    /// Show one
    Get(Named),
    /// Print a document as it came, byte for byte
    Document {
        #[command(flatten)]
        named: Named,
        /// Which of the documents under its key: 0 is the first
        #[arg(long, default_value_t)]
        number: u32,
    },
    /// List what a party sent and nobody can read
    Unreadable {
        /// The party, as NL-TNM
        #[arg(value_parser = parse_party)]
        party: Party,
    },
    /// Let one go on that waits: what may be passed over is, all else is looked at again
    Release {
        #[command(flatten)]
        named: Named,
        /// Why
        #[arg(long, default_value_t)]
        note: String,
    },
    /// Bill nothing for one, and take back what was booked of it
    Reject {
        #[command(flatten)]
        named: Named,
        /// Why
        #[arg(long)]
        note: String,
        /// One with changed content, by the number of its document
        #[arg(long, value_name = "NUMBER")]
        change: Option<u32>,
    },
}

#[derive(Args, Clone, Debug)]
struct Named {
    /// The record, as NL-TNM/CDR-1
    #[arg(value_parser = parse_cdr)]
    cdr: CdrKey,
}

/// Where a record stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum State {
    Checking,
    Rating,
    Booked,
    Quarantined,
    Credited,
    Rejected,
    AwaitingOriginal,
    Applied,
    Refused,
}

/// Does one step.
pub(super) async fn run(arguments: &CdrArguments) -> Result<(), Failure> {
    let client = arguments.asking.client().await?;
    let output = arguments.asking.output;
    match &arguments.step {
        Step::Receive { files, sender } => receive(&client, files, *sender, output).await,
        Step::List { party, state } => list(&client, *party, *state).await?.print(output),
        Step::Get(named) => {
            let message = GetCdrRequest { name: named.name(&client) };
            let found = ask(message, async |request| client.cdrs().get_cdr(request).await).await;
            print(&client, &found.map_err(named.refused())?, output).await
        }
        Step::Document { named, number } => document(&client, named, *number).await,
        Step::Unreadable { party } => unreadable(&client, *party).await?.print(output),
        Step::Release { named, note } => {
            let message = ReleaseCdrRequest { name: named.name(&client), note: note.clone() };
            let released = ask(message, async |request| client.cdrs().release_cdr(request).await).await;
            print(&client, &released.map_err(named.refused())?, output).await
        }
        Step::Reject { named, note, change } => {
            let (name, note) = (named.name(&client), note.clone());
            let message = RejectCdrRequest { name, note, change_number: *change };
            let rejected = ask(message, async |request| client.cdrs().reject_cdr(request).await).await;
            print(&client, &rejected.map_err(named.refused())?, output).await
        }
    }
}

/// Prints one record.
async fn print(client: &Client, cdr: &Cdr, output: Output) -> Result<(), Failure> {
    shown::one(cdr, &why::why(client, cdr).await).print(output)
}

/// Takes one file after the other, and goes on where one is refused.
async fn receive(
    client: &Client,
    files: &[PathBuf],
    sender: Option<Party>,
    output: Output,
) -> Result<(), Failure> {
    let sender = sender.map(|party| party.named()).unwrap_or_default();
    let mut rows = Vec::with_capacity(files.len());
    let mut refused = 0_usize;
    for file in files {
        let answer = receive_one(client, file, &sender).await?;
        if answer.is_err() {
            refused = refused.saturating_add(1);
        }
        rows.push(shown::received(file, &answer));
    }
    Sheet::new(shown::RECEIVED, &[]).with(rows).print(output)?;
    match refused {
        0 => Ok(()),
        some => Err(Failure::Incomplete(format!("{some} of {} records were not taken", files.len()))),
    }
}

/// What became of a file: the answer, or why the record is refused.
async fn receive_one(
    client: &Client,
    file: &Path,
    sender: &str,
) -> Result<Result<ReceiveCdrResponse, String>, Failure> {
    let document = fs::read(file).map_err(Failure::file(file))?;
    let (parent, sender_party) = (client.parent(), sender.to_owned());
    let message = ReceiveCdrRequest { parent, document, sender_party, ..ReceiveCdrRequest::default() };
    match ask(message, async |request| client.cdrs().receive_cdr(request).await).await {
        Ok(answer) => Ok(Ok(answer)),
        Err(status) if status.code() == Code::InvalidArgument => Ok(Err(status.message().to_owned())),
        Err(status) => Err(Failure::refused(file.display())(status)),
    }
}

async fn list(client: &Client, party: Option<Party>, state: Option<State>) -> Result<Sheet, Failure> {
    let of_party = |party: Party| name::PARTY.name([client.tenant(), &party.named()]);
    let parent = party.map_or_else(|| client.parent(), of_party);
    let states: Vec<i32> = state.map(|state| CdrState::from(state).into()).into_iter().collect();
    let cdrs: Vec<Cdr> = every_page(async |page_token| {
        let (parent, states) = (parent.clone(), states.clone());
        let message = ListCdrsRequest { parent, states, page_size: PAGE, page_token };
        let page = ask(message, async |request| client.cdrs().list_cdrs(request).await).await;
        let page = page.map_err(Failure::refused("records"))?;
        Ok((page.cdrs, page.next_page_token))
    })
    .await?;
    let nothing = match party {
        Some(_) => "no record",
        None => {
            "no record waits for a person; what nobody can read is listed by `kvarter cdr unreadable PARTY`, and \
             with ZZ-ZZZ if nobody knows whose it is"
        }
    };
    Ok(Sheet::new(shown::COLUMNS, shown::NUMBERS).with(cdrs.iter().map(shown::row)).or_else_say(nothing))
}

async fn document(client: &Client, named: &Named, number: u32) -> Result<(), Failure> {
    let message = GetCdrDocumentRequest { name: named.name(client), number };
    let found = ask(message, async |request| client.cdrs().get_cdr_document(request).await).await;
    let found = found.map_err(named.refused())?;
    let mut output = io::stdout().lock();
    let written = output.write_all(&found.document).and_then(|()| output.flush());
    written.map_err(Failure::file(Path::new("standard output")))
}

async fn unreadable(client: &Client, party: Party) -> Result<Sheet, Failure> {
    let parent = name::PARTY.name([client.tenant(), &party.named()]);
    let message = ListUnreadableCdrsRequest { parent, ..ListUnreadableCdrsRequest::default() };
    let found = ask(message, async |request| client.cdrs().list_unreadable_cdrs(request).await).await;
    let found = found.map_err(Failure::refused_as(&SUBJECT, party.named()))?;
    let rows = found.documents.iter().map(shown::unreadable);
    let sheet = Sheet::new(shown::UNREADABLE, &["number", "bytes"]);
    Ok(sheet.with(rows).or_else_say("everything could be read"))
}

fn parse_cdr(text: &str) -> Result<CdrKey, String> {
    CdrKey::parse(text).ok_or_else(|| "write a record as NL-TNM/CDR-1".to_owned())
}

impl Named {
    fn name(&self, client: &Client) -> String {
        name::CDR.name([client.tenant(), &self.cdr.party().named(), self.cdr.id()])
    }

    /// A refusal of a request about the record.
    fn refused(&self) -> impl FnOnce(Status) -> Failure {
        Failure::refused_as(&SUBJECT, self.cdr.named())
    }
}

impl From<State> for CdrState {
    fn from(state: State) -> Self {
        match state {
            State::Checking => Self::Checking,
            State::Rating => Self::Rating,
            State::Booked => Self::Booked,
            State::Quarantined => Self::Quarantined,
            State::Credited => Self::Credited,
            State::Rejected => Self::Rejected,
            State::AwaitingOriginal => Self::AwaitingOriginal,
            State::Applied => Self::Applied,
            State::Refused => Self::Refused,
        }
    }
}
