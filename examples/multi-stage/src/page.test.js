import assert from 'node:assert';
import test from 'node:test';
import { page } from './page.js';

test('the title is the heading', () => assert.match(page('Shop'), /<h1>Shop<\/h1>/));
