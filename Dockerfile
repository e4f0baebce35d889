# Two images: `static` holds the program alone; `shell` has a shell around it, for runners that need one (GitLab).
#
#   docker build --target static --tag keyward .
#   docker run --rm --network none --read-only --volume "$PWD:/work:ro" keyward scan
#
# A mounted repository may belong to another user: keyward reads it all the same, and runs nothing in it.
FROM rust:1.95-alpine AS build
# Alpine takes old versions away, so that a pinned one would end the build one day.
# hadolint ignore=DL3018
RUN apk add --no-cache musl-dev
WORKDIR /src
COPY . .
# musl is linked statically; paths of the machine that builds stay out of the program.
RUN RUSTFLAGS="--remap-path-prefix=/src=/keyward --remap-path-prefix=/usr/local/cargo=/cargo" \
    cargo build --locked --profile dist \
    && install -D -m 0755 target/dist/keyward /out/keyward

FROM scratch AS static
COPY --from=build /out/keyward /keyward
USER 65532:65532
WORKDIR /work
ENTRYPOINT ["/keyward"]
CMD ["scan"]

FROM alpine:3.22 AS shell
COPY --from=build /out/keyward /usr/local/bin/keyward
USER 65532:65532
WORKDIR /work
CMD ["sh"]
