/** What package managers leave behind: lists of packages, and what they fetched. None of it is read when the image runs. */

interface Cache {
  /** From the root; `~`: of the home folder of root, or of anybody. */
  readonly folder: string;
  /** What the files' names end with, where others in the folder are wanted. */
  readonly ends?: string;
}

const caches: readonly Cache[] = [
  // apt: `apt-get update` writes the lists anew (apt-get(8): update, clean).
  { folder: 'var/lib/apt/lists' },
  { folder: 'var/cache/apt/archives', ends: '.deb' },
  { folder: 'var/cache/apt', ends: '.bin' },
  // apk add without --no-cache, after apk update (apk-cache(5)).
  { folder: 'var/cache/apk' },
  { folder: 'etc/apk/cache' },
  // yum.conf(5) and dnf.conf(5): cachedir; libdnf5 is dnf 5's.
  { folder: 'var/cache/yum' },
  { folder: 'var/cache/dnf' },
  { folder: 'var/cache/libdnf5' },
  // zypper(8) clean; pacman.conf(5) CacheDir.
  { folder: 'var/cache/zypp' },
  { folder: 'var/cache/pacman/pkg' },
  // pip: "Caching" in its user guide; uv and Poetry: `uv cache dir`, `poetry config cache-dir`.
  { folder: '~/.cache/pip' },
  { folder: '~/.cache/uv' },
  { folder: '~/.cache/pypoetry' },
  // npm: `npm config get cache`, _cacache below it (npm-cache(1)); Yarn 1: `yarn cache dir`, for root below /usr/local/share.
  { folder: '~/.npm/_cacache' },
  { folder: '~/.cache/yarn' },
  { folder: 'usr/local/share/.cache/yarn' },
  // Go: `go env GOCACHE`; Cargo: "Cargo Home", registry/cache holds the archives that were unpacked.
  { folder: '~/.cache/go-build' },
  { folder: '~/.cargo/registry/cache' },
  { folder: 'usr/local/cargo/registry/cache' },
  // Composer: COMPOSER_CACHE_DIR.
  { folder: '~/.composer/cache' },
  { folder: '~/.cache/composer' },
  // conda: pkgs_dirs; what is linked into an environment takes no room here.
  { folder: 'opt/conda/pkgs' },
];

const home = /^(?:root|home\/[^/]+)(?=\/)/;

/** The cache's folder that a file belongs to (`root/.cache/pip` of `root/.cache/pip/http/0`); undefined of a file in none. */
export function leftOverOf(path: string): string | undefined {
  const owner = home.exec(path)?.[0];
  const short = owner === undefined ? path : `~${path.slice(owner.length)}`;
  const cache = caches.find(({ folder, ends = '' }) => short.startsWith(`${folder}/`) && short.endsWith(ends));
  return cache && (owner === undefined ? cache.folder : `${owner}${cache.folder.slice(1)}`);
}

/** What a shell is to delete of such a folder: of the system's, what is in it; a user's own goes as a whole. */
export function cleaningOf(folder: string): string {
  const ends = caches.find((cache) => cache.folder === folder)?.ends ?? '';
  return folder.startsWith('var/') || folder.startsWith('etc/') ? `/${folder}/*${ends}` : `/${folder}`;
}
