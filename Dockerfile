# One image, two commands: `serve` (the default) and `worker`; any other command works as well.
#   docker build --build-arg COMMIT_SHA=$(git rev-parse HEAD) -t roost .
#   docker run -p 127.0.0.1:3000:3000 -v roost-data:/data roost
FROM node:24-slim AS console
WORKDIR /app
# Without the sources there is nothing to build yet: npm ci only installs.
COPY package.json package-lock.json ./
RUN npm ci
COPY bin bin
COPY web web
RUN node bin/build-console.cjs

FROM node:24-slim
WORKDIR /app

# npm brings a Node of the project's own for machines that lack one; here the image's is used. Not --omit=optional: that
# would drop the native part of argon2 as well.
COPY package.json package-lock.json ./
RUN npm ci --omit=dev && rm -rf node_modules/node-linux-* && npm cache clean --force

COPY bin bin
COPY supabase supabase
COPY src src
COPY --from=console /app/web/dist web/dist
# roost verify contract holds the errors against it.
COPY docs/errors.md docs/errors.md
# Only the user of the service may enter: the folder holds the embedded database and its secret.
RUN install -d -m 0700 -o node -g node /data

ARG COMMIT_SHA
ENV COMMIT_SHA=$COMMIT_SHA DATA_DIR=/data HOST=0.0.0.0
USER node
EXPOSE 3000
# The worker listens on no port: run it with --no-healthcheck and watch `worker` in GET /health.
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s CMD ["node", "-e", \
  "fetch(`http://127.0.0.1:${process.env.PORT || 3000}/health/live`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "--max-semi-space-size=8", "--max-old-space-size=1024", "--require", "./bin/require-node.cjs", "src/main.ts"]
CMD ["serve"]
