/**
 * Compares our reading with recorded verdicts of BuildKit's parser:
 *   npm run conformance -- --oracle FILE --repositories DIR
 * FILE: JSON lines (also gzipped) {repo, path, blob, ok, typed, escape, nodes}; texts come from the git repositories under
 * DIR (bare or not) by blob id. The texts of FILE are digests, see server/test/README.md.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { builderOf, headRules, rulesOf, type Builder, type Rules } from '../server/src/core/builder';
import { readDockerfile } from '../server/src/core/syntax/read';
import { parsed, type ParsedInstruction } from '../server/src/core/syntax/parsed';
import { blobTexts, repositoriesUnder } from './repositories';

interface Verdict {
  repo: string;
  path: string;
  blob: string;
  ok: boolean;
  typed: boolean;
  escape?: string;
  nodes?: Node[];
}

interface Node {
  kw: string;
  first: number;
  last: number;
  form: string;
  args: number;
  text: string;
  flags?: string[];
  heredocs?: [string, boolean, string][];
  trigger?: string;
}

const options = new Map<string, string>();
for (let i = 2; i < process.argv.length; i += 2) options.set(process.argv[i], process.argv[i + 1]);
const oracle = options.get('--oracle');
const directory = options.get('--repositories');
if (oracle === undefined || directory === undefined) {
  console.error('usage: npm run conformance -- --oracle FILE --repositories DIR');
  process.exit(2);
}

const bytes = readFileSync(oracle);
const verdicts = (bytes[0] === 0x1f ? gunzipSync(bytes) : bytes).toString('utf8').trim().split('\n').map((line) => JSON.parse(line) as Verdict);
const texts = await blobTexts(repositoriesUnder(directory), verdicts.map((verdict) => verdict.blob));

// The recording parser is BuildKit v0.13.2's; a file that head reads otherwise is read by that version's rules too.
const recordedRules = rulesOf(builderOf(options.get('--builder') ?? 'v0.13.2') as Builder);
let equal = 0;
let missing = 0;
const differences: string[] = [];
const versionOnly: string[] = [];
for (const verdict of verdicts) {
  const text = texts.get(verdict.blob);
  if (text === undefined) {
    missing++;
    continue;
  }
  const difference = differenceOf(verdict, text, headRules);
  if (difference === undefined) {
    equal++;
    continue;
  }
  const name = `${verdict.repo} ${verdict.path} ${verdict.blob}`;
  const asRecorded = differenceOf(verdict, text, recordedRules);
  if (asRecorded === undefined) versionOnly.push(`${name}: head reads it otherwise`);
  else differences.push(`${name}: ${asRecorded}`);
}
for (const difference of differences.slice(0, Number(options.get('--show') ?? 40))) console.log(difference);
for (const file of versionOnly) console.log(file);
console.log(`conformance: ${verdicts.length} files, ${equal} equal by head's rules, ${versionOnly.length} by the recording version's alone, ${differences.length} different, ${missing} not found under ${directory}`);
process.exitCode = differences.length > 0 || missing > 0 ? 1 : 0;

function differenceOf(verdict: Verdict, text: string, rules: Rules): string | undefined {
  const dockerfile = readDockerfile(text, rules);
  const ours = parsed(dockerfile, rules);
  const parserRefuses = dockerfile.problems.length > 0;
  if (parserRefuses === verdict.ok) return `parser ${verdict.ok ? 'accepts' : 'refuses'}, ours says ${JSON.stringify(ours.problems)}`;
  if (!verdict.ok) return undefined;
  if (ours.problems.length > 0 === verdict.typed) {
    return `instruction parser ${verdict.typed ? 'accepts' : 'refuses'}, ours says ${JSON.stringify(ours.problems)}`;
  }
  if (verdict.escape !== undefined && verdict.escape !== ours.escape) return `escape ${verdict.escape}, ours ${ours.escape}`;
  const nodes = verdict.nodes ?? [];
  for (let i = 0; i < Math.max(nodes.length, ours.instructions.length); i++) {
    const theirs = JSON.stringify(nodes[i] && normal(nodes[i]));
    const mine = JSON.stringify(ours.instructions[i] && nodeOf(ours.instructions[i]));
    if (theirs !== mine) return `node ${i}\n  official ${theirs}\n  ours     ${mine} ${JSON.stringify(ours.instructions[i])?.slice(0, 300)}`;
  }
  return undefined;
}

function normal(node: Node): Node {
  const { kw, first, last, form, args, text, flags = [], heredocs = [], trigger } = node;
  return { kw: kw.toUpperCase(), first, last, form, args, text, flags, heredocs, ...(trigger !== undefined && { trigger: trigger.toUpperCase() }) };
}

function nodeOf(instruction: ParsedInstruction): Node {
  const { keyword, firstLine, lastLine, form, args, flags, heredocs, trigger } = instruction;
  const shown = form === 'shell' ? args.map((arg) => arg.replace(/[ \t\r\n\f\v]+/g, ' ').trim()) : args;
  return {
    kw: keyword, first: firstLine, last: lastLine, form, args: args.length, text: digest(shown.join('\0')), flags: flags.map(digest),
    heredocs: heredocs.map(({ name, expand, content }) => [name, expand, digest(content)]),
    ...(trigger && { trigger: trigger.keyword }),
  };
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}
