//! A defect of the field rather than of the shell: accounts that take a month for closed before their metering points have
//! said so.
//!
//! The rules stay as they are; the account is told in the name of each point that it is done, at the moment at which the
//! point is only asked. What is issued then lacks what the points would have sent.

use actors::entity::{Kind, Kinds};
use actors::shell::{
    ActivationError, Decision, EntityId, Facts, Input, Machine, Machines, Message, Moment, Need, Part,
};
use cluster::{ShardCount, ShardId};
use domain::entity::Message as Told;
use domain::identity::MeteringPointId;
use prost::Message as _;
use proto::store as stored;

/// Every kind of entity, with accounts that do not wait.
#[derive(Clone, Copy, Debug, Default)]
pub struct HastyKinds;

struct Hasty {
    account: EntityId,
    machine: Box<dyn Machine>,
}

impl Machines for HastyKinds {
    fn shard_of(&self, id: &EntityId, count: ShardCount) -> ShardId {
        Kinds.shard_of(id, count)
    }

    fn activate(&self, id: &EntityId, parts: Vec<Part>) -> Result<Box<dyn Machine>, ActivationError> {
        let machine = Kinds.activate(id, parts)?;
        if Kind::of(id) != Some(Kind::Account) {
            return Ok(machine);
        }
        Ok(Box::new(Hasty { account: id.clone(), machine }))
    }
}

impl Machine for Hasty {
    fn needs(&self, input: &Input, facts: &Facts, moment: &Moment) -> Vec<Need> {
        self.machine.needs(input, facts, moment)
    }

    fn decide(&mut self, input: &Input, facts: &Facts, moment: &Moment) -> Decision {
        let mut decision = self.machine.decide(input, facts, moment);
        let forged: Vec<Message> =
            decision.messages.iter().filter_map(|message| self.closed_already(message)).collect();
        decision.messages.extend(forged);
        decision
    }
}

impl Hasty {
    /// What a point would say once it is done, if this asks it to close.
    fn closed_already(&self, message: &Message) -> Option<Message> {
        let told = Told::try_from(stored::Message::decode(message.command.clone()).ok()?).ok()?;
        let Told::ClosePoint { closing, .. } = told else { return None };
        let number = u64::from_be_bytes(message.to.key().as_ref().try_into().ok()?);
        let closed = Told::PointClosed {
            run: closing.run,
            metering_point: MeteringPointId::new(number)?,
            contracts: Vec::new(),
            more_follows: false,
        };
        let command = stored::Message::from(&closed).encode_to_vec().into();
        Some(Message { to: self.account.clone(), command })
    }
}
