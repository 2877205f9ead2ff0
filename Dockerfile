# The image of sonde: no compiler, no npm and no node_modules in it, and nothing that runs needs a shell.
# Where a registry is at hand, pin the base by its digest too: --build-arg NODE_IMAGE=node:24-bookworm-slim@sha256:…
ARG NODE_IMAGE=node:24-bookworm-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /sonde
COPY package.json package-lock.json .npmrc ./
# No package of ours needs its install script to build.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json build.ts ./
COPY src src
RUN npm run -s build && npm run -s sbom > sbom.cdx.json
COPY deploy/healthcheck.js LICENSE ./
# Whatever the checkout's umask was.
RUN chmod -R a+rX package.json healthcheck.js LICENSE dist

FROM ${NODE_IMAGE}
LABEL org.opencontainers.image.title="sonde" \
      org.opencontainers.image.description="Keeps OAuth 2.0 tokens fresh, probes APIs on a schedule, and names the cause when a call breaks." \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.base.name="docker.io/library/node:24-bookworm-slim"
# The state folder is open to all in here: a tmpfs takes over its mode, but not its owner, and some platforms run an image
# under a user of their own choosing. What sonde puts into it is 0600.
RUN rm -rf /usr/local/lib/node_modules /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack \
      /usr/local/bin/yarn /usr/local/bin/yarnpkg /opt/yarn-* \
 && mkdir -p /etc/sonde /var/lib/sonde \
 && chmod 1777 /var/lib/sonde \
 && ln -s /opt/sonde/dist/main.js /usr/local/bin/sonde
WORKDIR /opt/sonde
COPY --from=build /sonde/package.json /sonde/sbom.cdx.json /sonde/healthcheck.js /sonde/LICENSE ./
COPY --from=build /sonde/dist dist

# A number, so that Kubernetes can see that it is not root.
USER 65532:65532
VOLUME /var/lib/sonde
EXPOSE 7663
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s CMD ["node", "/opt/sonde/healthcheck.js"]
# Node.js lets the space for young objects grow with the host's memory, which gains sonde nothing: docs/deploy.md#memory.
ENTRYPOINT ["node", "--max-semi-space-size=4", "/opt/sonde/dist/main.js"]
CMD ["run", "/etc/sonde", "--listen", "0.0.0.0:7663", "--state-dir", "/var/lib/sonde"]
