/**
 * The stand-in: a small image whose package managers read what the real ones' documentation says they read, and write what
 * follows from it, so that an install that reads other files writes other files. No network, no time, no chance in it.
 */
import { tarOver } from '../engine/tar';
import { tarBelow } from './files';

const tools = [
  'npm', 'yarn', 'pnpm', 'bun', 'node', 'pip', 'pip3', 'python', 'python3', 'uv', 'poetry', 'pipenv', 'pdm', 'conda', 'go', 'cargo', 'bundle', 'gem', 'composer',
  'mvn', 'gradle', 'dotnet', 'mix', 'dart', 'swift', 'apt-get', 'apk', 'git', 'make', 'gcc', 'corepack', 'update-ca-certificates', 'adduser', 'stand-in', 'stand-in-program',
];

/** Names that bases have. */
const users = ['app', 'node', 'www-data', 'nginx', 'appuser', 'nonroot', 'user', 'python', 'nextjs', 'postgres', 'runner', 'redis', 'jovyan', 'ubuntu', 'nobody', 'rails', 'django', 'bun', 'deno', 'gradle', 'elixir', 'www'];

/** `files`: a small file system with a shell as /.strata/sh; `salt`: no other image has it. */
export function standInRoot(files: Buffer, salt: string): Buffer {
  // Whatever image it is: nothing of an application's is in it.
  return tarOver(tarBelow(files, /^(?:\.strata|bin|sbin|lib|lib64|tmp|usr\/(?:bin|sbin|lib|lib64))(?:\/|$)/), [
    { path: '.strata/lane', text: salt },
    { path: 'usr/lib/python3/site-packages/', mode: 0o755 },
    { path: 'home/app/', mode: 0o777 },
    { path: 'etc/passwd', text: ['root:x:0:0::/root:/bin/sh', ...users.map((user, i) => `${user}:x:${1000 + i}:${1000 + i}::/home/${user}:/bin/sh`), ''].join('\n') },
    { path: 'etc/group', text: ['root:x:0:', ...users.map((user, i) => `${user}:x:${1000 + i}:`), ''].join('\n') },
    ...tools.map((name) => ({ path: `usr/local/bin/${name}`, text: program, mode: 0o755 })),
  ]);
}

/**
 * npm: package.json, package-lock.json, .npmrc, the root's install scripts (docs.npmjs.com/cli). pip: requirements files with
 * what they include, paths, links, its variables and configuration file (pip.pypa.io); python: the working directory and
 * PYTHONPATH come before its own modules (docs.python.org, sys.path). Others: the manifests by their names.
 */
const program = `#!/.strata/sh
PATH=/bin:/usr/bin:/sbin:/usr/sbin:/usr/local/sbin:/usr/local/bin
me=\${0##*/}
out=/usr/lib/stand-in
mkdir -p $out 2>/dev/null || { out=/home/app/.stand-in; mkdir -p $out; }
sum() { sha256sum | cut -c1-40; }
below() { find . -xdev \\( -path ./proc -o -path ./sys -o -path ./dev -o -path ./usr/lib/stand-in -o -name node_modules \\) -prune -o -type f -exec sha256sum {} + | sort; }

npm_tool() {
  verb=; all="$*"
  while [ $# -gt 0 ]; do
    case "$1" in
      --prefix|-C) cd "$2" || exit 1; shift ;;
      --prefix=*) cd "\${1#*=}" || exit 1 ;;
      -*) ;;
      *) [ -n "$verb" ] || verb=$1 ;;
    esac
    shift
  done
  case "$verb" in
    ci|install|i)
      case "$all" in *-g*) echo "$all" | sum >"$out/npm-global"; return ;; esac
      [ -f package.json ] || { echo "npm error enoent package.json" >&2; exit 254; }
      [ "$verb" != ci ] || [ -f package-lock.json ] || { echo "npm error: npm ci wants a package-lock.json" >&2; exit 1; }
      [ "$verb" != ci ] || rm -rf node_modules
      [ "$verb" = ci ] || [ -f package-lock.json ] || echo '{"lockfileVersion": 3, "packages": {"": {}}}' >package-lock.json
      for name in $(grep -o '"node_modules/[^"]*"' package-lock.json | tr -d '"'); do
        mkdir -p "$name"
        { echo "$name"; cat .npmrc 2>/dev/null; } | sum >"$name/package.json"
      done
      mkdir -p node_modules
      cat package.json package-lock.json | sum >node_modules/.package-lock.json ;;
    run) { echo "$all"; below; } | sum >"$out/npm-run" ;;
  esac
}

links=
site=\${VIRTUAL_ENV:-/usr/lib/python3}/site-packages
put() {
  name=$(echo "$1" | sed 's/[]=<>~!; [].*//')
  mkdir -p "$site/$name" || exit 1
  { echo "$1"; [ -z "$PIP_CONSTRAINT" ] || cat $PIP_CONSTRAINT; [ -z "$PIP_CONFIG_FILE" ] || cat "$PIP_CONFIG_FILE"; for l in $links $PIP_FIND_LINKS; do [ ! -d "$l" ] || cat "$l/$name"-* 2>/dev/null; done; true; } >"$site/$name/METADATA"
}
local_package() {
  [ -e "$1" ] || { echo "pip: $1 is not there" >&2; exit 1; }
  name=local-$(echo "$1" | tr -c 'a-z0-9\\n' _)
  mkdir -p "$site/$name"
  if [ -d "$1" ]; then (cd "$1" && below | grep -v "$site"); else sha256sum <"$1"; fi | sum >"$site/$name/METADATA"
}
requirements() {
  [ -f "$1" ] || { echo "pip: no $1" >&2; exit 1; }
  sed -e 's/\\(^\\| \\)#.*//' -e 's/\\r$//' -e 's/ *$//' "$1" | while read -r line; do
    dir=$(dirname "$1")
    case "$line" in
      '') ;;
      -r*|-c*) requirements "$dir/$(echo "$line" | sed 's/^-[rc] *//')" || exit 1 ;;
      -e*) local_package "$(echo "$line" | sed 's/^-e *//')" || exit 1 ;;
      -f*|--find-links*) at=$(echo "$line" | sed 's/^[a-z-]*[ =]*//'); [ ! -d "$dir/$at" ] || at="$dir/$at"; links="$links $at" ;;
      -*) ;;
      ./*|../*|/*|*.whl) local_package "$line" || exit 1 ;;
      *) put "$line" ;;
    esac
  done
}
pip_tool() {
  case "$1" in install|download) shift ;; *) return ;; esac
  while [ $# -gt 0 ]; do
    case "$1" in
      -r|-c) requirements "$2" || exit 1; shift ;;
      --requirement=*) requirements "\${1#*=}" || exit 1 ;;
      -r*) requirements "\${1#-r}" || exit 1 ;;
      --index-url|--extra-index-url|-i|--trusted-host|--timeout) shift ;;
      -*) ;;
      .|./*|/*) local_package "$1" || exit 1 ;;
      *) put "$1" ;;
    esac
    shift
  done
}
python_tool() {
  for folder in $(echo "$PYTHONPATH" | tr : ' '); do [ ! -f "$folder/sitecustomize.py" ] || sum <"$folder/sitecustomize.py" >"$out/sitecustomize"; done
  if [ "$1 $2" = "-m pip" ]; then
    shift 2
    for folder in . $(echo "$PYTHONPATH" | tr : ' '); do
      if [ -f "$folder/pip.py" ]; then sum <"$folder/pip.py" >"$out/pip"; return; fi
    done
    pip_tool "$@"
  elif [ "$1" != --version ]; then { echo "$*"; below; } | sum >"$out/python"; fi
}

apt_tool() {
  verb=
  for word in "$@"; do
    case "$word" in
      -*) ;;
      *)
        if [ -z "$verb" ]; then
          verb=$word
          [ "$verb" != update ] || { mkdir -p /var/lib/apt/lists && echo lists >/var/lib/apt/lists/packages; }
        elif [ "$verb" = install ]; then
          [ -f /var/lib/apt/lists/packages ] || { echo "E: Unable to locate package $word" >&2; exit 100; }
          mkdir -p "/usr/share/doc/$word"
          echo "$word" >"/usr/share/doc/$word/copyright"
        fi ;;
    esac
  done
}

manifests() { cat package.json yarn.lock pnpm-lock.yaml bun.lock go.mod go.sum Gemfile Gemfile.lock composer.json composer.lock pyproject.toml poetry.lock uv.lock Pipfile Pipfile.lock pdm.lock environment.yml pom.xml *.gradle *.csproj mix.exs mix.lock pubspec.yaml Package.swift 2>/dev/null; }

case "$me" in
  stand-in)
    for name in "$@"; do
      case "$name" in
        .*) ;;
        =*/) mkdir -p "\${name#=}" && echo made >"\${name#=}made" ;;
        =*) [ -e "\${name#=}" ] || { name=\${name#=} && mkdir -p "\${name%/*}/" && echo made >"$name"; } ;;
        */*) [ -e "/\${name#/}" ] || { mkdir -p "/\${name%/*}" && ln -s /usr/local/bin/stand-in-program "/\${name#/}"; } ;;
        *) command -v "$name" >/dev/null || ln -s /usr/local/bin/stand-in-program "/usr/local/bin/$name" ;;
      esac
    done ;;
  npm) npm_tool "$@" ;;
  pip|pip3) [ -z "$PYTHONPATH" ] || python_tool --version; pip_tool "$@" ;;
  python|python3) python_tool "$@" ;;
  apt-get) apt_tool "$@" ;;
  apk) for word in "$@"; do case "$word" in -*|add|update) ;; *) mkdir -p /lib/apk && echo "$word" >>/lib/apk/installed ;; esac; done ;;
  update-ca-certificates) mkdir -p /etc/ssl/certs && { find /usr/local/share/ca-certificates -type f -exec cat {} + 2>/dev/null; } | sum >/etc/ssl/certs/ca-certificates.crt ;;
  adduser)
    home=; for word in "$@"; do [ "$home" != -h ] || home=$word; case "$home $word" in ' -h') home=-h ;; esac; done
    name=$word; home=\${home:-/home/$name}
    [ -d "$home" ] || { mkdir -p "$home" && echo "# $name" >"$home/.profile" && chown 1000:1000 "$home"; } ;;
  yarn|pnpm|bun) mkdir -p node_modules && manifests | sum >node_modules/.integrity ;;
  node|make|gcc) { echo "$me $*"; below; } | sum >"$out/$me" ;;
  *)
    case " $*" in
      *" build"*|*" test"*|*" publish"*|*" compile"*) { echo "$*"; below; } | sum >"$out/$me-build" ;;
      *) { echo "$*"; manifests; } | sum >"$out/$me" ;;
    esac ;;
esac
`;
