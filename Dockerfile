# Node runs the source as it is: there is no build step.
FROM node:24-slim AS dependencies
WORKDIR /parley
COPY package.json package-lock.json .npmrc ./
COPY protocol/package.json protocol/
COPY server/package.json server/
# the optional packages are Node itself, for machines that have an older one
RUN npm ci --ignore-scripts --omit=dev --omit=optional --workspace=server

FROM node:24-slim
ENV NODE_ENV=production \
    PARLEY_HOST=0.0.0.0 \
    PARLEY_DATA_DIR=/data
WORKDIR /parley
COPY --from=dependencies /parley/node_modules node_modules
COPY package.json LICENSE ./
COPY protocol protocol
COPY server server
RUN install --directory --owner=node --group=node --mode=0700 /data
USER node
VOLUME /data
EXPOSE 8787
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PARLEY_PORT || 8787}/healthz`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# no shell between Docker and the program, so that SIGTERM reaches it and running turns are drained
ENTRYPOINT ["node", "server/src/main.ts"]
CMD ["start"]
