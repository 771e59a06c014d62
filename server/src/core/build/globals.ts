/**
 * Global ARGs: the platform arguments that BuildKit defines, then those before the first FROM
 * (dockerfile2llb/platform.go defaultArgs, convert.go buildMetaArgs).
 */
import type { Rules } from '../builder';
import { expand, type Lookup } from '../syntax/expand';
import type { Command, Refused } from '../syntax/commands';
import type { Escape, Instruction, Problem } from '../syntax/dockerfile';
import { valueIn, withValue, type MaybeEnv } from './env';
import type { ArgValue, Facts } from './model';

export interface Globals {
  readonly env: MaybeEnv;
  readonly declared: readonly ArgValue[];
  readonly problems: readonly Problem[];
}

export function globalsOf(
  instructions: readonly { readonly instruction: Instruction; readonly command: Command | Refused }[],
  targetName: string, facts: Facts, escape: Escape, rules: Rules,
): Globals {
  const problems: Problem[] = [];
  const declared: ArgValue[] = [];
  const buildArgs = facts.buildArgs ?? {};
  const given = (name: string): string | null | undefined => (Object.hasOwn(buildArgs, name) ? buildArgs[name] : undefined);
  let env = platformArgs(targetName, facts, rules);
  for (const name of predefinedNames(rules)) {
    const value = given(name);
    if (value !== undefined) env = withValue(env, name, value);
  }
  const lookup: Lookup = (name) => valueIn(env, name);
  const modifiers = { withoutColon: rules.expandWithoutColon, patterns: rules.expandPatterns };
  for (const { instruction, command } of instructions) {
    if (command.kind !== 'ARG') continue;
    for (const { name, value } of command.pairs) {
      let effective: string | null | undefined = given(name.text);
      if (effective === undefined && value) {
        const expansion = expand(value.text, lookup, { escape, modifiers });
        if (expansion.error !== undefined) {
          problems.push({ message: expansion.error, span: value.span, line: instruction.firstLine, severity: 'build' });
        }
        effective = expansion.unknown ? null : expansion.text;
      }
      if (effective !== undefined) env = withValue(env, name.text, effective);
      else if (!rules.argMetaNoValue) env = withValue(env, name.text, '');
      declared.push({ name: name.text, value: effective });
    }
  }
  return { env, declared, problems };
}

function predefinedNames(rules: Rules): string[] {
  const names = ['BUILDPLATFORM', 'BUILDOS', 'BUILDARCH', 'BUILDVARIANT', 'TARGETPLATFORM', 'TARGETOS', 'TARGETARCH', 'TARGETVARIANT'];
  if (rules.osVersionArgs) names.push('BUILDOSVERSION', 'TARGETOSVERSION');
  if (rules.targetStage) names.push('TARGETSTAGE');
  return names;
}

/** Without a platform their values are not known. */
function platformArgs(targetName: string, facts: Facts, rules: Rules): MaybeEnv {
  let env: MaybeEnv;
  for (const [prefix, platform] of [['BUILD', facts.platform?.build], ['TARGET', facts.platform?.target]] as const) {
    const [os, arch, variant = ''] = platform?.split('/') ?? [];
    env = withValue(env, `${prefix}PLATFORM`, platform ?? null);
    env = withValue(env, `${prefix}OS`, os ?? null);
    env = withValue(env, `${prefix}ARCH`, arch ?? null);
    env = withValue(env, `${prefix}VARIANT`, platform === undefined ? null : variant);
    if (rules.osVersionArgs) env = withValue(env, `${prefix}OSVERSION`, platform === undefined ? null : '');
  }
  return rules.targetStage ? withValue(env, 'TARGETSTAGE', targetName === '' ? 'default' : targetName) : env;
}

/** The names whose value is the platform's. */
export function isPlatformArg(name: string): boolean {
  return /^(BUILD|TARGET)(PLATFORM|OS|OSVERSION|ARCH|VARIANT)$/.test(name);
}
