# The image of `runs-agent serve`: the program, the certificates it trusts and a user's name. No shell,
# no libraries, no package manager; it runs with a read-only root file system and writes to
# /var/lib/runs-agent alone.
#
#   docker build --build-arg COMMIT=$(git rev-parse HEAD) --tag runs-agent .
#
# BASE_IMAGE   what the program is built in, if not the Debian below: an image that is named with its
#              digest, for a build that can be repeated. script/image takes one made by debootstrap where
#              there is no registry.
# PROGRAM      `build` compiles it here; `prebuilt` takes dist/linux-<amd64|arm64>/runs-agent, which
#              script/release has made.
ARG BASE_IMAGE=base
ARG PROGRAM=build

# By name and digest, as Dependabot finds it; the workflows have the same (tests/release).
FROM debian:bookworm-slim@sha256:7c7b2c966bc9ee8cedfeef67e0e279108992c77681fa595db4a9d65c06ccc587 AS base

FROM ${BASE_IMAGE} AS build
ARG COMMIT=unknown
WORKDIR /source
COPY script/bootstrap script/
RUN script/bootstrap
COPY . .
RUN cmake --preset release -D RUNS_AGENT_COMMIT="${COMMIT}" \
    && cmake --build build/release \
    && install -D build/release/runs-agent /out/runs-agent

FROM scratch AS prebuilt
ARG TARGETARCH
COPY dist/linux-${TARGETARCH}/runs-agent /out/runs-agent

FROM ${PROGRAM} AS program

# The same on every architecture, so it is made on the building machine's own where BASE_IMAGE is named.
FROM --platform=${BUILDPLATFORM} ${BASE_IMAGE} AS files
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends ca-certificates \
    && mkdir -p /out/etc/ssl/certs /out/var/lib /state \
    && cp /etc/ssl/certs/ca-certificates.crt /out/etc/ssl/certs/ \
    && echo 'runs-agent:x:65532:65532::/var/lib/runs-agent:/nonexistent' >/out/etc/passwd \
    && echo 'runs-agent:x:65532:' >/out/etc/group

FROM scratch
ARG VERSION
ARG COMMIT=unknown
LABEL org.opencontainers.image.title="runs-agent" \
      org.opencontainers.image.description="Ends the test runs that cancelled GitHub workflows leave behind" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${COMMIT}"
COPY --from=files /out/ /
COPY --from=files --chown=65532:65532 /state /var/lib/runs-agent
COPY --from=program /out/runs-agent /usr/bin/runs-agent
# In a container other machines ask, so it listens on every address; what is published is the
# operator's choice.
ENV RUNS_AGENT_STATE_DIR=/var/lib/runs-agent \
    RUNS_AGENT_LISTEN=0.0.0.0:8080 \
    RUNS_AGENT_API_LISTEN=0.0.0.0:4000
USER 65532:65532
VOLUME /var/lib/runs-agent
EXPOSE 8080 4000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
    CMD ["/usr/bin/runs-agent", "health"]
ENTRYPOINT ["/usr/bin/runs-agent"]
CMD ["serve"]
