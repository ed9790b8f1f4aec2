# Builds Keybin and puts it alone into a small image, as a user without rights.
FROM rust:1.95-slim-bookworm AS build
WORKDIR /keybin
COPY . .
RUN cargo build --release --locked --package keybin

FROM debian:bookworm-slim
RUN useradd --system --uid 10001 keybin && install -d -o keybin -g keybin -m 0700 /data
COPY --from=build /keybin/target/release/keybin /usr/local/bin/keybin
USER keybin
WORKDIR /data
VOLUME /data
ENV KEYBIN_APP_HOST=0.0.0.0
EXPOSE 5000
# An unknown token is refused (403) when the store answers; when it does not, the answer is another one.
HEALTHCHECK --interval=30s --timeout=10s --start-period=20s CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/5000; printf 'GET /readyz HTTP/1.0\\r\\n\\r\\n' >&3; head -n 1 <&3 | grep -q ' 200 '"]
ENTRYPOINT ["/usr/local/bin/keybin"]
CMD ["serve"]
