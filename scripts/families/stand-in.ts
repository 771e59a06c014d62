/**
 * The image that stands in for every base of a family. Its shell writes down what it was handed, command line, environment,
 * working directory, user, mounts and the files that lie there, so that a step which is handed anything else makes another
 * file; in written cases it then does as it is told, in fetched ones it does nothing, and succeeds.
 */
import { tarOver, type TarFile } from '../engine/tar';
import { standInRoot } from '../fixes/stand-in';

export interface StandIn {
  /** Commands are carried out, too. */
  readonly obeys: boolean;
  /** Programs that a RUN starts without a shell, or instead of /bin/sh: without a leading slash. */
  readonly programs: readonly string[];
  /** Files and folders (ending in `/`) that COPY --from reads: each RUN writes into them what it was handed. */
  readonly outputs: readonly string[];
  readonly users: readonly string[];
}

const shells = ['bin/sh', 'bin/bash', 'bin/ash', 'bin/dash', 'bin/zsh', 'usr/bin/bash', 'usr/bin/env', 'usr/local/bin/bash'];

/** `files`: a small file system with a shell as /.strata/sh; `salt`: no other image has it. */
export function standInFiles(files: Buffer, { obeys, programs, outputs, users }: StandIn, salt: string): Buffer {
  const names = [...new Set(['app', 'node', ...users])].filter((name) => name !== 'root');
  const over: TarFile[] = [
    { path: '.strata/salt', text: salt },
    { path: '.strata/ran/', mode: 0o777 },
    { path: '.strata/outputs', text: outputs.map((path) => `/${path}\n`).join('') },
    ...(obeys ? [{ path: '.strata/obeys' }] : []),
    ...outputs.flatMap((path): TarFile[] => (path.endsWith('/') ? [{ path, mode: 0o777 }, { path: `${path}stand-in`, text: 'stand-in\n', mode: 0o666 }] : [{ path, text: 'stand-in\n', mode: 0o666 }])),
    ...[...new Set([...shells, ...programs])].map((path): TarFile => ({ path, text: recorder, mode: 0o755 })),
    { path: 'etc/passwd', text: ['root:x:0:0::/root:/bin/sh', ...names.map((name, i) => `${name}:x:${1000 + i}:${1000 + i}::/home/${name}:/bin/sh`), ''].join('\n') },
    { path: 'etc/group', text: ['root:x:0:', ...names.map((name, i) => `${name}:x:${1000 + i}:`), ''].join('\n') },
  ];
  return tarOver(standInRoot(files, salt), over);
}

/**
 * A file for each RUN, in their order. The files that it sees: by content, without what the image itself is made of, and
 * without those that say how a project is built, whose texts an extraction changes. No time is in it.
 */
const recorder = `#!/.strata/sh
if [ -n "$STRATA_WITHIN" ]; then exec /.strata/sh "$@"; fi
OLDPATH=$PATH
environment=$(/bin/tr '\\0' '\\n' </proc/$$/environ | /bin/sort)
PATH=/bin:/usr/bin:/sbin:/usr/sbin
n=000
for file in /.strata/ran/*; do [ ! -e "$file" ] || n=$((1\${file##*/} - 999)); done
case $n in ?) n=00$n ;; ??) n=0$n ;; esac
{
  echo "program $0"
  for word in "$@"; do echo "argument $word"; case "$word" in /dev/pipes/*) cat "$word" ;; esac; done
  echo "directory $(pwd -P)"
  while read -r name ids; do case "$name" in Uid:|Gid:|Groups:) echo "$name" $ids ;; esac; done </proc/self/status
  echo "$environment"
  while read -r _ _ _ _ place options _; do
    case "$place" in
      /|/proc|/proc/*|/sys|/sys/*|/dev|/dev/[!p]*|/dev/pts|/etc/resolv.conf|/etc/hosts|/etc/hostname|/.dockerenv) ;;
      *) echo "mount $place $options"; find "$place" -type f -exec sha256sum {} + 2>/dev/null | sort ;;
    esac
  done </proc/self/mountinfo
  find / -xdev \\( -path /proc -o -path /sys -o -path /dev -o -path /bin -o -path /sbin -o -path /lib -o -path /lib64 -o -path /usr/bin -o -path /usr/sbin -o -path /usr/local/bin -o -path /usr/lib/stand-in -o -path /.strata \\
    -o -path /etc/hosts -o -path /etc/resolv.conf -o -name 'Dockerfile*' -o -name '*.Dockerfile' -o -name '*.dockerfile' -o -name 'docker-bake*' -o -name '*compose*.y*ml' \\) -prune -o -type f -exec sha256sum {} + 2>/dev/null | sort -k 2
} >/.strata/ran/$n 2>/dev/null
if [ -s /.strata/outputs ]; then
  sum=$(cat /.strata/ran/* | sha256sum)
  while read -r file; do
    case "$file" in */) file="\${file}stand-in" ;; esac
    if [ -e "$file" ]; then read -r first <"$file"; case "$first" in stand-in*) ;; *) continue ;; esac; else mkdir -p "\${file%/*}/" 2>/dev/null; fi
    echo "stand-in $sum" >"$file" 2>/dev/null
  done </.strata/outputs
fi
[ -e /.strata/obeys ] || exit 0
PATH=$OLDPATH
export STRATA_WITHIN=1
case "$0" in
  */sh|*/bash|*/ash|*/dash|*/zsh) exec /.strata/sh "$@" ;;
  */env) exec "$@" ;;
esac
exit 0
`;
