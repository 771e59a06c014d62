/** The variable under the cursor, and the value it has there. */
import { valueIn } from '../core/build/env';
import type { Analysis } from '../core/build/model';
import { variablesIn, type Variable } from '../core/syntax/variables';
import type { Span } from '../core/text';
import type { Line } from './lines';
import { say, type Said } from '../core/say';
import { code, cut } from './markdown';

/** Undefined: no variable, or none of the build's. */
export function valueAt(analysis: Analysis, line: Line, offset: number): { readonly text: Said; readonly span: Span } | undefined {
  const { instruction } = line;
  const variables = instruction.keyword === 'RUN' ? shellVariables(analysis.dockerfile.text, instruction.commandSpan) : variablesIn(analysis.dockerfile, instruction);
  const found = variables.find(({ span }) => span.start <= offset && offset < span.end);
  if (!found) return undefined;
  const text = valueText(analysis, line, found.name);
  return text === undefined ? undefined : { text, span: found.span };
}

function valueText(analysis: Analysis, line: Line, name: string): Said | undefined {
  const shown = code(`$${name}`);
  const is = (value: string | null | undefined): Said => {
    if (value === null) return say('{0} is not known: it depends on the base image or on the build.', shown);
    if (value === undefined) return say('{0} is empty here: nothing sets it.', shown);
    return value === '' ? say('{0} is empty here.', shown) : say('{0} is {1} here.', shown, code(cut(value, 120)));
  };
  if (line.kind === 'global' || line.kind === 'from') {
    const arg = analysis.globalArgs.findLast((global) => global.name === name);
    return arg && is(arg.value);
  }
  if (line.kind === 'replaced') return undefined;
  const { before } = line.step;
  const value = valueIn(before.env, name);
  if (value) return is(value.value);
  // The shell may have set it itself.
  if (line.instruction.keyword === 'RUN') return undefined;
  return is(before.envKnown || valueIn(before.declared, name) ? undefined : null);
}

/** What a shell would take for one. Quotes are not looked at: only names that the build has set are spoken of. */
function shellVariables(text: string, { start, end }: Span): Variable[] {
  return [...text.slice(start, end).matchAll(/\$(?:\{([A-Za-z_]\w*)\}?|([A-Za-z_]\w*))/g)].map((match) => ({
    name: match[1] ?? match[2],
    span: { start: start + match.index, end: start + match.index + match[0].length },
  }));
}
