//! PostgreSQL on the same work, driven by its own `pgbench` over a socket file: what somebody would write by hand, durable and
//! with a key that makes a repeat harmless.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use super::{ACCOUNTS, Run, Samples, Spread, Work};

/// Where Debian puts the programs of this release.
const PROGRAMS: &str = "/usr/lib/postgresql/15/bin";

const SCHEMA: &str = "
create table account(id bigint primary key, balance bigint not null, reserved bigint not null default 0,
    check (balance - reserved >= 0)) with (fillfactor = 70);
create table ledger(idem bigint primary key, account_id bigint not null, amount bigint not null,
    at timestamptz not null default now());
create table reservation(id bigint primary key, account_id bigint not null, amount bigint not null);
";

const DEBIT: &str = "
with d as (update account set balance = balance - :amt where id = :id and balance - reserved >= :amt returning id)
insert into ledger(idem, account_id, amount) select :k, id, :amt from d;
";

const PAIR: &str = "
with d as (update account set reserved = reserved + 100 where id = :id and balance - reserved >= 100 returning id)
insert into reservation(id, account_id, amount) select :k, id, 100 from d;
with r as (delete from reservation where id = :k returning account_id, amount),
d as (update account set balance = balance - :amt, reserved = reserved - r.amount from r where account.id = r.account_id
    returning account.id)
insert into ledger(idem, account_id, amount) select :k, id, :amt from d;
";

/// A server that runs until it is dropped.
pub(crate) struct Postgres {
    directory: PathBuf,
}

impl Postgres {
    /// Starts a server in a directory of its own; none where PostgreSQL 15 is not installed.
    pub(crate) fn start(directory: &Path) -> Option<Postgres> {
        if !Path::new(PROGRAMS).join("pgbench").exists() {
            return None;
        }
        let directory = directory.join("postgres");
        fs::create_dir(&directory).unwrap();
        // The server refuses to run as root.
        let is_root = fs::metadata(&directory).unwrap().uid() == 0;
        if is_root {
            let parent = directory.parent().unwrap();
            fs::set_permissions(parent, fs::Permissions::from_mode(0o755)).unwrap();
            done(Command::new("chown").arg("postgres").arg(&directory));
        }
        let server = Postgres { directory };
        let data = server.directory.join("data");
        done(
            server
                .program("initdb")
                .args(["--auth", "trust", "--no-sync", "-U", "postgres", "-D"])
                .arg(&data),
        );
        let sockets = server.directory.to_str().unwrap();
        let options = format!(
            "-c listen_addresses= -k {sockets} -c shared_buffers=512MB -c synchronous_commit=on -c max_connections=300"
        );
        let log = server.directory.join("log");
        done(
            server
                .program("pg_ctl")
                .args(["start", "-w", "-o", &options, "-l"])
                .arg(log)
                .arg("-D")
                .arg(&data),
        );
        let fill =
            format!("insert into account select i, 1000000000000 from generate_series(0, {ACCOUNTS} - 1) i;");
        for sql in [SCHEMA, &fill, "vacuum analyze account"] {
            done(server.program("psql").args(["-q", "-U", "postgres", "-h", sockets, "-c", sql]));
        }
        Some(server)
    }

    /// Has so many clients work for so long.
    pub(crate) fn run(&self, run: &Run) -> Samples {
        let id = match run.spread {
            Spread::Many => format!("random(0, {})", ACCOUNTS - 1),
            Spread::Hot => "0".to_owned(),
        };
        let statements = match run.work {
            Work::Debit => DEBIT,
            Work::Pair => PAIR,
        };
        let script = self.directory.join("script");
        let key = "\\set k random(1, 9223372036854775807)";
        fs::write(&script, format!("\\set id {id}\n\\set amt random(1, 100)\n{key}{statements}")).unwrap();
        let clients = run.at_once.to_string();
        let threads = run.at_once.min(2).to_string();
        let seconds = run.duration.as_secs().max(1).to_string();
        let mut pgbench = self.program("pgbench");
        pgbench.args(["-n", "-M", "prepared", "-U", "postgres", "-h"]).arg(&self.directory);
        pgbench.args(["-c", &clients, "-j", &threads, "-T", &seconds, "-l", "-f"]).arg(&script);
        done(pgbench.current_dir(&self.directory));
        let mut times = Vec::new();
        for entry in fs::read_dir(&self.directory).unwrap() {
            let path = entry.unwrap().path();
            if path.file_name().unwrap().to_str().unwrap().starts_with("pgbench_log.") {
                times.extend(fs::read_to_string(&path).unwrap().lines().map(latency));
                fs::remove_file(path).unwrap();
            }
        }
        Samples { times, took: run.duration }
    }

    fn program(&self, name: &str) -> Command {
        let program = Path::new(PROGRAMS).join(name);
        let mut command = match fs::metadata(self.directory.parent().unwrap()).unwrap().uid() {
            0 => {
                let mut command = Command::new("runuser");
                command.args(["-u", "postgres", "--"]).arg(program);
                command
            }
            _ => Command::new(program),
        };
        command.stdout(Stdio::null()).current_dir(&self.directory);
        command
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let data = self.directory.join("data");
        done(self.program("pg_ctl").args(["stop", "-m", "immediate", "-D"]).arg(data));
    }
}

/// The third column of the log: how long it took in microseconds.
fn latency(line: &str) -> Duration {
    Duration::from_micros(line.split(' ').nth(2).unwrap().parse().unwrap())
}

fn done(command: &mut Command) {
    let status = command.status().unwrap();
    assert!(status.success(), "{command:?}: {status}");
}
