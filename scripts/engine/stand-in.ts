/**
 * The image that stands in for every base of a replayed Dockerfile. Its shell does not obey: it writes what a build would,
 * a digest of the sources and manifests that lie there, so that its output changes where a compiler's would.
 */
import { tarOver, type TarFile } from './tar';

export interface StandIn {
  /** Programs that RUN starts: without a leading slash. */
  readonly programs: readonly string[];
  /** Files and folders (ending in `/`) that COPY --from and mounts read of another stage or image. */
  readonly outputs: readonly string[];
  readonly users: readonly string[];
}

/** `files`: a small file system with a shell as /.strata/sh. `salt`: nobody else's; `reference`: what it stands in for. */
export function standInFiles(files: Buffer, { programs, outputs, users }: StandIn, salt: string, reference: string): Buffer {
  const over: TarFile[] = [
    { path: '.strata/for', text: `${salt} ${reference}\n` },
    { path: '.strata/salt', text: salt },
    { path: '.strata/outputs', text: outputs.map((path) => `/${path}\n`).join('') },
    { path: '.strata/ran/', mode: 0o777 },
    ...outputs.flatMap((path): TarFile[] => (path.endsWith('/') ? [{ path, mode: 0o777 }, { path: `${path}stand-in`, text: 'stand-in\n', mode: 0o666 }] : [{ path, text: 'stand-in\n', mode: 0o666 }])),
    ...programs.map((path): TarFile => ({ path, text: program, mode: 0o755 })),
  ];
  if (users.length > 0) {
    over.push({ path: 'etc/passwd', text: ['root:x:0:0::/:/bin/sh', ...users.map((user, i) => `${user}:x:${1000 + i}:${1000 + i}::/:/bin/sh`), ''].join('\n') });
    over.push({ path: 'etc/group', text: ['root:x:0:', ...users.map((user, i) => `${user}:x:${1000 + i}:`), ''].join('\n') });
  }
  return tarOver(files, over);
}

const sources = ['go', 'js', 'mjs', 'ts', 'tsx', 'jsx', 'py', 'java', 'kt', 'cs', 'fs', 'c', 'cc', 'cpp', 'h', 'rs', 'rb', 'php', 'ex', 'exs', 'erl', 'swift', 'scala', 'proto', 'css', 'scss', 'html', 'vue'].map((ending) => `*.${ending}`);
const manifests = ['package*.json', 'yarn.lock', 'pnpm-lock.yaml', 'requirements*.txt', 'pyproject.toml', 'poetry.lock', 'Pipfile*', 'go.mod', 'go.sum', 'pom.xml', '*.gradle', '*.csproj', '*.sln', 'Gemfile*', 'composer.*', 'Cargo.*', 'mix.*'];
const anyOf = (names: readonly string[]): string => names.map((name) => `-name '${name}'`).join(' -o ');

/** What it writes depends on nothing but its text and the files below the working directory: a build that is done again writes the same. */
const program = `#!/.strata/sh
PATH=/bin:/usr/bin:/sbin:/usr/sbin
say="$0 $*"
name=$(echo "$say" | sha256sum | cut -c1-16)
echo "$say" >"/.strata/ran/$name" 2>/dev/null
below() {
  find . -xdev \\( -path ./.strata -o -path ./proc -o -path ./sys -o -path ./dev \\) -prune -o -type f \\( "$@" \\) -exec sha256sum {} + 2>/dev/null | sort
}
case "$say" in
  *build*|*compile*|*publish*|*package*|*make*|*bundle*|*mvn*|*gradle*|*webpack*)
    sum=$({ echo "$say"; below ${anyOf([...sources, ...manifests])}; } | sha256sum | cut -c1-40) ;;
  *install*|*restore*|*download*|*" ci"*|*sync*)
    sum=$({ echo "$say"; below ${anyOf(manifests)}; } | sha256sum | cut -c1-40) ;;
  *) exit 0 ;;
esac
while read -r file; do
  case "$file" in */) file="\${file}stand-in" ;; esac
  if [ -e "$file" ]; then grep -q '^stand-in' "$file" || continue; fi
  mkdir -p "\${file%/*}/" 2>/dev/null
  echo "stand-in $(cat /.strata/salt) $sum" >"$file" 2>/dev/null
done </.strata/outputs
exit 0
`;
