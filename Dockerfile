# The images of our own: ingest-service, the demo, and the collector with what its health check and its queue need.
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

FROM base AS ingest-service
ENV NODE_ENV=production HOST=0.0.0.0
RUN printf '#!/bin/sh\nexec node /leadlight/ingest-service/src/leadlight.ts "$@"\n' > /usr/local/bin/leadlight \
  && chmod 755 /usr/local/bin/leadlight
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

# The collector's image is one program without a shell: it can neither ask itself whether it is well nor make a directory of its own.
FROM busybox:1.37.0-musl AS busybox
RUN mkdir /queue

FROM otel/opentelemetry-collector-contrib:0.159.0 AS collector
COPY --from=busybox /bin/wget /bin/wget
COPY --from=busybox --chown=10001:10001 /queue /var/lib/collector
