/**
 * A drawing → SVG, as a tree that can be walked by keyboard and listened to. It has classes and no colours: those are of the page
 * (map.css) that shows it. Texts of Dockerfiles are escaped here.
 */
import type { Box, Drawing, Head } from './layout';
import type { Block, LayerMap } from './model';

export function svgOf(map: LayerMap, { width, height, boxes, heads, lines }: Drawing): string {
  const standing = map.kind !== 'tree';
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" class="map ${map.kind}" role="tree" aria-label="${escaped(map.title)}" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    patterns,
    ...(standing ? [`<line class="ground" x1="8" x2="${width - 8}" y1="${heads[0] ? heads[0].y - 3 : height}" y2="${heads[0] ? heads[0].y - 3 : height}"/>`] : []),
    ...lines.map(({ arrow, points }) => `<path class="arrow ${arrow.kind}" marker-end="url(#tip)" d="M${points.map(([x, y]) => `${round(x)} ${round(y)}`).join('L')}"/>`),
    ...boxes.map(boxSvg),
    ...heads.map((head) => headSvg(head, standing)),
    '</svg>',
  ];
  return parts.join('\n');
}

/** Everything that a look says is said by a pattern too. */
const patterns = `<defs>
<pattern id="again" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path class="again-line" d="M0 0V8"/></pattern>
<pattern id="unknown" width="10" height="10" patternUnits="userSpaceOnUse" patternTransform="rotate(-45)"><path class="unknown-line" d="M0 0V10"/></pattern>
<marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="9" markerHeight="9" markerUnits="userSpaceOnUse" orient="auto"><path class="tip" d="M0 0L8 4L0 8z"/></marker>
</defs>`;

function boxSvg({ block, x, y, width, height, texts, waste }: Box): string {
  const box = `x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}"`;
  const hatch = block.rebuilds !== undefined ? 'again' : block.kind === 'unknown' || (block.size === undefined && block.kind === 'container') ? 'unknown' : undefined;
  return [
    `<g class="${classesOf(block)}" data-id="${escaped(block.id)}" role="treeitem" aria-level="${block.columns[0] === block.columns[1] ? 2 : 1}" tabindex="-1" aria-label="${escaped(block.label)}">`,
    ...(block.kind === 'layers' ? [`<rect class="behind" x="${round(x + 3)}" y="${round(y - 3)}" width="${round(width - 6)}" height="${round(height)}" rx="3"/>`] : []),
    `<rect class="body" ${box} rx="${block.kind === 'metadata' ? 2 : 3}"/>`,
    ...(hatch === undefined ? [] : [`<rect class="hatch" ${box} rx="3" fill="url(#${hatch})"/>`]),
    ...(block.isShared && block.kind !== 'metadata' ? [`<path class="edge" d="M${round(x + 4)} ${round(y + 4)}V${round(y + height - 4)}"/>`] : []),
    ...(waste > 0 ? [`<rect class="waste" x="${round(x + width - waste)}" y="${round(y + height - 5)}" width="${round(waste)}" height="5"/>`] : []),
    ...texts.map(({ text, x: at, y: line }, i) => `<text class="${i === 0 ? 'instruction' : 'detail'}" x="${round(at)}" y="${round(line)}">${escaped(text)}</text>`),
    '</g>',
  ].join('');
}

function headSvg({ column, index, x, y, width, height, texts }: Head, standing: boolean): string {
  return [
    `<g class="head ${column.use}${column.drifts ? ' drifts' : ''}" data-column="${index}" role="treeitem" aria-level="1" tabindex="-1" aria-label="${escaped(column.label)}">`,
    `<rect class="body" x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" rx="3"/>`,
    ...texts.map(({ text, x: at, y: line }, i) => `<text class="${i === 0 ? 'name' : 'detail'}"${standing ? ' text-anchor="middle"' : ''} x="${round(at)}" y="${round(line)}">${escaped(text)}</text>`),
    '</g>',
  ].join('');
}

function classesOf({ kind, owner, isShared, rebuilds, wasted, drifts, extracts }: Block): string {
  return ['block', kind, owner, isShared && 'shared', rebuilds && `rebuilds ${rebuilds}`, wasted && 'wasted', drifts && 'drifts', extracts && 'extracts'].filter(Boolean).join(' ');
}

/** For text and for attributes; what XML has no character for is a blank. */
export function escaped(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, ' ').replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
}

function round(number: number): number {
  return Math.round(number * 10) / 10;
}
