/** The pages of the rules: their examples are held here, each finding, each fix, and each silence. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { rules } from '../src/core/rules/index';
import { applied, filesIn, findingsIn, isImage, pictured, type Files } from './rules';

const folder = join(import.meta.dirname, '../src/core/rules');
/** With WRITE_PAGES=1 the pages' findings and fixes are written anew: read what comes out. */
const write = process.env.WRITE_PAGES === '1';

/** What is no mistake has nothing to be mended (a base is extracted by an action of its own), and some mistakes no line can mend. */
const withoutFix = new Set(['shared-steps', 'duplicate', 'copied-again']);

interface Example {
  readonly heading: string;
  readonly files: Files;
  readonly whole: string;
  readonly kind: 'folder' | 'unknown';
}

test('each rule has a page, and each page a rule', () => {
  const pages = readdirSync(folder).filter((name) => name.endsWith('.md')).map((name) => name.slice(0, -3));
  expect(pages.toSorted()).toEqual(rules.map(({ name }) => name).toSorted());
});

for (const { name } of rules) {
  describe(name, () => {
    const path = join(folder, `${name}.md`);
    const page = readFileSync(path, 'utf8');
    const written = page.replace(/^```dockerfile\n([\s\S]*?)^```\n(?:\n(?:The fix|Another fix|The safe fix)[\s\S]*?^```diff\n[\s\S]*?^```\n)*/gm, (whole: string, body: string, at: number) => {
      const heading = page.slice(0, at).match(/^## .*$/gm)?.at(-1) ?? '';
      return rendered(name, example(body, heading, whole));
    });
    if (write) writeFileSync(path, written);
    test('its examples', () => expect(written).toBe(page));

    const examples = [...page.matchAll(/^```dockerfile\n([\s\S]*?)^```\n/gm)].map(({ 0: whole, 1: body, index }) => example(body, page.slice(0, index).match(/^## .*$/gm)?.at(-1) ?? '', whole));
    for (const { heading, files, kind } of examples) {
      const findings = findingsIn(files, kind).filter(({ rule }) => rule === name);
      const title = (files.get('Dockerfile') ?? '').split('\n').find((line) => /^(?:RUN|COPY|ADD)/i.test(line)) ?? '';
      test(`${heading}: ${title}`, () => {
        expect(findings.length > 0).toBe(heading.startsWith('## Flagged'));
        for (const { fixes } of findings) {
          if (!withoutFix.has(name)) expect(fixes.length).toBeGreaterThan(0);
          for (const fix of fixes) {
            const fixed = applied(files, fix);
            const left = findingsIn(fixed, kind).filter(({ rule }) => rule === name);
            // Applied again it has nothing to do: what it was about is gone.
            expect(left.flatMap((one) => one.fixes.map((again) => again.title))).not.toContain(fix.title);
            expect(left.length).toBeLessThan(findings.length);
            expect(comments(fixed)).toEqual(comments(files));
          }
        }
      });
    }
  });
}

function comments(files: Files): string[] {
  return (files.get('Dockerfile') ?? '').split('\n').map((line) => line.trim()).filter((line) => line.startsWith('#')).toSorted();
}

function example(body: string, heading: string, whole: string): Example {
  const kind = body.startsWith('//- no context\n') ? 'unknown' : 'folder';
  const text = body.replace(/^\/\/- no context\n/, '').split('\n').filter((line) => !/^\s*\^+ /.test(line)).join('\n');
  return { heading, files: filesIn(text), whole, kind };
}

function rendered(name: string, { files, kind }: Example): string {
  const findings = findingsIn(files, kind).filter(({ rule }) => rule === name);
  const others = [...files].filter(([path]) => path !== 'Dockerfile').map(([path, text]) => `//- ${path}\n${text.replace(/\n$/, '')}\n`.replace(/\n\n$/, '\n'));
  const source = `\`\`\`dockerfile\n${kind === 'unknown' ? '//- no context\n' : ''}${pictured(files, findings)}\n${others.join('')}\`\`\`\n`;
  const fixes = findings.slice(0, 1).flatMap((finding) => finding.fixes.map((fix, i) => {
    const after = applied(files, fix);
    const changed = [...after].filter(([path, text]) => !isImage(path) && files.get(path) !== text).map(([path, text]) => `${path === 'Dockerfile' ? '' : `//- ${path}\n`}${text.replace(/\n$/, '')}`);
    const lead = fix.safe ? 'The safe fix' : i === 0 ? 'The fix' : 'Another fix';
    return `\n${lead}, “${fix.title}”:\n\n\`\`\`diff\n${changed.join('\n')}\n\`\`\`\n`;
  }));
  return source + fixes.join('');
}
