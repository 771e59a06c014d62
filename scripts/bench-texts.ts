/** Texts to measure on, all made here: a realistic file of a given size, and shapes that grow. */

/** Services that are built alike, as large real files are: about `size` characters, the last stage complete. */
export function realisticFile(size: number): string {
  let text = '# syntax=docker/dockerfile:1\nARG NODE_VERSION=20.11\nARG REGISTRY=registry.example.com/base\n\n';
  for (let i = 0; text.length < size; i++) text += service(i);
  return text;
}

function service(i: number): string {
  const packages = ['build-essential', 'ca-certificates', 'curl', 'git', 'libffi-dev', 'libpq-dev', 'libssl-dev', 'pkg-config', 'python3', 'unzip'];
  return `# The service number ${i}: what it is built with.
FROM \${REGISTRY}/node:\${NODE_VERSION}-bookworm AS build-${i}
ARG VERSION=1.${i}.0 TARGETARCH
ENV DEBIAN_FRONTEND=noninteractive \\
    PATH="/opt/service-${i}/bin:$PATH" \\
    NODE_OPTIONS='--max-old-space-size=4096'
WORKDIR /src/service-${i}
RUN apt-get update && apt-get install -y --no-install-recommends \\
    # what native modules need
${packages.map((name) => `        ${name} \\\n`).join('')}    && rm -rf /var/lib/apt/lists/*
RUN set -eux; \\
    case "\${TARGETARCH}" in \\
        amd64) url="https://downloads.example.com/tool/\${VERSION}/linux-x64.tar.gz"; sha='0123456789abcdef${i}' ;; \\
        arm64) url="https://downloads.example.com/tool/\${VERSION}/linux-arm64.tar.gz"; sha='fedcba9876543210${i}' ;; \\
        *) echo >&2 "unsupported architecture: \${TARGETARCH}"; exit 1 ;; \\
    esac; \\
    curl -fsSL -o /tmp/tool.tar.gz "$url"; \\
    echo "$sha  /tmp/tool.tar.gz" | sha256sum -c -; \\
    tar -xzf /tmp/tool.tar.gz -C /usr/local --strip-components=1
COPY --link package.json package-lock.json ./
RUN --mount=type=cache,target=/root/.npm,id=npm-${i} npm ci --no-audit
COPY . .
RUN <<EOT
set -e
npm run build -- --service=${i}
npm prune --omit=dev
EOT

FROM debian:bookworm-slim AS service-${i}
LABEL org.opencontainers.image.title="service ${i}" org.opencontainers.image.version="1.${i}"
ENV PORT=80${i % 10}0 HOME=/home/app
RUN groupadd -r app && useradd -r -g app -d $HOME app
COPY --from=build-${i} --chown=app:app /src/service-${i}/dist \${HOME}/dist
COPY --from=build-${i} /usr/local/bin/tool /usr/local/bin/
USER app
WORKDIR $HOME
EXPOSE $PORT/tcp
HEALTHCHECK --interval=30s --timeout=3s CMD curl -f "http://localhost:\${PORT}/health" || exit 1
ENTRYPOINT ["node", "dist/index.js"]
CMD ["--port", "80${i % 10}0"]

`;
}

/** Shapes that a quadratic reading does not stand; n is about the length of the text in characters. */
export const growing: Readonly<Record<string, (n: number) => string>> = {
  'continuation lines': (n) => `FROM x\nRUN a \\\n${'  bb \\\n'.repeat(n / 7)}  c\n`,
  'one long line': (n) => `FROM x\nRUN ${'word '.repeat(n / 5)}\n`,
  'many instructions': (n) => `FROM x\n${'RUN apt-get update\n'.repeat(n / 19)}`,
  'variables': (n) => `FROM x\nARG A=1\n${'ENV B=$A\n'.repeat(n / 9)}`,
  'one ENV with many names': (n) => `FROM x\nENV ${'A="b" '.repeat(n / 6)}\n`,
  'heredocs': (n) => `FROM x\n${'RUN <<E\nx\nE\n'.repeat(n / 12)}`,
};
