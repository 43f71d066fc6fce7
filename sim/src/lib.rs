//! The whole cluster in one thread from one seed: real actors, real journal, real membership and routing, on a store in
//! memory and a network that both misbehave as the seed says; and an auditor that predicts every answer. Nodes talk with each other by
//! letters of the simulation, or over the links of the program itself on turmoil's network.
//!
//! The same seed gives the same run, event by event. Nothing here reads a clock of the machine it runs on.

pub mod dice;
pub mod trace;

pub mod clock;
pub mod network;
pub mod post;

pub mod card;
pub mod ether;

pub mod depot;
pub mod store_link;

pub mod carrier;
pub mod door;
pub mod host;
pub mod peers;
pub mod world;

pub mod bank;
pub mod diary;
pub mod session;

pub mod plan;
pub mod storm;

pub mod audit;
pub mod billing;
pub mod charging;

pub mod defect;
pub mod panics;
pub mod report;
pub mod roaming;
pub mod run;
