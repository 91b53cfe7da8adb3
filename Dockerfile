# plot2mqtt in a container. Plots end with the container: docs/container.md says how to drain it before an upgrade.
#
# Debian, since plotters are glibc programs; its newest release, since programs built on a newer glibc don't start on
# an older one (Ubuntu 24.04 builds need 2.39: trixie has 2.41, bookworm 2.36).
FROM node:24-trixie-slim AS build
WORKDIR /source
COPY package.json package-lock.json .npmrc ./
# What it is built from comes with the next step.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
# The same package as on npm, in a directory of its own.
RUN npm pack && npm install --global --prefix /package --no-audit --no-fund ./plot2mqtt-*.tgz

FROM node:24-trixie-slim
# tini as the first process reaps what the shells of commands leave behind.
RUN apt-get update \
  && apt-get install -y --no-install-recommends tini \
  && rm -rf /var/lib/apt/lists/*
COPY --from=build /package /usr/local
# New volumes take the owner of the directories that they cover.
RUN install -d -o node -g node /config /data /plotting /plots
ENV NODE_ENV=production \
  PLOT2MQTT_CONFIG=/config/config.yaml \
  STATE_DIRECTORY=/data
USER node
WORKDIR /config
VOLUME /data
EXPOSE 1883
HEALTHCHECK --interval=15s --timeout=10s --start-period=30s --retries=3 \
  CMD ["plot2mqtt", "health"]
ENTRYPOINT ["tini", "--", "plot2mqtt"]
