/**
 * Builder versions, and the one table of what differs between them. Versions are BuildKit's (`v0.25`); its Dockerfile
 * frontend is released from the same commits (dockerfile/1.Y with Y = X - 6 from v0.8 on) and Docker Engine vendors one.
 * Sources: moby/buildkit tags v0.6.0 to v0.32.0, `frontend/dockerfile` compared pairwise; moby/moby tags for the engines.
 */

export interface Builder {
  /** As it is shown: "BuildKit v0.25", "Docker 28.5 (BuildKit v0.25)". */
  readonly label: string;
  /** X of v0.X; patch releases count hundredths (v0.14.1 is 14.01); head is Infinity. */
  readonly version: number;
}

export const head: Builder = { label: 'BuildKit', version: Infinity };

/** since: the first BuildKit version with today's behaviour. */
const changes = {
  heredocs: { since: 10, what: 'RUN, COPY and ADD take heredocs', source: 'buildkit#2132, parser.go' },
  heredocBlanks: { since: 22, what: 'blanks after `<<` belong to the heredoc word', source: 'buildkit#5817, lex.go' },
  checkDirective: { since: 14, what: '`# check=` is a directive; before, it ended the directives', source: 'parser/directives.go' },
  bomDirectives: { since: 19, what: 'a byte order mark before directives is dropped', source: 'parser/directives.go' },
  execTrailing: { since: 15, what: 'an exec form followed by text is shell form; before, the text was dropped', source: 'buildkit#5107, line_parsers.go' },
  flagEscape: { since: 21, what: "flags are unescaped with the file's escape character; before, always a backslash", source: 'buildkit#5708, split_command.go' },
  link: { since: 10, what: 'COPY --link, ADD --link', source: 'instructions/parse.go' },
  addChecksum: { since: 12, what: 'ADD --checksum, --keep-git-dir', source: 'instructions/parse.go' },
  startInterval: { since: 12, what: 'HEALTHCHECK --start-interval, and its field in the history text', source: 'buildkit#3998' },
  addUnpack: { since: 23, what: 'ADD --unpack', source: 'instructions/parse.go' },
  exclude: { since: 25, what: 'COPY --exclude, ADD --exclude without labs', source: 'instructions/parse.go' },
  parents: { since: 26, what: 'COPY --parents without labs', source: 'instructions/parse.go' },
  argEffective: { since: 14, what: 'the row of ARG shows the build argument or global value; before, only the default written there', source: 'buildkit#4856 (47a52a17b), convert.go dispatchArg' },
  argMetaNoValue: { since: 17, what: 'a global ARG without a value does not mask a predefined one', source: 'buildkit#5357, convert.go buildMetaArgs' },
  runArgDedup: { since: 18, what: 'the prefix |N of RUN names each ARG once', source: 'buildkit#5508, convert.go runCommandString' },
  runArgInherit: { since: 14.01, what: "the prefix |N of RUN names the parent stage's ARGs too", source: 'buildkit#5048, convert.go init' },
  copyRowFlags: { since: 13, what: 'the row of COPY and ADD shows --parents --chown --chmod', source: 'buildkit#4597, convert_copy.go' },
  exposeList: { since: 25, what: 'EXPOSE [443/tcp 80/tcp]; before, EXPOSE map[443/tcp:{} 80/tcp:{}]', source: 'buildkit#6218 (98eab3257), convert_expose.go' },
  healthFields: { since: 30, what: 'HEALTHCHECK {Test:[…] Interval:5s …}; before, &{["…"] "5s" …}', source: 'buildkit#6664 (d67dafeb8), convert.go dispatchHealthcheck' },
  shebangChomp: { since: 27, what: 'RUN <<-EOF with a tabbed #! runs /dev/pipes/EOF', source: 'buildkit#6402, convert.go dispatchRun' },
  expandWithoutColon: { since: 12, what: '${x-y} and ${x+y}', source: 'buildkit#3611 (580eb9348), lex.go' },
  expandPatterns: { since: 13, what: '${x#p} ${x%p} ${x/p/r}', source: 'buildkit#4287, #4427, lex.go' },
  expandMounts: { since: 9, what: 'variables in the options of RUN --mount', source: 'buildkit#2089, commands_runmount.go' },
  mountStates: { since: 9, what: 'any RUN --mount without from is a hidden state, so that a lone stage is named stage-0; before, only cache mounts', source: 'convert_runmount.go detectRunMount' },
  onbuildSteps: { since: 17, what: 'N of [k/N] counts the triggers of ONBUILD', source: 'convert.go initOnBuildTriggers' },
  targetStage: { since: 17, what: 'TARGETSTAGE', source: 'platform.go defaultArgs' },
  osVersionArgs: { since: 19, what: 'TARGETOSVERSION, BUILDOSVERSION', source: 'platform.go defaultArgs' },
  chmodChecked: { since: 16, what: 'a bad --chmod is refused', source: 'buildkit#5148, convert_copy.go' },
} as const satisfies Record<string, { since: number; what: string; source: string }>;

export type Change = keyof typeof changes;

/** True where the builder behaves as head does. */
export type Rules = Readonly<Record<Change, boolean>>;

export const versionChanges: Readonly<Record<Change, { readonly since: number; readonly what: string; readonly source: string }>> = changes;

const rulesByVersion = new Map<number, Rules>();

export function rulesOf(builder: Builder): Rules {
  let rules = rulesByVersion.get(builder.version);
  if (!rules) {
    rules = Object.fromEntries(Object.entries(changes).map(([id, { since }]) => [id, builder.version >= since])) as Rules;
    rulesByVersion.set(builder.version, rules);
  }
  return rules;
}

export const headRules: Rules = rulesOf(head);

/** Docker Engine → the BuildKit it vendors, read from moby/moby's tags. */
const engines: Readonly<Record<string, number>> = {
  '20.10': 8, '23.0': 10, '24.0': 11, '25.0': 12, '26.0': 13, '26.1': 13, '27.0': 14.01, '27.1': 15, '27.2': 15, '27.3': 16,
  '27.4': 17, '27.5': 18, '28.0': 20, '28.1': 21, '28.2': 22, '28.3': 23, '28.4': 24, '28.5': 25, '29.0': 25, '29.1': 26,
  '29.2': 27, '29.3': 28, '29.4': 29, '29.5': 30, '29.6': 31, '29.7': 32,
};

/** `head`, `v0.25`, `0.25.1`, `docker-28.5`, `docker/dockerfile:1.7`; undefined where it is none of these. */
export function builderOf(name: string): Builder | undefined {
  if (name === 'head') return head;
  const buildkit = /^v?0\.(\d+)(?:\.(\d+))?$/.exec(name);
  if (buildkit) return { label: `BuildKit v0.${buildkit[1]}`, version: Number(buildkit[1]) + Number(buildkit[2] ?? 0) / 100 };
  const docker = /^docker[- ]?v?(\d+\.\d+)(?:\.\d+)?$/i.exec(name);
  if (docker) {
    const version = Object.hasOwn(engines, docker[1]) ? engines[docker[1]] : undefined;
    return version === undefined ? undefined : { label: `Docker ${docker[1]} (BuildKit v0.${Math.floor(version)})`, version };
  }
  return frontendOf(name);
}

/**
 * The frontend that a `# syntax=` line names. A floating tag (`docker/dockerfile:1`) is head; other frontends are not known.
 */
export function frontendOf(reference: string): Builder | undefined {
  const match = /^(?:docker\.io\/)?docker\/dockerfile(?:-upstream)?(?::([^@]+))?(?:@.*)?$/.exec(reference);
  if (!match) return undefined;
  const tag = /^1\.(\d+)(?:\.(\d+))?/.exec(match[1] ?? '');
  if (!tag) return head;
  const minor = Number(tag[1]);
  // 1.2 is v0.8; older frontends behave as v0.8 does, as far as the table goes.
  const version = Math.max(minor + 6, 8) + Number(tag[2] ?? 0) / 100;
  return { label: `docker/dockerfile:${match[1]}`, version };
}
