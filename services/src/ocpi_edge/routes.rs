//! Which address does what.

use std::sync::Arc;

use axum::Router;
use axum::routing::{MethodRouter, get, post};

use super::answer::{Answer, Fault};
use super::request::{Call, Edge};
use super::{authorize, cdrs, credentials, list, objects, oicp, versions};

/// All addresses of the edge.
pub(super) fn router(edge: Arc<Edge>) -> Router {
    let object = || {
        let methods = get(objects::get).put(objects::put).patch(objects::patch).delete(objects::delete);
        methods.fallback(objects::other)
    };
    let only_get = |methods: MethodRouter<Arc<Edge>>| methods.fallback(async |_: Call| Fault::method("GET"));
    let only_post =
        |methods: MethodRouter<Arc<Edge>>| methods.fallback(async |_: Call| Fault::method("POST"));
    let credentials = get(credentials::get)
        .post(credentials::post)
        .put(credentials::put)
        .delete(credentials::delete)
        .fallback(async |_: Call| Fault::method("GET, POST, PUT, DELETE"));
    let routes = [
        ("/ocpi/{tenant}/versions", only_get(get(versions::versions))),
        ("/ocpi/{tenant}/{version}", only_get(get(versions::details))),
        ("/ocpi/{tenant}/2.2.1/credentials", credentials),
        ("/ocpi/{tenant}/2.2.1/emsp/cdrs", only_post(post(cdrs::post))),
        ("/ocpi/{tenant}/2.2.1/emsp/cdrs/{country}/{party}/{id}", only_get(get(cdrs::get))),
        ("/ocpi/{tenant}/2.2.1/emsp/tokens", only_get(get(list::tokens))),
        ("/ocpi/{tenant}/2.2.1/emsp/tokens/{uid}/authorize", only_post(post(authorize::post))),
        ("/ocpi/{tenant}/2.2.1/emsp/{module}/{country}/{party}/{id}", object()),
        ("/ocpi/{tenant}/2.2.1/emsp/{module}/{country}/{party}/{id}/{evse}", object()),
        ("/ocpi/{tenant}/2.2.1/emsp/{module}/{country}/{party}/{id}/{evse}/{connector}", object()),
        ("/ocpi/{tenant}/2.2.1/cpo/{module}", only_get(get(list::own))),
        ("/ocpi/{tenant}/2.2.1/cpo/locations/{id}", only_get(get(list::location))),
        ("/ocpi/{tenant}/2.2.1/cpo/locations/{id}/{evse}", only_get(get(list::location))),
        ("/ocpi/{tenant}/2.2.1/cpo/locations/{id}/{evse}/{connector}", only_get(get(list::location))),
        ("/ocpi/{tenant}/2.2.1/cpo/tokens/{country}/{party}/{id}", object()),
        (
            "/oicp/{tenant}/api/oicp/cdrmgmt/v22/operators/{operator}/charge-detail-record",
            only_post(post(oicp::post)),
        ),
    ];
    let mut router = Router::new();
    for (path, methods) in routes {
        // With a stroke at the end it is the same address: many write it so.
        router = router.route(&format!("{path}/"), methods.clone()).route(path, methods);
    }
    router.fallback(nowhere).with_state(edge)
}

async fn nowhere(call: Call) -> Result<Answer, Fault> {
    let asked = call.segment(0);
    let is_version = asked.starts_with(|first: char| first.is_ascii_digit());
    Err(match is_version && asked != super::request::VERSION {
        true => versions::unsupported(asked),
        false => {
            let text = "there is nothing at this address; versions and their details say what there is";
            Fault::not_found(text)
        }
    })
}
