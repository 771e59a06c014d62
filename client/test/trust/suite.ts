import type { Page } from 'playwright-core';
import { suite } from '../runner';
import type { Places } from './notes';
import type { Project } from './project';

export interface Given {
  readonly page: Page;
  readonly project: Project;
  readonly places: Places;
}

export const { test, run } = suite<Given>();
