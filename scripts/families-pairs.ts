/** Pairs of siblings in fetched repositories: those that one template makes, and a sample of the others, to be read by somebody. */
import { writeFileSync } from 'node:fs';
import type { Family, Member } from '../server/src/core/family/model';
import type { Project } from '../server/test/families';
import { digest } from './engine/repositories';

export interface Measured {
  readonly repository: string;
  readonly project: Project;
  readonly families: readonly Family[];
}

/** Where a repository makes its Dockerfiles of templates: the stages of files that one makes should be one family, each with its like. */
const templates: Readonly<Record<string, (path: string) => string | undefined>> = {
  'docker-library/php': (path) => (/\/(apache|cli|fpm|zts)\//.exec(path) ? 'Dockerfile-linux.template' : undefined),
  'docker-library/python': (path) => (path.includes('windows') ? 'Dockerfile-windows.template' : 'Dockerfile-linux.template'),
  'docker-library/golang': (path) => (path.includes('windows') ? (path.includes('nanoserver') ? 'Dockerfile-windows-nanoserver.template' : 'Dockerfile-windows-servercore.template') : 'Dockerfile-linux.template'),
  'docker-library/ruby': () => 'Dockerfile.template',
  'docker-library/postgres': (path) => (path.includes('alpine') ? 'Dockerfile-alpine.template' : 'Dockerfile-debian.template'),
  'docker-library/openjdk': (path) => (path.includes('windows') ? (path.includes('nanoserver') ? 'Dockerfile-windows-nanoserver.template' : 'Dockerfile-windows-servercore.template') : 'Dockerfile-linux.template'),
  'docker-library/wordpress': (path) => (path.includes('cli/') ? 'cli-Dockerfile.template' : 'Dockerfile.template'),
  'docker-library/docker': (path) => /(cli|dind-rootless|dind|windows)(?=\/[^/]*$|\/)/.exec(path)?.[1],
};

/** Recall and precision over what the templates say. Files of one template and another image may have little in common. */
export function templatePairs(measured: readonly Measured[]): void {
  const total = { pairs: 0, found: 0, listed: 0, right: 0 };
  for (const { repository, project, families } of measured) {
    const templateOf = templates[repository];
    if (!templateOf) continue;
    const made = project.dockerfiles.filter((path) => templateOf(path) !== undefined);
    const groupOf = new Map<string, Set<number>>();
    families.forEach(({ members }, i) => members.forEach(({ file }) => groupOf.set(file, (groupOf.get(file) ?? new Set()).add(i))));
    const areTogether = (a: string, b: string): boolean => [...groupOf.get(a) ?? []].some((group) => groupOf.get(b)?.has(group));
    const own = { pairs: 0, found: 0, listed: 0, right: 0 };
    made.forEach((a, i) => made.slice(i + 1).forEach((b) => {
      const isPair = templateOf(a) === templateOf(b);
      const isListed = areTogether(a, b);
      own.pairs += Number(isPair);
      own.found += Number(isPair && isListed);
      own.listed += Number(isListed);
      own.right += Number(isPair && isListed);
    }));
    console.log(`${repository}: ${own.found} of ${own.pairs} pairs of one template found, ${own.right} of ${own.listed} found pairs are of one template`);
    for (const key of ['pairs', 'found', 'listed', 'right'] as const) total[key] += own[key];
  }
  console.log(`templates: recall ${(total.found / total.pairs).toFixed(3)}, precision ${(total.right / total.listed).toFixed(3)} over ${total.listed} pairs of files`);
}

/** Of each repository as many pairs as of another, drawn by a digest of the seed and the names, so that one large family is not all. */
export function chosenPairs(measured: readonly Measured[], count: number, seed: string): void {
  const drawn: { readonly key: string; readonly text: string }[] = [];
  for (const { repository, project, families } of measured) {
    if (templates[repository]) continue;
    const pairs = families.flatMap(({ members }) => members.flatMap((a, i) => members.slice(i + 1).map((b) => [a, b] as const)))
      .map((pair) => ({ pair, key: digest(`${seed} ${repository} ${JSON.stringify(pair)}`) })).toSorted((a, b) => (a.key < b.key ? -1 : 1));
    for (const { pair: [a, b], key } of pairs.slice(0, 3)) drawn.push({ key, text: `######## ${repository}\n${sideBySide(shown(project, a), shown(project, b))}` });
  }
  const chosen = drawn.toSorted((a, b) => (a.key < b.key ? -1 : 1)).slice(0, count);
  writeFileSync('out/pairs.txt', chosen.map(({ text }, i) => `${i + 1}. ${text}`).join('\n\n'));
  console.log(`pairs: ${chosen.length} of ${measured.length} repositories in out/pairs.txt, seed ${seed}`);
}

function shown(project: Project, { file, stage }: Member): string[] {
  return [`${file} stage ${stage}`, ...(project.text(file) ?? '').split('\n').filter((line) => line.trim() !== '' && !line.trimStart().startsWith('#'))];
}

function sideBySide(left: readonly string[], right: readonly string[]): string {
  return Array.from({ length: Math.max(left.length, right.length) }, (_, i) => `${(left[i] ?? '').slice(0, 90).padEnd(92)}| ${(right[i] ?? '').slice(0, 90)}`).slice(0, 45).join('\n');
}
