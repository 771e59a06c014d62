/**
 * Dockerfiles that are made up: families of siblings from one template each, and files that have nothing but habits in common.
 * The same seed makes the same files. The rates of the edits are those below; they were written down before anything was measured.
 */

/** What a sibling's maker does to the template's steps. */
export const rates = {
  /** Of the steps, edited at most; each sibling draws its own share up to it. */
  edited: 0.2,
  /** One pair of neighbours swapped, one step more, one step less: how many siblings have it. */
  swap: 0.3, insert: 0.5, drop: 0.3,
  /** Of the edits: another version; a package more or less; another word. */
  version: 0.5, packages: 0.3,
  /** Siblings with another tag of the base image; families with another image in each. */
  otherTag: 0.15, otherImage: 0.1,
  /** Families of two stages. */
  twoStages: 0.3,
};

export interface CorpusFile {
  readonly path: string;
  readonly text: string;
  /** Undefined: made by nobody else's template. */
  readonly family: number | undefined;
  readonly lines: readonly CorpusLine[];
}

export interface CorpusLine {
  /** From 1. */
  readonly line: number;
  readonly stage: number;
  /** Of the template; undefined: of its own. */
  readonly step: number | undefined;
  readonly text: string;
  readonly edit: Edit | undefined;
}

export type Edit = 'version' | 'packages' | 'word' | 'base';

export type Random = () => number;

/** mulberry32 */
export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

export function pick<Item>(random: Random, items: readonly Item[]): Item {
  return items[Math.floor(random() * items.length)];
}

function between(random: Random, least: number, most: number): number {
  return least + Math.floor(random() * (most - least + 1));
}

function some<Item>(random: Random, items: readonly Item[], count: number): Item[] {
  const left = [...items];
  return Array.from({ length: Math.min(count, left.length) }, () => left.splice(Math.floor(random() * left.length), 1)[0]);
}

const images = ['node:20', 'node:18-alpine', 'python:3.12-slim', 'python:3.11', 'debian:bookworm-slim', 'ubuntu:22.04', 'alpine:3.19', 'golang:1.22', 'openjdk:17-jdk-slim', 'ruby:3.3', 'php:8.3-fpm', 'nginx:1.25', 'centos:7', 'fedora:39'];
const packages = ['ca-certificates', 'curl', 'git', 'wget', 'unzip', 'build-essential', 'libpq-dev', 'libssl-dev', 'libffi-dev', 'gnupg', 'jq', 'vim', 'procps', 'netcat', 'tzdata', 'locales', 'zlib1g-dev', 'libxml2-dev', 'libjpeg-dev', 'ffmpeg', 'imagemagick', 'rsync', 'openssh-client', 'supervisor', 'cron', 'sudo', 'make', 'cmake', 'ninja-build', 'pkg-config', 'python3-pip', 'dnsutils', 'iproute2', 'less', 'xz-utils'];
const words = ['atlas', 'beacon', 'cedar', 'delta', 'ember', 'falcon', 'garnet', 'harbor', 'indigo', 'juniper', 'kestrel', 'lumen', 'meadow', 'nimbus', 'onyx', 'parcel', 'quartz', 'raven', 'sable', 'tundra', 'umber', 'vector', 'willow', 'xenon', 'yonder', 'zephyr', 'billing', 'catalog', 'gateway', 'mailer', 'orders', 'search', 'reports', 'worker', 'proxy', 'metrics'];
const modules = ['flask', 'requests', 'numpy', 'pandas', 'gunicorn', 'redis', 'celery', 'boto3', 'sqlalchemy', 'pillow', 'lxml', 'scipy', 'psycopg2-binary', 'uvicorn', 'fastapi', 'jinja2', 'pyyaml', 'click'];

function word(random: Random): string {
  return `${pick(random, words)}${random() < 0.5 ? `-${pick(random, words)}` : ''}`;
}

function version(random: Random): string {
  return `${between(random, 0, 12)}.${between(random, 0, 30)}.${between(random, 0, 20)}`;
}

/** A step as a project has it for reasons of its own. */
function ownStep(random: Random): string {
  const name = word(random);
  const makers: readonly (() => string)[] = [
    () => `RUN apt-get update && apt-get install -y --no-install-recommends \\\n${some(random, packages, between(random, 3, 9)).map((one) => `    ${one} \\\n`).join('')}    && rm -rf /var/lib/apt/lists/*`,
    () => `RUN apk add --no-cache ${some(random, packages, between(random, 2, 6)).join(' ')}`,
    () => `RUN curl -fsSL https://github.com/${name}/${word(random)}/releases/download/v${version(random)}/${name}-linux-amd64.tar.gz | tar -xz -C /usr/local/bin`,
    () => `RUN wget -q https://downloads.${name}.example/${word(random)}-${version(random)}.zip -O /tmp/${name}.zip \\\n    && unzip /tmp/${name}.zip -d /opt/${name} \\\n    && rm /tmp/${name}.zip`,
    () => `RUN pip install --no-cache-dir ${some(random, modules, between(random, 2, 5)).map((one) => `${one}==${version(random)}`).join(' ')}`,
    () => `RUN npm install -g ${name}@${version(random)}`,
    () => `RUN groupadd -r ${name} && useradd -r -g ${name} -d /var/lib/${name} ${name}`,
    () => `RUN mkdir -p /var/log/${name} /etc/${name} && chown -R ${between(random, 100, 9999)} /var/log/${name}`,
    () => `RUN sed -i 's/${name}=no/${name}=yes/' /etc/${word(random)}.conf`,
    () => `RUN git clone --depth 1 --branch v${version(random)} https://github.com/${word(random)}/${name}.git /usr/src/${name} \\\n    && make -C /usr/src/${name} install`,
    () => `RUN go install github.com/${name}/${word(random)}@v${version(random)}`,
    () => `RUN ln -s /opt/${name}/bin/${word(random)} /usr/local/bin/${word(random)}`,
    () => `COPY ${pick(random, ['conf', 'etc', 'docker', 'scripts'])}/${name}.${pick(random, ['conf', 'yml', 'sh', 'json'])} /etc/${name}/`,
    () => `COPY ${name} /opt/${name}`,
    () => `ADD https://${name}.example/keys/${word(random)}.asc /etc/keys/`,
    () => `ENV ${name.toUpperCase().replaceAll('-', '_')}_VERSION=${version(random)}`,
    () => `ENV ${name.toUpperCase().replaceAll('-', '_')}_HOME=/opt/${name} LANG=C.UTF-8`,
    () => `ARG ${name.toUpperCase().replaceAll('-', '_')}_REF=v${version(random)}`,
    () => `WORKDIR /srv/${name}`, () => `USER ${name}`, () => `EXPOSE ${between(random, 1024, 9999)}`, () => `VOLUME /var/lib/${name}`, () => `LABEL maintainer="${name}@example.org"`,
  ];
  // RUN, COPY and ADD are two thirds of what real files have below FROM.
  return makers[random() < 0.66 ? Math.floor(random() * 15) : 15 + Math.floor(random() * 8)]();
}

/** What is in everybody's files. */
const idioms: Readonly<Record<string, readonly string[]>> = {
  node: ['WORKDIR /app', 'COPY package*.json ./', 'COPY package.json package-lock.json ./', 'RUN npm ci', 'RUN npm install', 'COPY . .', 'RUN npm run build', 'EXPOSE 3000', 'ENV NODE_ENV=production', 'CMD ["node", "server.js"]', 'CMD ["npm", "start"]'],
  python: ['WORKDIR /app', 'COPY requirements.txt .', 'RUN pip install --no-cache-dir -r requirements.txt', 'RUN pip install -r requirements.txt', 'COPY . .', 'ENV PYTHONUNBUFFERED=1', 'EXPOSE 8000', 'CMD ["python", "app.py"]'],
  golang: ['WORKDIR /src', 'WORKDIR /app', 'COPY go.mod go.sum ./', 'RUN go mod download', 'COPY . .', 'RUN CGO_ENABLED=0 go build -o /app .', 'EXPOSE 8080', 'CMD ["/app"]'],
  other: ['WORKDIR /app', 'COPY . .', 'COPY . /app', 'RUN apt-get update && apt-get install -y curl git', 'RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates curl && rm -rf /var/lib/apt/lists/*', 'RUN apk add --no-cache bash curl', 'RUN make', 'COPY entrypoint.sh /entrypoint.sh', 'RUN chmod +x /entrypoint.sh', 'ENTRYPOINT ["/entrypoint.sh"]', 'ENV LANG=C.UTF-8', 'EXPOSE 8080', 'RUN ln -sf /usr/share/zoneinfo/UTC /etc/localtime'],
};

function idiomsOf(image: string): readonly string[] {
  return [...idioms[image.split(':')[0]] ?? [], ...idioms.other];
}

/** Steps of a template or of a file of its own: habits among what only it has, in the habits' usual order. */
function steps(random: Random, image: string, count: number, habits: number): string[] {
  const own = Array.from({ length: count - habits }, () => ownStep(random));
  const known = idiomsOf(image);
  const used = some(random, known.map((_, i) => i), habits).toSorted((a, b) => a - b).map((i) => known[i]);
  const all = [...own];
  let at = 0;
  for (const one of used) {
    at = between(random, at, all.length);
    all.splice(at, 0, one);
    at++;
  }
  return all;
}

interface Made {
  readonly text: string;
  readonly step: number | undefined;
  readonly edit: Edit | undefined;
}

function edited(random: Random, text: string): { readonly text: string; readonly edit: Edit } | undefined {
  const kind = random();
  const versions = [...text.matchAll(/\d+\.\d+(?:\.\d+)?/g)];
  if (kind < rates.version) {
    if (versions.length === 0) return undefined;
    const at = pick(random, versions);
    const parts = at[0].split('.');
    const place = between(random, parts.length > 1 ? 1 : 0, parts.length - 1);
    parts[place] = String(Number(parts[place]) + between(random, 1, 3));
    return { edit: 'version', text: text.slice(0, at.index) + parts.join('.') + text.slice(at.index + at[0].length) };
  }
  const listed = packages.filter((name) => new RegExp(`[ ]${name}[ ]`).test(`${text} `));
  if (kind < rates.version + rates.packages) {
    if (listed.length < 2) return undefined;
    const one = pick(random, listed);
    const [before, after] = [text.slice(0, text.indexOf(` ${one}`)), text.slice(text.indexOf(` ${one}`) + one.length + 1)];
    if (random() < 0.4) return { edit: 'packages', text: text.includes(`    ${one} \\\n`) ? text.replace(`    ${one} \\\n`, '') : before + after };
    const more = pick(random, packages.filter((name) => !listed.includes(name)));
    return { edit: 'packages', text: text.includes(`    ${one} \\\n`) ? text.replace(`    ${one} \\\n`, `    ${one} \\\n    ${more} \\\n`) : `${before} ${one} ${more}${after}` };
  }
  const found = words.filter((name) => text.includes(name));
  if (found.length === 0) return undefined;
  return { edit: 'word', text: text.replaceAll(pick(random, found), pick(random, words)) };
}

function siblingSteps(random: Random, template: readonly string[]): Made[] {
  const share = random() * rates.edited;
  const made: Made[] = template.map((text, step) => {
    const change = random() < share ? edited(random, text) : undefined;
    return { text: change?.text ?? text, step, edit: change && change.text !== text ? change.edit : undefined };
  });
  // Not more than a fifth, whatever was drawn.
  const most = Math.floor(template.length * rates.edited);
  let count = 0;
  for (const [i, { edit }] of made.entries()) if (edit !== undefined && ++count > most) made[i] = { text: template[i], step: i, edit: undefined };
  if (random() < rates.swap && made.length > 2) {
    const at = between(random, 0, made.length - 2);
    made.splice(at, 2, made[at + 1], made[at]);
  }
  if (random() < rates.insert) made.splice(between(random, 0, made.length), 0, { text: ownStep(random), step: undefined, edit: undefined });
  if (random() < rates.drop && made.length > 3) made.splice(between(random, 0, made.length - 1), 1);
  return made;
}

function otherTag(random: Random, image: string): string {
  const change = /\d+(?=\D*$)/.exec(image);
  return change ? image.slice(0, change.index) + String(Number(change[0]) + between(random, 1, 2)) + image.slice(change.index + change[0].length) : `${image}-slim`;
}

function plantedFamily(random: Random, family: number): CorpusFile[] {
  const size = between(random, 2, 9);
  const stageCount = random() < rates.twoStages ? 2 : 1;
  const stages = Array.from({ length: stageCount }, () => {
    const image = pick(random, images);
    const count = between(random, 5, 14);
    return { image, template: steps(random, image, count, Math.min(count - 2, between(random, 0, 4))) };
  });
  const mixed = random() < rates.otherImage;
  const folder = word(random);
  return Array.from({ length: size }, (_, i) => {
    const path = random() < 0.5 ? `f${family}-${folder}/${pick(random, words)}-${i}/Dockerfile` : `f${family}-${folder}/Dockerfile.${pick(random, words)}-${i}`;
    const parts: Part[] = [];
    for (const [stage, { image, template }] of stages.entries()) {
      const base = mixed ? pick(random, images) : random() < rates.otherTag ? otherTag(random, image) : image;
      parts.push({ stage, step: -1, text: `FROM ${base}${stageCount > 1 && stage === 0 ? ` AS ${random() < 0.5 ? 'build' : pick(random, words)}` : ''}`, edit: base === image ? undefined : 'base' });
      for (const { text, step, edit } of siblingSteps(random, template)) parts.push({ stage, step, text, edit });
    }
    return fileOf(path, family, parts, random);
  });
}

type Part = Omit<CorpusLine, 'line'>;

function fileOf(path: string, family: number | undefined, parts: readonly Part[], random: Random): CorpusFile {
  let text = random() < 0.2 ? `# ${word(random)}\n` : '';
  const lines: CorpusLine[] = [];
  for (const part of parts) {
    if (random() < 0.15) text += '\n';
    if (random() < 0.1) text += `# ${word(random)} for ${word(random)}\n`;
    lines.push({ ...part, line: text.split('\n').length });
    text += `${part.text}\n`;
  }
  return { path, text, family, lines };
}

export function plantedCorpus(seed: number, families: number, unrelated: number): CorpusFile[] {
  const random = randomOf(seed);
  const files = Array.from({ length: families }, (_, i) => plantedFamily(random, i)).flat();
  for (let i = 0; i < unrelated; i++) files.push(unrelatedFile(random, i));
  return files;
}

export function unrelatedFile(random: Random, i: number): CorpusFile {
  const image = pick(random, images);
  const count = between(random, 4, 12);
  const parts: Part[] = [{ stage: 0, step: undefined, text: `FROM ${image}`, edit: undefined }];
  for (const text of steps(random, image, count, Math.min(count, between(random, 1, 5)))) parts.push({ stage: 0, step: undefined, text, edit: undefined });
  return fileOf(`u${i}-${word(random)}/Dockerfile`, undefined, parts, random);
}
