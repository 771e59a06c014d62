// Runs a TypeScript script of ours on plain Node: node scripts/run.mjs scripts/x.ts [arguments]
import { build } from 'esbuild';
import { spawnSync } from 'node:child_process';
import { basename, resolve } from 'node:path';

const [entry, ...args] = process.argv.slice(2);
const outfile = resolve('out/scripts', `${basename(entry, '.ts')}.mjs`);
await build({
  entryPoints: [entry], outfile, bundle: true, platform: 'node', format: 'esm', target: 'node20', sourcemap: 'inline', logLevel: 'error',
  // yaml's build for Node asks for Node's own modules by require.
  banner: { js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);" },
  alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js', ssh2: './scripts/nothing.cjs' },
  external: ['dockerfile-language-server-nodejs', 'dockerfile-language-service', 'esbuild', 'playwright-core', 'axe-core'],
});
process.exitCode = spawnSync(process.execPath, ['--enable-source-maps', outfile, ...args], { stdio: 'inherit' }).status ?? 1;
