# Keybin alone in an image: one program without libraries and a folder for its data, as a user without rights.
#
#     docker build --build-arg KEYBIN_COMMIT="$(git rev-parse HEAD)" --tag keybin .
#     docker run --read-only --volume keybin-data:/data --publish 127.0.0.1:5000:5000 keybin

FROM rust:1.95-slim-bookworm AS build
RUN apt-get update \
    && apt-get install --yes --no-install-recommends musl-tools \
    && rm -rf /var/lib/apt/lists/* \
    && rustup target add "$(uname -m)-unknown-linux-musl"
WORKDIR /keybin

# The dependencies first, for an empty program: this layer is built again only when one of these files changes.
COPY Cargo.toml Cargo.lock ./
COPY xtask/Cargo.toml xtask/
COPY bench/floor/Cargo.toml bench/floor/
RUN mkdir -p src xtask/src bench/floor/src benches tests/it \
    && touch src/lib.rs \
    && for file in src/main.rs xtask/src/main.rs bench/floor/src/main.rs benches/pieces.rs tests/it/main.rs; \
        do echo 'fn main() {}' > "$file"; done \
    && cargo build --release --locked --package keybin --target "$(uname -m)-unknown-linux-musl"

COPY . .
# What /version tells. An empty one is none.
ARG KEYBIN_COMMIT
# Cargo goes by times, and those of what was copied may be older than those of the empty program.
RUN touch src/lib.rs src/main.rs \
    && cargo build --release --locked --package keybin --target "$(uname -m)-unknown-linux-musl" \
    && install -D --strip "target/$(uname -m)-unknown-linux-musl/release/keybin" /image/keybin \
    && install -d /image/data

FROM scratch
ARG KEYBIN_COMMIT
LABEL org.opencontainers.image.title="Keybin" \
    org.opencontainers.image.description="A self-hosted document store with an HTTP API, on MongoDB or on one embedded file." \
    org.opencontainers.image.licenses="MIT OR Apache-2.0" \
    org.opencontainers.image.revision="$KEYBIN_COMMIT"
COPY --from=build /image/keybin /usr/local/bin/keybin
COPY LICENSE-MIT LICENSE-APACHE /usr/share/doc/keybin/
COPY --from=build --chown=65532:65532 --chmod=0700 /image/data /data
USER 65532:65532
WORKDIR /data
VOLUME /data
ENV KEYBIN_APP_HOST=0.0.0.0
EXPOSE 5000
HEALTHCHECK --interval=10s --timeout=10s --start-period=30s CMD ["/usr/local/bin/keybin", "health"]
ENTRYPOINT ["/usr/local/bin/keybin"]
CMD ["serve"]
