import { expect, test } from 'vitest';
import { isServed } from '../src/served';

const cases: readonly (readonly [uri: string, languageId: string, ours: boolean])[] = [
  ['file:///app/Dockerfile', 'dockerfile', true],
  ['file:///app/dockerfile', 'plaintext', true],
  ['file:///app/api.Dockerfile', 'plaintext', true],
  ['file:///app/Dockerfile.dev', 'plaintext', true],
  ['file:///app/Containerfile', 'plaintext', true],
  ['file:///app/Dockerfile.in.dev', 'dockerfile', true],
  ['file:///a%20b/Dockerfile%20copy', 'dockerfile', true],
  ['untitled:Untitled-1', 'dockerfile', true],
  ['untitled:Untitled-1', 'plaintext', false],
  ['untitled:Dockerfile', 'plaintext', true],
  ['vscode-vfs://github/moby/moby/Dockerfile', 'dockerfile', true],
  ['vscode-remote://wsl%2Bdebian/app/Dockerfile', 'dockerfile', true],
  ['git:/app/Dockerfile?%7B%22ref%22%3A%22HEAD%22%7D', 'dockerfile', true],
  ['file:///app/.dockerignore', 'ignore', false],
  ['file:///app/Dockerfile.dockerignore', 'dockerfile', false],
  ['file:///app/Dockerfile.j2', 'dockerfile', false],
  ['file:///app/Dockerfile.dev.tmpl', 'dockerfile', false],
  ['file:///app/Dockerfile.template', 'dockerfile', false],
  ['file:///app/Dockerfile.in', 'dockerfile', false],
  ['file:///app/Dockerfile.erb', 'dockerfile', false],
  ['file:///app/Dockerfile.orig', 'dockerfile', false],
  ['file:///app/Dockerfile.md', 'markdown', false],
  ['file:///app/docker-bake.hcl', 'dockerbake', false],
  ['file:///app/compose.yaml', 'dockercompose', false],
  ['file:///Dockerfile/README', 'plaintext', false],
  ['file:///app/Dockerfile%zz', 'dockerfile', true],
  ['strata:/Layers%20(Dockerfile)', 'dockerfile', false],
];

test.each(cases)('%s as %s: %s', (uri, languageId, ours) => {
  expect(isServed(uri, languageId)).toBe(ours);
});
