# The service without a PostgreSQL: DATABASE_URL names it. See compose.yaml for both together.
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json tsconfig.build.json ormconfig.ts ./
COPY scripts/build.cjs ./scripts/
COPY src ./src
RUN npm run build
RUN npm prune --omit=dev --omit=optional

FROM node:24-bookworm-slim
ENV NODE_ENV=production HOST=0.0.0.0
WORKDIR /app
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY package.json LICENSE ./
USER node
# Admin API, connector, Open Payments, authority.
EXPOSE 3001 3002 3003 3006
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s CMD ["node", "dist/src/cli/health.js"]
# What a request leaves behind is thrown away while it is young, if there is room for it (MiB); one thread is enough.
CMD ["node", "--max-semi-space-size=64", "--no-parallel-scavenge", "dist/src/cli/hazina.js", "start"]
