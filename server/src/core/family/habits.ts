/**
 * Steps that everybody has (`COPY . .`, `RUN npm ci`, `apt-get install curl`): that two Dockerfiles have them makes no siblings of them.
 * Told by the words alone, so that no file's siblings depend on what else is looked at; the list is measured in docs/families.md.
 */

const usual = new Set([
  'RUN COPY ADD shell exec . ./ / src src/ dist /src /app /app/ /usr/src/app',
  '-y -r -p -q -c -x -m -f -s -e -o -ex -eux -sf -rf +x --from set && || ; \\ i run all clean',
  'apt-get apt apk add yum dnf update upgrade install autoremove --no-cache --no-install-recommends --no-cache-dir --update --virtual rm /var/lib/apt/lists/*',
  'npm ci yarn pnpm build start --production --only=production --omit=dev package.json package*.json package-lock.json yarn.lock',
  'pip pip3 requirements.txt poetry pyproject.toml poetry.lock python3 python3-pip',
  'go mod download go.mod go.sum CGO_ENABLED=# make mvn package gradle bundle Gemfile Gemfile.lock composer cargo --release Cargo.toml Cargo.lock dotnet restore publish *.csproj',
  'curl wget git ca-certificates bash vim unzip tar gnupg build-essential jq sudo gcc g++ tzdata locales openssh-client procps',
  'chmod chown mkdir ln entrypoint.sh docker-entrypoint.sh /entrypoint.sh /docker-entrypoint.sh start.sh /start.sh run.sh /run.sh healthcheck.sh /healthcheck.sh --chmod=# --chmod=+x /usr/share/zoneinfo/UTC /etc/localtime',
].join(' ').split(' ').map((word) => word.replace(/\d+/g, '#')));

/** `text`: of a step, without its versions. */
export function isHabit(text: string): boolean {
  let start = 0;
  for (let at = 0; at <= text.length; at++) {
    const code = at === text.length ? 0 : text.charCodeAt(at);
    if (code > 0x20) continue;
    // Mostly the first word tells.
    if (at > start && !usual.has(text.slice(start, at))) return false;
    start = at + 1;
  }
  return true;
}
