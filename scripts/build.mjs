// Bundles the programs into dist/; `--dev` adds source maps and leaves the text readable. Whose code is in them has to be in the
// notices: `--notices` writes these anew.
import { chmodSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { checkNotices } from './notices.mjs';

const dev = process.argv.includes('--dev');

// fdir asks for its own address, which a CommonJS bundle has not.
const node = { platform: 'node', target: 'node20', format: 'cjs', define: { 'import.meta.url': '__filename' } };
const browser = { platform: 'browser', target: 'es2022' };
// A Worker has no paths of its own: what bundlers have always put in their place.
const paths = { 'node:path': 'path-browserify' };
// dockerfile-ast asks Node's Buffer for the bytes of its first character.
const buffer = 'var Buffer = { from: (text) => new TextEncoder().encode(text) };';

const programs = [
  { ...node, in: 'client/src/node.ts', out: 'dist/client.js', external: ['vscode'] },
  { ...browser, in: 'client/src/browser.ts', out: 'dist/client.browser.js', format: 'cjs', external: ['vscode'] },
  { ...browser, in: 'client/view/map.ts', out: 'dist/map.js', format: 'iife' },
  { ...browser, in: 'client/view/map.css', out: 'dist/map.css' },
  { ...node, in: 'server/src/main.node.ts', out: 'dist/server.js' },
  { ...browser, in: 'server/src/main.browser.ts', out: 'dist/server.browser.js', format: 'iife', banner: { js: buffer }, alias: paths },
  { ...node, in: 'server/src/cli.ts', out: 'dist/cli.js', banner: { js: '#!/usr/bin/env node' } },
];

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
const built = await Promise.all(
  programs.map(({ in: entry, out, alias, ...options }) =>
    build({
      ...options,
      entryPoints: [entry],
      outfile: out,
      bundle: true,
      // The first's "main" is UMD, which bundles to a require that nothing answers; the second is native, for engines over SSH.
      alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js', ssh2: './scripts/nothing.cjs', ...alias },
      minify: !dev,
      sourcemap: dev,
      legalComments: 'none',
      metafile: true,
      logLevel: 'warning',
    }),
  ),
);
checkNotices(built.flatMap(({ metafile }) => Object.keys(metafile.inputs)), process.argv.includes('--notices'));
chmodSync('dist/cli.js', 0o755);
