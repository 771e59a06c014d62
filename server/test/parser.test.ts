/** Our reading against what BuildKit's own parser and instruction parser said of 250 texts (server/test/data). */
import { describe, expect, test } from 'vitest';
import recorded from './data/parser.json';
import { readDockerfile } from '../src/core/syntax/read';
import { parsed, type ParsedInstruction } from '../src/core/syntax/parsed';

interface Node {
  value: string;
  start_line: number;
  end_line: number;
  flags?: string[];
  args?: string[];
  json?: boolean;
  heredocs?: { Name: string; Expand: boolean; Content: string }[];
  sub?: Node;
}

interface Case {
  name: string;
  text: string;
  escape: string;
  nodes?: Node[];
  parse_error?: string;
  instruction_error?: string;
}

describe('BuildKit reads the same', () => {
  for (const recordedCase of (recorded as { cases: Case[] }).cases) {
    test(recordedCase.name, () => {
      const ours = parsed(readDockerfile(recordedCase.text));
      const refusal = recordedCase.parse_error ?? recordedCase.instruction_error?.replace(/^dockerfile parse error on line \d+: /, '');
      expect(ours.problems.map((problem) => problem.message)).toEqual(refusal === undefined ? [] : [refusal]);
      if (recordedCase.parse_error !== undefined) return;
      expect(ours.escape).toBe(recordedCase.escape);
      expect(ours.instructions).toEqual((recordedCase.nodes ?? []).map((node) => instructionOf(node)));
    });
  }
});

function instructionOf(node: Node, lines = node): ParsedInstruction {
  const keyword = node.value.toUpperCase();
  const args = node.args ?? [];
  return {
    keyword, firstLine: lines.start_line, lastLine: lines.end_line, flags: node.flags ?? [],
    form: node.json ? 'exec' : 'shell',
    // The node of a pair is name, value, separator.
    args: keyword === 'ENV' || keyword === 'LABEL' ? args.filter((_, i) => i % 3 !== 2) : args,
    heredocs: (node.heredocs ?? []).map((heredoc) => ({ name: heredoc.Name, expand: heredoc.Expand, content: heredoc.Content })),
    ...(node.sub && { trigger: instructionOf(node.sub, lines) }),
  };
}
