// THIRD-PARTY-NOTICES.txt: the packages whose code is in the bundles, by what esbuild has read, each with its licence.
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const file = 'THIRD-PARTY-NOTICES.txt';
const permissive = new Set(['0BSD', 'Apache-2.0', 'BlueOak-1.0.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT', 'Unlicense']);

/** `inputs`: files that are in a bundle. Throws where a licence does not allow it, and where the file says something else; or writes it. */
export function checkNotices(inputs, write) {
  const folders = new Set(inputs.map((input) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0]).filter((folder) => folder !== undefined));
  const notices = textOf([...folders].map(packageOf));
  if (write) writeFileSync(file, notices);
  else if (!existsSync(file) || readFileSync(file, 'utf8') !== notices) throw new Error(`${file} does not say whose code is in the bundles: node scripts/build.mjs --notices writes it anew`);
}

function packageOf(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  if (!permissive.has(license)) throw new Error(`${name} ${version} is bundled, and its licence is not known to be permissive: ${license}`);
  const texts = readdirSync(folder).filter((entry) => /^(?:licen[cs]e|copying|notice|thirdpartynotices)(?:[.-].*)?$/i.test(entry)).sort();
  return { name, version, license, text: texts.map((entry) => readFileSync(join(folder, entry), 'utf8').replaceAll('\r\n', '\n').trim()).join('\n\n') };
}

function textOf(packages) {
  const rule = '-'.repeat(100);
  const all = packages.toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.version < b.version ? -1 : 1));
  const parts = all.map(({ name, version, license, text }) => `${rule}\n${name} ${version} (${license})\n${rule}\n\n${text || `Its package has no text of a licence; it says ${license}.`}\n`);
  return `Strata contains code of these packages, under their licences.\n\n${parts.join('\n')}`;
}
