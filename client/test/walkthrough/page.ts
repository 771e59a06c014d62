// The walkthrough as a user sees it, as text.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Locator, Page } from 'playwright-core';
import { soon, succeeds } from '../page/workbench';
import { becomes } from '../runner';

export const titles = ['See the layers', 'Break the cache', 'Mend what loses it', 'Extract the base', 'Read the history'] as const;

/** From the palette, as VS Code's own command lists it. */
export async function openWalkthrough(page: Page): Promise<void> {
  const input = page.locator('.quick-input-widget input');
  const row = (text: string) => page.locator('.quick-input-widget .monaco-list-row', { hasText: text }).first();
  await becomes(async () => {
    await page.keyboard.press('F1');
    await succeeds(input.fill('>Welcome: Open Walkthrough', soon));
    if (!(await succeeds(row('Open Walkthrough').click(soon)))) return false;
    await succeeds(input.fill('See Your Layers', soon));
    return succeeds(row('See Your Layers').click(soon));
  }, true);
  await walkthrough(page).waitFor();
}

export function walkthrough(page: Page): Locator {
  return page.locator('.gettingStartedContainer .gettingStartedSlideDetails');
}

/** Its steps, those that are done with ✓. */
export async function steps(page: Page): Promise<string> {
  await walkthrough(page).waitFor();
  const rows = await walkthrough(page).locator('.getting-started-step').evaluateAll((all) =>
    all.map((step) => `${step.querySelector('.codicon-getting-started-step-checked') ? '✓' : '·'} ${step.querySelector('.step-title')?.textContent ?? ''}\n`),
  );
  return rows.join('');
}

/** All steps in order, the first of them done. */
export function done(...which: (typeof titles)[number][]): string {
  return titles.map((title) => `${which.includes(title) ? '✓' : '·'} ${title}\n`).join('');
}

function step(page: Page, title: string): Locator {
  return walkthrough(page).locator('.getting-started-step', { hasText: title });
}

/** Opens a step by the keyboard. */
export async function expand(page: Page, title: string): Promise<Locator> {
  const one = step(page, title);
  if ((await one.getAttribute('aria-expanded')) !== 'true') {
    await one.focus();
    await page.keyboard.press('Enter');
  }
  return one;
}

export async function press(page: Page, title: string, button: string): Promise<void> {
  // The walkthrough opens the next step by itself when one is done, and may close what was opened meanwhile.
  await becomes(async () => succeeds((await expand(page, title)).getByRole('button', { name: button }).focus(soon)), true);
  await page.keyboard.press('Enter');
}

/** What axe finds in the picture of the step that is open: in a page of its own, since no script runs where the walkthrough shows it. */
export async function foundInPicture(page: Page, about: RegExp): Promise<string[]> {
  const picture = page.frameLocator('iframe.webview').frameLocator('#active-frame').getByRole('img', { name: about });
  await picture.waitFor();
  const svg = await picture.evaluate((element) => element.outerHTML);
  const alone = await page.context().browser()!.newPage();
  await alone.setContent(`<html lang="en"><title>Picture</title><main>${svg}</main></html>`);
  const violations = await found(alone, 'svg');
  await alone.close();
  await page.bringToFront();
  return violations;
}

/** What axe finds in a part of a page, one line each. */
export async function found(place: Page, within: string): Promise<string[]> {
  const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  await place.evaluate(source);
  const violations = await place.evaluate(async (within) => {
    const { axe } = globalThis as unknown as { axe: { run(within: string, options: object): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> } };
    return (await axe.run(within, { iframes: false, preload: false })).violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
  }, within);
  return violations;
}
