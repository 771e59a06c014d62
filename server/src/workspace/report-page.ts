/** A report → one HTML page: nothing is loaded, no script runs, and it can be read, printed and listened to as it is. */
import { createHash } from 'node:crypto';
import { normalName } from '../core/image/reference';
import { concerned, saying } from '../core/rules/concerned';
import { pageOf, rules } from '../core/rules/index';
import { bytes, plural } from '../core/rules/words';
import { readDockerfile } from '../core/syntax/read';
import type { CheckedFile } from './check-files';
import { html, nothing, trusted, type Html } from './html';
import { pictureOf } from './report-picture';
import type { Report, ReportedFamily, ReportedFile } from './report';
import { styles } from './report-style';
import { cut } from './terminal';

/** What an image of one of the files wastes. */
export interface ReportedWaste {
  readonly file: string;
  readonly image: string;
  readonly size: number;
  readonly wasted: number;
  /** Why the lines may not be those of the image. */
  readonly doubt?: string;
  /** The largest first. */
  readonly items: readonly WastedItem[];
  readonly fixes: readonly { readonly line: number; readonly title: string; readonly safe: boolean }[];
}

interface WastedItem {
  readonly kind: string;
  readonly path: string;
  readonly files?: number;
  readonly bytes: number;
  /** Which wrote it, and which made it a waste: undefined where that is the same. */
  readonly line: WrittenBy;
  readonly byLine?: WrittenBy;
}

type WrittenBy = number | 'base' | null;

/** So much is listed; of the rest is said how much it is. */
const most = { findings: 60, families: 60, members: 24, steps: 8, drift: 12, files: 1000, waste: 15, fixes: 8, complaints: 10 } as const;
/** Bytes of drawings: of all, and of one. */
const drawings = { all: 700_000, one: 120_000 } as const;

/** What they find is said with the families. */
const ofFamilies: ReadonlySet<string> = new Set(['shared-steps', 'drifted-step']);

export function reportPage(name: string, { files, families, checked, complaints }: Report, waste: readonly ReportedWaste[]): string {
  const title = `Layers of ${name}`;
  const losses = checked.map((file) => ({ ...file, findings: file.findings.filter(({ rule }) => !ofFamilies.has(rule)) }));
  const findings = losses.reduce((sum, file) => sum + file.findings.length, 0);
  return `<!doctype html>\n${html`<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-${createHash('sha256').update(styles).digest('base64')}'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>${trusted(styles)}</style>
</head>
<body>
<header>
<h1>${title}</h1>
<p>What ${plural(files.length, 'Dockerfile')} become, what they share, and what makes their builds run again. Nothing was built for it.</p>
<nav aria-label="Parts of the report"><ul>
<li><a href="#losses">Cache losses</a></li>
<li><a href="#families">Families</a></li>
${waste.length === 0 ? nothing : html`<li><a href="#waste">Waste</a></li>`}
<li><a href="#files">Dockerfiles</a></li>
</ul></nav>
</header>
<main>
${totals(files, families, losses, findings)}
<section aria-labelledby="losses">
<h2 id="losses">Cache losses</h2>
${findings === 0 ? html`<p class="none">Nothing found in ${plural(files.length, 'Dockerfile')}.</p>` : rules.map(({ name, finds }) => lossesOf(name, finds(), losses))}
</section>
<section aria-labelledby="families">
<h2 id="families">Families</h2>
${families.length === 0 ? html`<p class="none">No Dockerfiles have steps in common.</p>` : familiesOf(families)}
</section>
${waste.length === 0 ? nothing : html`<section aria-labelledby="waste">
<h2 id="waste">Waste</h2>
${waste.map(wasteOf)}
</section>`}
<section aria-labelledby="files">
<h2 id="files">Dockerfiles</h2>
${filesOf(files)}
</section>
${complaints.length === 0 ? nothing : html`<section aria-labelledby="unread">
<h2 id="unread">Not read</h2>
<ul>${complaints.slice(0, most.complaints).map((one) => html`<li>${cut(one, 300)}</li>`)}</ul>
${more(complaints.length, most.complaints, 'line')}
</section>`}
</main>
<footer><p>Made by <a href="https://github.com/strata-layers/strata">Strata</a>. Layers are those that each file writes itself, its base’s apart; those of a base are known to nobody without its image.</p></footer>
</body>
</html>
`.markup}`;
}

function totals(files: readonly ReportedFile[], families: readonly ReportedFamily[], checked: readonly CheckedFile[], findings: number): Html {
  const layers = files.reduce((sum, file) => sum + (file.layers ?? 0), 0);
  const saved = families.reduce((sum, { best }) => sum + (best?.saves.instructions ?? 0), 0);
  const safe = checked.reduce((sum, file) => sum + file.findings.filter(({ fixes }) => fixes.some((fix) => fix.safe)).length, 0);
  const drifts = families.reduce((sum, { family }) => sum + family.drift.length, 0);
  const tiles: readonly (readonly [number, string, string])[] = [
    [files.length, nouns(files.length, 'Dockerfile'), plural(new Set(files.map(({ base }) => base)).size, 'base image')],
    [layers, nouns(layers, 'layer'), 'of their own'],
    [findings, findings === 1 ? 'cache loss' : 'cache losses', `${safe} with a safe fix`],
    [families.length, families.length === 1 ? 'family' : 'families', plural(new Set(families.flatMap(({ family }) => family.members.map(({ file }) => file))).size, 'file')],
    [saved, `${nouns(saved, 'instruction')} less`, 'with bases extracted'],
    [drifts, nouns(drifts, 'drifted step'), 'unlike most siblings'],
  ];
  return html`<dl class="totals">
${tiles.map(([number, what, detail]) => html`<div><dt>${what}</dt><dd class="number">${number}</dd><dd>${detail}</dd></div>`)}
</dl>`;
}

/** Without the number. */
function nouns(number: number, noun: string): string {
  return number === 1 ? noun : `${noun}s`;
}

function more(all: number, shown: number, noun: string): Html {
  return all <= shown ? nothing : html`<p class="more">and ${noun === 'fix' && all - shown > 1 ? `${all - shown} fixes` : plural(all - shown, noun)} more</p>`;
}

function lossesOf(rule: string, title: string, checked: readonly CheckedFile[]): Html {
  const found = checked.flatMap(({ inRepository, text, findings }) => {
    const own = findings.filter((finding) => finding.rule === rule);
    if (own.length === 0) return [];
    const dockerfile = readDockerfile(text);
    return own.map((finding) => ({ file: inRepository, finding, instruction: concerned(dockerfile, { ...finding, related: [] }).map(saying)[0] ?? text.slice(finding.span.start, finding.span.end) }));
  });
  if (found.length === 0) return nothing;
  return html`<details${found.length <= 12 ? trusted(' open') : nothing}>
<summary><h3>${title}</h3> <span class="count">${found.length}</span></summary>
<p><a href="${pageOf(rule)}">${rule}</a>: when the rule speaks, and what its fixes change</p>
<div class="wide" role="region" tabindex="0" aria-label="${`Findings of ${rule}`}"><table class="findings">
<caption class="quiet">${plural(found.length, 'finding')} of ${rule}</caption>
<thead><tr><th scope="col">Where</th><th scope="col">Instruction</th><th scope="col">What is lost, and what mends it</th></tr></thead>
<tbody>${found.slice(0, most.findings).map(({ file, instruction, finding: { line, message, fixes } }) => html`<tr><th scope="row"><code>${file}</code> <span class="line">line ${String(line)}</span></th><td><code>${cut(instruction, 90)}</code></td><td>${prose(cut(message, 400))}${fixOf(fixes)}</td></tr>`)}</tbody>
</table></div>
${more(found.length, most.findings, 'finding')}
</details>`;
}

function fixOf([fix]: readonly { readonly title: string; readonly safe: boolean }[]): Html {
  return fix === undefined ? nothing : html`<div class="fix"><b>${fix.safe ? 'Safe fix' : 'Fix'}</b> ${prose(cut(fix.title, 300))}</div>`;
}

/** What stands between backquotes is code. */
function prose(text: string): Html {
  return html`${text.split('`').map((part, i, { length }) => (i % 2 === 1 && i < length - 1 ? html`<code>${part}</code>` : html`${part}`)).reduce((all, part) => html`${all}${part}`, nothing)}`;
}

function familiesOf(families: readonly ReportedFamily[]): Html {
  let left: number = drawings.all;
  let drawn = 0;
  const parts = families.slice(0, most.families).map((one, i) => {
    const drawing = left > 0 ? one.drawing() : '';
    const picture = drawing === '' ? nothing : trusted(pictureOf(drawing, drawn++));
    const fits = picture.markup.length <= Math.min(left, drawings.one);
    if (fits) left -= picture.markup.length;
    return familyOf(one, i, fits ? picture : nothing);
  });
  return html`${drawn === 0 ? nothing : key}
${parts}
${families.length <= most.families ? nothing : html`<p class="more">and ${families.length - most.families} more families</p>`}`;
}

const key = html`<ul class="key" aria-label="How the drawings are read">
<li><span class="swatch shared"></span>one layer for several images</li>
<li><span class="swatch ours"></span>a layer of one image</li>
<li><span class="swatch base"></span>the base image</li>
<li><span class="swatch drifts"></span>unlike most siblings</li>
</ul>`;

function familyOf({ family: { members, base, sharedSteps, drift, candidates }, best, ways }: ReportedFamily, index: number, picture: Html): Html {
  const files = [...new Set(members.map(({ file }) => file))];
  const shared = sharedSteps.filter(({ kind }) => kind !== 'near').toSorted((a, b) => b.members.length - a.members.length);
  const name = `${plural(members.length, 'stage')} of ${plural(files.length, 'file')} on ${base === null ? 'several bases' : normalName(base)}`;
  return html`<details class="family"${index < 3 ? trusted(' open') : nothing}>
<summary><h3>${name}</h3>${best ? html` <span class="count">${plural(best.saves.instructions, 'instruction')} less</span>` : nothing}</summary>
<p>${best
    ? `A base image would hold what ${plural(best.members.length, 'stage')} begin with: ${plural(best.saves.instructions, 'instruction')} and ${plural(best.saves.lines, 'line')} less, by ${ways.join(', ')}.`
    : candidates.length > 0 ? 'They begin alike, but a base image cannot be extracted as they are: strata extract says why.' : 'They have steps in common, but not from the first one on: no base image can hold these.'}</p>
${picture.markup === '' ? nothing : html`<figure class="wide" role="region" tabindex="0" aria-label="${`Drawing of family ${index + 1}: ${name}`}">${picture}</figure>`}
<div class="columns">
<div><h4>Members</h4>
<ul class="paths">${files.slice(0, most.members).map((file) => html`<li><code>${file}</code></li>`)}</ul>
${more(files.length, most.members, 'file')}</div>
${shared.length === 0 ? nothing : html`<div><h4>What they share</h4>
<table><caption class="quiet">Steps that several members have</caption>
<thead><tr><th scope="col">Step</th><th scope="col">In</th><th scope="col">Layers</th></tr></thead>
<tbody>${shared.slice(0, most.steps).map(({ kind, text, members: places }) => html`<tr><td><code>${cut(text, 110)}</code></td><td class="figure">${places.length}</td><td>${kind === 'same-layer' ? 'one layer already' : 'could be one layer'}</td></tr>`)}</tbody></table>
${more(shared.length, most.steps, 'step')}</div>`}
</div>
${drift.length === 0 ? nothing : html`<h4>Drifted</h4>
<div class="wide" role="region" tabindex="0" aria-label="${`Drifted steps of family ${index + 1}: ${name}`}"><table class="drifted"><caption class="quiet">Steps unlike those of most siblings</caption>
<thead><tr><th scope="col">Where</th><th scope="col">It has</th><th scope="col">Most have</th></tr></thead>
<tbody>${drift.slice(0, most.drift).map(({ file, line, text, majority, have, of }) => html`<tr><th scope="row"><code>${file}</code> <span class="line">line ${String(line)}</span></th><td><code>${cut(text, 110)}</code></td><td><code>${cut(majority, 110)}</code> <span class="line">${have} of ${of}</span></td></tr>`)}</tbody></table></div>
${more(drift.length, most.drift, 'step')}`}
</details>`;
}

function wasteOf({ file, image, size, wasted, doubt, items, fixes }: ReportedWaste): Html {
  const by = (line: WrittenBy | undefined): string => (line === undefined ? '' : line === null ? 'not known' : line === 'base' ? 'the base' : `line ${line}`);
  return html`<h3><code>${file}</code>, built as <code>${image}</code></h3>
<p>${wasted === 0 ? `Nothing of its ${bytes(size)} is lost to copy-on-write.` : `${bytes(wasted)} of ${bytes(size)} are lost to copy-on-write: ${percent(wasted, size)}.`}${doubt === undefined ? '' : ` ${doubt}`}</p>
${items.length === 0 ? nothing : html`<div class="wide" role="region" tabindex="0" aria-label="${`What ${image} wastes`}"><table class="waste">
<caption class="quiet">What is wasted, the largest first</caption>
<thead><tr><th scope="col">Path</th><th scope="col">Bytes</th><th scope="col">How</th><th scope="col">Written by</th><th scope="col">Wasted by</th></tr></thead>
<tbody>${items.slice(0, most.waste).map(({ path, files, bytes: count, kind, line, byLine }) => html`<tr><th scope="row"><code>${cut(`/${path}`, 120)}</code>${files === undefined ? nothing : html` <span class="line">${plural(files, 'file')}</span>`}</th><td class="figure">${bytes(count)}</td><td>${kind}</td><td>${by(line)}</td><td>${by(byLine)}</td></tr>`)}</tbody>
</table></div>
${more(items.length, most.waste, 'item')}`}
${fixes.length === 0 ? nothing : html`<ul class="fixes">${fixes.slice(0, most.fixes).map((fix) => html`<li><span class="line">line ${String(fix.line)}</span> ${fixOf([fix])}</li>`)}</ul>
${more(fixes.length, most.fixes, 'fix')}`}`;
}

/** Of what is not nothing, never 0 %. */
function percent(part: number, whole: number): string {
  const found = Math.round((100 * part) / Math.max(1, whole));
  return found === 0 ? 'less than 1 %' : `${found} %`;
}

/** By path; where not all have room, those with findings and many layers stay. */
function filesOf(files: readonly ReportedFile[]): Html {
  const kept = new Set(files.length <= most.files ? files : files.toSorted((a, b) => b.findings - a.findings || (b.layers ?? 0) - (a.layers ?? 0)).slice(0, most.files));
  const highest = Math.max(1, ...files.map(({ layers }) => layers ?? 0));
  return html`<div class="wide" role="region" tabindex="0" aria-label="All Dockerfiles"><table class="files">
<caption>Layers and rows of metadata that each file writes for its last stage, with those of its other stages that this one continues</caption>
<thead><tr><th scope="col">Dockerfile</th><th scope="col">Base image</th><th scope="col">Stages</th><th scope="col">Layers</th><th scope="col">Metadata</th><th scope="col">Findings</th></tr></thead>
<tbody>${files.filter((file) => kept.has(file)).map(({ path, base, stages, layers, metadata, findings }) => html`<tr><th scope="row"><code>${path}</code></th><td><code>${cut(base ?? '', 80)}</code></td><td class="figure">${stages}</td><td class="figure bar">${layers === null ? '' : html`${bar(layers / highest)}${layers}`}</td><td class="figure">${metadata ?? ''}</td><td class="figure">${findings === 0 ? '' : findings}</td></tr>`)}</tbody>
</table></div>
${more(files.length, most.files, 'Dockerfile')}`;
}

function bar(share: number): Html {
  return html`<svg class="bar" width="60" height="8" aria-hidden="true"><rect width="${String(Math.round(60 * share))}" height="8" rx="1"/></svg>`;
}
