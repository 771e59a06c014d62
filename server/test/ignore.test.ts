/** Ignore files against what the real matcher kept of one tree (server/test/data/dockerignore.json). */
import { describe, expect, test } from 'vitest';
import recorded from './data/dockerignore.json';
import { patternsOf, readIgnoreFile } from '../src/core/build/ignore';

interface Case {
  name: string;
  ignore: string;
  tree: string[];
  parsed_patterns: string[] | null;
  kept_files?: string[] | null;
  kept_dirs?: string[] | null;
  error?: string;
}

describe('what is left of the tree', () => {
  for (const { name, ignore, tree, parsed_patterns, kept_files, error } of (recorded as { cases: Case[] }).cases) {
    test(name, () => {
      const sources = readIgnoreFile(ignore);
      expect(sources).toEqual(parsed_patterns ?? []);
      const patterns = patternsOf(sources);
      if ('error' in patterns) {
        expect(error).toBeDefined();
        return;
      }
      expect(error).toBeUndefined();
      const files = tree.filter((path) => !path.endsWith('/'));
      expect(files.filter((path) => !patterns.matches(path)).sort()).toEqual([...(kept_files ?? [])].sort());
    });
  }
});
