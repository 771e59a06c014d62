/** The pictures of the walkthrough, drawn of what the editor is seen to show: in the colours of whatever theme it has, and in its language. */
import { flask, flaskApi, flaskApiFix, flaskApiFixed, flaskBroken, flaskExtracted, flaskMarks, flaskTable, french } from '../client/test/expected';

export interface Picture {
  /** What somebody hears who does not see it. */
  readonly about: string;
  readonly svg: string;
}

export interface Language {
  /** The file of the manifest's texts: what is heard of a picture, and where it lies. */
  readonly texts: string;
  readonly flask: string;
  readonly flaskBroken: string;
  readonly flaskApi: string;
  readonly flaskApiFix: string;
  readonly flaskTable: string;
  readonly layer: (number: number) => string;
  /** Titles of what is shown. */
  readonly mended: string;
  readonly hover: string;
}

export const languages: readonly Language[] = [
  { texts: 'package.nls.json', flask: flask, flaskBroken, flaskApi, flaskApiFix, flaskTable, layer: (number) => `layer ${number}`, mended: 'mended', hover: 'the hover of COPY' },
  { texts: 'package.nls.fr.json', ...french, layer: (number) => `couche ${number}`, mended: 'réparé', hover: 'le survol de COPY' },
];

/** By their paths. `texts`: what the language's file holds. */
export function walkthroughPictures(language: Language, texts: Readonly<Record<string, string>>): Readonly<Record<string, Picture>> {
  const marks = flaskMarks.split('\n').map((line) => line[0] ?? ' ');
  const pictures: Record<string, Picture> = {};
  const draw = (step: string, ...drawing: DrawingOf<typeof picture>): void => void (pictures[texts[`walkthrough.${step}.svg`]!] = picture(texts[`walkthrough.${step}.picture`]!, ...drawing));
  draw('layers', [
    { title: 'flask/Dockerfile', lines: linesOf(language.flask).map((line, i) => ({ ...line, mark: marks[i] })) },
  ], stack(['base · python:3.8-alpine', `${language.layer(1)} · RUN pip install flask`, `${language.layer(2)} · COPY app.py /app.py`]));
  draw('rebuilds', [{ title: 'flask/Dockerfile', lines: linesOf(language.flaskBroken) }]);
  draw('fix', [
    { title: 'flask-api/Dockerfile', lines: linesOf(language.flaskApi).map((line) => ({ ...line, underlined: line.text === 'COPY . .' })), bulb: language.flaskApiFix.replace(/ `pip .*/, '…') },
    { title: language.mended, lines: linesOf(flaskApiFixed).map(({ text }) => ({ text })) },
  ]);
  draw('extract', [
    { title: 'Dockerfile.base', lines: linesOf(flaskExtracted['Dockerfile.base']) },
    { title: 'flask/Dockerfile', lines: linesOf(flaskExtracted['flask/Dockerfile']) },
  ]);
  draw('history', [{ title: language.hover, lines: rowsOf(language.flaskTable) }]);
  return pictures;
}

type DrawingOf<Draw> = Draw extends (about: string, ...drawing: infer Drawing) => Picture ? Drawing : never;

interface Line {
  readonly text: string;
  readonly hint?: string;
  readonly mark?: string;
  readonly underlined?: boolean;
}

interface Card {
  readonly title: string;
  readonly lines: readonly Line[];
  readonly bulb?: string;
}

const [width, row, letter] = [620, 26, 8.43];

function picture(about: string, cards: readonly Card[], below?: { readonly height: number; readonly svg: string }): Picture {
  let top = 0;
  const parts: string[] = [];
  for (const card of cards) {
    parts.push(`<g transform="translate(0 ${top})">${drawn(card)}</g>`);
    top += heightOf(card) + 20;
  }
  if (below) parts.push(`<g transform="translate(0 ${top})">${below.svg}</g>`);
  const height = top + (below?.height ?? -20);
  return { about, svg: `<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="${escaped(about)}" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" style="max-width: 100%; height: auto">\n${parts.join('\n')}\n</svg>\n` };
}

/** Attributes: the walkthrough takes no style sheet. */
const code = 'font-family="var(--vscode-editor-font-family, monospace)" font-size="14" fill="var(--vscode-editor-foreground)"';
const label = 'font-family="var(--vscode-font-family, sans-serif)" font-size="13" fill="var(--vscode-foreground)"';
const hinted = 'fill="var(--vscode-descriptionForeground)"';
const box = 'fill="var(--vscode-editor-background)" stroke="var(--vscode-charts-lines, currentColor)"';
const blue = 'fill="var(--vscode-charts-blue)"';

function heightOf({ lines, bulb }: Card): number {
  return 52 + row * (lines.length + (bulb === undefined ? 0 : 1));
}

function drawn(card: Card): string {
  const { title, lines, bulb } = card;
  let y = 36;
  const parts = [`<rect ${box} x="0.5" y="0.5" width="${width - 1}" height="${heightOf(card) - 1}" rx="6"/>`, `<text ${label} x="16" y="22">${escaped(title)}</text>`];
  for (const { text, hint, mark, underlined } of lines) {
    y += row;
    if (mark === '▌') parts.push(`<rect ${blue} x="14" y="${y - 16}" width="4" height="20" rx="2"/>`);
    if (mark === '┊') parts.push(`<circle ${hinted} cx="16" cy="${y - 5}" r="2.5"/>`);
    const [keyword, rest] = [/^[A-Z]+(?= )/.exec(text)?.[0] ?? '', text.replace(/^[A-Z]+(?= )/, '')];
    const said = hint === undefined ? '' : `<tspan ${hinted}>\u00a0\u00a0${escaped(hint)}</tspan>`;
    parts.push(`<text ${code} x="32" y="${y}"><tspan font-weight="bold">${keyword}</tspan>${escaped(rest)}${said}</text>`);
    if (underlined) {
      parts.push(`<path stroke="var(--vscode-charts-blue)" stroke-width="2" stroke-dasharray="3 2" d="M32 ${y + 5}h${Math.round(text.length * letter)}"/>`);
      if (bulb !== undefined) {
        y += row;
        parts.push(`<rect fill="var(--vscode-editor-background)" stroke="var(--vscode-focusBorder)" x="32" y="${y - 15}" width="${Math.round(bulb.length * letter) + 24}" height="24" rx="4"/>`, `<text ${code} x="44" y="${y + 2}">${escaped(bulb)}</text>`);
      }
    }
  }
  return parts.join('');
}

/** Oldest at the bottom. */
function stack(layers: readonly string[]): { readonly height: number; readonly svg: string } {
  const boxes = layers.toReversed().map((text, i) => `<rect ${box} x="32.5" y="${i * 34 + 0.5}" width="${width - 65}" height="30" rx="4"/><text ${code} x="48" y="${i * 34 + 20}">${escaped(text)}</text>`);
  return { height: layers.length * 34, svg: boxes.join('') };
}

function linesOf(pictured: string): Line[] {
  return pictured.trimEnd().split('\n').map((line) => {
    const [, text = line, hint] = /^(.*?)(?: ‹(.*)›)?$/.exec(line) ?? [];
    return hint === undefined ? { text } : { text, hint };
  });
}

/** Of a table in Markdown: what made the row, and its layer at the end. */
function rowsOf(table: string): Line[] {
  return table.trimEnd().split('\n').filter((line) => !line.startsWith('| :--')).map((line) => {
    const [, mark, text, layer] = line.split('|').map((cell) => cell.replace(/[*`]/g, '').trim());
    return { text: `${(mark ?? '').padEnd(2)}${(text ?? '').replace(/ (?:without the image|sans l’image)$/, '')}`.padEnd(54) + layer };
  });
}

function escaped(text: string): string {
  return text.replaceAll('  ', '\u00a0\u00a0').replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
