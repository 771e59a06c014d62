/**
 * Source and facts → the layer model of a file. Synchronous, deterministic, total: any text in, no exception out.
 * Read this first: reading (syntax/), global arguments, stages, and then every stage's steps in the order of the file.
 */
import { frontendOf, head, rulesOf, type Builder, type Rules } from './builder';
import { dispatchStage } from './build/dispatch';
import { globalsOf } from './build/globals';
import type { Analysis, Facts, Stage } from './build/model';
import { planStages, reachableFrom, type PlannedStage } from './build/stages';
import { commandOf, refusalsOf } from './syntax/commands';
import type { Problem } from './syntax/dockerfile';
import { readDockerfile } from './syntax/read';
import type { Meter } from './text';

export function analyze(source: string, facts: Facts = {}, meter?: Meter): Analysis {
  const builder = builderFor(source, facts);
  const rules = rulesOf(builder);
  const dockerfile = readDockerfile(source, rules, meter);
  const commands = dockerfile.instructions.map((instruction) => commandOf(instruction, rules));
  const refusals = refusalsOf(dockerfile, commands);
  const written = dockerfile.instructions.map((instruction, i) => ({ instruction, command: commands[i] }));
  const firstFrom = dockerfile.instructions.findIndex((instruction) => instruction.keyword === 'FROM');
  const { escape } = dockerfile;

  const globals = globalsOf(written.slice(0, firstFrom === -1 ? undefined : firstFrom), targetNameOf(), facts, escape, rules);
  const plan = planStages(firstFrom === -1 ? [] : written.slice(firstFrom), globals.env, facts, escape, rules);
  const target = targetOf(plan.stages, facts.target);
  const reachable = reachableFrom(plan.stages, target);
  const stages: Stage[] = [];
  const problems: Problem[] = [...globals.problems, ...plan.problems];
  if (plan.stages.length === 0 && refusals.length === 0) {
    problems.push({ message: 'dockerfile contains no stages to build', span: { start: 0, end: source.length }, line: 1, severity: 'build' });
  }
  const setting = { escape, rules, facts, globals: globals.env, states: plan.states };
  for (const planned of plan.stages) {
    const parent = planned.base.kind === 'stage' ? stages[planned.base.stage] : undefined;
    const { stage, problems: found } = dispatchStage(planned, parent, reachable.has(planned.index), setting);
    stages.push(stage);
    for (const problem of found) problems.push(problem);
  }
  if (meter) for (const stage of stages) meter.work += stage.steps.length;
  const wants = [...new Set(plan.stages.flatMap((stage) => stage.wants ?? []))];
  problems.sort((a, b) => a.line - b.line);
  return { dockerfile, commands, builder, stages, target, problems: [...refusals, ...problems], wants, globalArgs: globals.declared };

  function targetNameOf(): string {
    if (facts.target !== undefined && facts.target !== '') return facts.target;
    for (let i = commands.length - 1; i >= 0; i--) {
      const command = commands[i];
      if (command.kind === 'FROM') return command.name?.text ?? '';
    }
    return '';
  }
}

/** A `# syntax=` line pins the frontend, whatever the daemon has. */
function builderFor(source: string, facts: Facts): Builder {
  const pinned = syntaxOf(source);
  return (pinned === undefined ? undefined : frontendOf(pinned)) ?? facts.builder ?? head;
}

/** DetectSyntax of parser/directives.go, its `#` form: read by the newest rules, before the frontend is chosen. */
function syntaxOf(source: string): string | undefined {
  if (!/^(?:\ufeff)?(?:#![^\n]*\n)?\s*#/.test(source.slice(0, 400))) return undefined;
  let end = 0;
  // Directives are the comment lines at the very top.
  for (let line = 0; line < 8 && end !== -1; line++) end = source.indexOf('\n', end === 0 ? 0 : end + 1);
  const lines = source.slice(0, end === -1 ? Math.min(source.length, 20000) : end);
  // Most files have a comment there, and few have the directive.
  if (!/syntax/i.test(lines)) return undefined;
  const top = lines.replace(/^\ufeff/, '').replace(/^#![^\n]*\n/, '');
  const directive = readDockerfile(top).directives.find(({ name }) => name === 'syntax');
  return directive?.value.split(' ')[0];
}

/** findStateByName does not mind case; a number is not a target. */
function targetOf(stages: readonly PlannedStage[], name: string | undefined): number | undefined {
  if (name === undefined || name === '') return stages.length === 0 ? undefined : stages.length - 1;
  const found = stages.findLast((stage) => stage.name === name.toLowerCase());
  return found?.index;
}

export type { Analysis, Facts, Rules };
