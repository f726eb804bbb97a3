# The images of our own: ingest-service, the canary, the demo and the collector.
FROM node:24.21.0-slim AS base
WORKDIR /leadlight

# what decides about packages, apart from the code, so that a change of code installs nothing anew
FROM base AS manifests
COPY . .
RUN mkdir /manifests && cp --parents package.json package-lock.json */package.json /manifests

FROM base AS bundles
COPY --from=manifests /manifests ./
RUN npm ci --ignore-scripts --no-audit --no-fund --include-workspace-root -w widget-otel -w portal -w demo
COPY . .
RUN node stack/src/build.ts

FROM base AS ingest-service-packages
COPY --from=manifests /manifests ./
RUN npm ci --ignore-scripts --no-audit --no-fund --omit=dev -w ingest-service

FROM base AS demo-packages
COPY --from=manifests /manifests ./
RUN npm ci --ignore-scripts --no-audit --no-fund --omit=dev -w demo

FROM base AS canary-packages
COPY --from=manifests /manifests ./
RUN npm ci --ignore-scripts --no-audit --no-fund --omit=dev -w canary

FROM base AS ingest-service
ENV NODE_ENV=production HOST=0.0.0.0
RUN printf '#!/bin/sh\nexec node /leadlight/ingest-service/src/leadlight.ts "$@"\n' > /usr/local/bin/leadlight \
  && chmod 755 /usr/local/bin/leadlight
# a new volume there is the user's own: the operator's program writes down in it what was erased
RUN install -d -o node -g node -m 700 /var/lib/leadlight
COPY --from=ingest-service-packages /leadlight ./
COPY contract contract
COPY ingest-service ingest-service
COPY --from=bundles /leadlight/widget-otel/dist widget-otel/dist
COPY --from=bundles /leadlight/portal/dist portal/dist
USER node
CMD ["node", "--enable-source-maps", "ingest-service/src/server.ts"]

FROM base AS demo
ENV NODE_ENV=production HOST=0.0.0.0
COPY --from=demo-packages /leadlight ./
COPY contract contract
COPY demo demo
COPY --from=bundles /leadlight/demo/dist demo/dist
USER node
CMD ["node", "--enable-source-maps", "demo/src/server.ts"]

FROM base AS canary
ENV NODE_ENV=production HOST=0.0.0.0
COPY --from=canary-packages /leadlight ./
COPY contract contract
COPY canary canary
USER node
CMD ["node", "--enable-source-maps", "canary/src/server.ts"]

# The same program as without Docker, from the same manifest and sums.
FROM golang:1.26.8-alpine AS collector-build
WORKDIR /leadlight
COPY stack/tools/collector stack/tools/collector
COPY collector/build.sh collector/manifest.yaml collector/go.mod collector/go.sum collector/
RUN collector/build.sh /out

# A shell checks the queue before each start, and wget asks whether it is well.
FROM busybox:1.37.0-musl AS collector
COPY --from=collector-build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=collector-build /out /usr/local/bin
COPY collector/start.sh /usr/local/bin
RUN adduser -D -H -u 10001 collector && mkdir -p /var/lib/collector/queue && chown -R collector /var/lib/collector
USER 10001
ENTRYPOINT ["start.sh"]
