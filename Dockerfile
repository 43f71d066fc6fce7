# The program as an image: docker build --tag kvarter .
#
# One binary for every store. FoundationDB's client library is no part of the image, since it has to fit the cluster it
# talks to: it is mounted, and KVARTER_FDB_CLIENT says where it is. The chart takes it from FoundationDB's own image.

FROM rust:1.90-slim-bookworm AS build
# libclang reads FoundationDB's header, which comes with its crate. Debian keeps one version of it at a time, so none is named.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libclang-dev \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /kvarter
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry --mount=type=cache,target=/kvarter/target \
    cargo build --release --locked --package services --bin kvarter --features foundationdb \
    && cp target/release/kvarter /usr/local/bin/kvarter \
    && mkdir /data

FROM debian:bookworm-slim
LABEL org.opencontainers.image.title="kvarter" \
      org.opencontainers.image.description="Billing for energy and utilities" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /usr/local/bin/kvarter /usr/local/bin/kvarter
COPY --from=build --chown=65532:65532 /data /var/lib/kvarter
# By number, so that it can be seen not to be root.
USER 65532:65532
# Services and, where --metrics asks for it, numbers.
EXPOSE 7420 9464
STOPSIGNAL SIGTERM
ENTRYPOINT ["kvarter"]
CMD ["node", "--data", "/var/lib/kvarter", "--listen", "0.0.0.0:7420", "--metrics", "0.0.0.0:9464"]
