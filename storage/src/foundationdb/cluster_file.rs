//! The file that says where a cluster is, looked at before FoundationDB's client does: it waits for a cluster for ever
//! where the file is only misspelt.

use std::fs;
use std::path::{Path, PathBuf};

use super::failure::FoundationDbOpenError;

/// A file that could be one.
#[derive(Debug)]
pub(super) struct ClusterFile {
    /// Its path from the root, as the client takes it.
    pub(super) path: String,
    /// The addresses in it.
    pub(super) coordinators: String,
}

impl ClusterFile {
    pub(super) fn read(path: &Path) -> Result<ClusterFile, FoundationDbOpenError> {
        let of_io = |source| FoundationDbOpenError::ClusterFile { path: path.to_owned(), source };
        let malformed =
            |what: &str| FoundationDbOpenError::Malformed { path: path.to_owned(), what: what.to_owned() };
        let bytes = fs::read(path).map_err(of_io)?;
        let text = String::from_utf8(bytes).map_err(|_| malformed("it is no text"))?;
        let coordinators = coordinators(&text).map_err(malformed)?;
        if fs::metadata(path).map_err(of_io)?.permissions().readonly() {
            tracing::warn!(
                path = %path.display(),
                "the cluster file can't be written; a change of coordinators is forgotten with this process"
            );
        }
        let absolute: PathBuf = std::path::absolute(path).map_err(of_io)?;
        let path = absolute.into_os_string().into_string().ok().filter(|path| !path.contains('\0'));
        Ok(ClusterFile { path: path.ok_or_else(|| malformed("its path is no UTF-8"))?, coordinators })
    }
}

/// The addresses in the text of a cluster file, or what is wrong with it.
fn coordinators(text: &str) -> Result<String, &'static str> {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let line = lines.next().ok_or("it has no line with an address")?;
    if lines.next().is_some() {
        return Err("it has more than one line with an address");
    }
    let (name, addresses) = line.split_once('@').ok_or("its line lacks the @ in front of the addresses")?;
    let (description, id) = name.split_once(':').ok_or("its line lacks the : between description and id")?;
    if description.is_empty() || !description.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    {
        return Err("its description is not of letters, digits and _");
    }
    if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err("its id is not of letters and digits");
    }
    if addresses.split(',').all(is_address) {
        Ok(addresses.to_owned())
    } else {
        Err("one of its addresses is not HOST:PORT")
    }
}

/// `HOST:PORT`, which may be followed by `:tls`.
fn is_address(address: &str) -> bool {
    let address = address.trim();
    let address = address.strip_suffix(":tls").unwrap_or(address);
    address.rsplit_once(':').is_some_and(|(host, port)| {
        !host.is_empty()
            && !host.contains(char::is_whitespace)
            && port.parse::<u16>().is_ok_and(|port| port != 0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_cluster_file_may_be() {
        let cases = [
            ("test:abc@127.0.0.1:4500", Ok("127.0.0.1:4500")),
            (
                "# a comment\n\ntest_1:abc@127.0.0.1:4500,127.0.0.2:4500:tls\n",
                Ok("127.0.0.1:4500,127.0.0.2:4500:tls"),
            ),
            ("a:b@[::1]:4500", Ok("[::1]:4500")),
            ("a:b@fdb-0.fdb.svc.cluster.local:4500", Ok("fdb-0.fdb.svc.cluster.local:4500")),
            ("", Err("no line")),
            ("# only a comment", Err("no line")),
            ("a:b@127.0.0.1:1\na:b@127.0.0.1:2", Err("more than one line")),
            ("a:b", Err("lacks the @")),
            ("ab@127.0.0.1:4500", Err("lacks the :")),
            (":b@127.0.0.1:4500", Err("description")),
            ("a-b:c@127.0.0.1:4500", Err("description")),
            ("a:@127.0.0.1:4500", Err("id")),
            ("a:b@", Err("HOST:PORT")),
            ("a:b@127.0.0.1", Err("HOST:PORT")),
            ("a:b@127.0.0.1:0", Err("HOST:PORT")),
            ("a:b@127.0.0.1:4500,", Err("HOST:PORT")),
            ("a:b@127.0.0.1:port", Err("HOST:PORT")),
        ];
        for (text, expected) in cases {
            match (coordinators(text), expected) {
                (Ok(found), Ok(expected)) => assert_eq!(found, expected, "{text}"),
                (Err(found), Err(expected)) => assert!(found.contains(expected), "{text}: {found}"),
                (found, _) => panic!("{text}: {found:?}"),
            }
        }
    }
}
