import { createRequire } from 'node:module';
import { join } from 'node:path';
import { chromium, kitDir } from '../node-red/places.mjs';

/** What is used of playwright-core, which is installed beside the project (test/support/node-red/setup.mjs). */
export interface Page {
  goto(url: string): Promise<unknown>;
  evaluate(expression: string): Promise<unknown>;
  screenshot(options: { path: string; fullPage?: boolean; clip?: Box }): Promise<unknown>;
  setViewportSize(size: { width: number; height: number }): Promise<void>;
  locator(selector: string): Locator;
  getByText(text: string | RegExp, options?: { exact?: boolean }): Locator;
  getByRole(role: string, options?: { name?: string; exact?: boolean }): Locator;
  url(): string;
  keyboard: { press(key: string): Promise<void> };
  on(event: 'console', listen: (message: { type(): string; text(): string }) => void): void;
}

export interface Locator {
  first(): Locator;
  last(): Locator;
  nth(index: number): Locator;
  locator(selector: string): Locator;
  getByText(text: string | RegExp, options?: { exact?: boolean }): Locator;
  getByRole(role: string, options?: { name?: string; exact?: boolean }): Locator;
  click(): Promise<void>;
  focus(): Promise<void>;
  fill(text: string): Promise<void>;
  waitFor(options?: { state?: 'visible' | 'attached' | 'hidden' }): Promise<void>;
  count(): Promise<number>;
  textContent(): Promise<string | null>;
  isVisible(): Promise<boolean>;
}

interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Context {
  newPage(): Promise<Page>;
  addInitScript(script: { content: string }): Promise<void>;
  close(): Promise<void>;
}

export interface Browser {
  newContext(options: {
    viewport: { width: number; height: number };
    colorScheme: 'light' | 'dark';
    isMobile?: boolean;
    hasTouch?: boolean;
    timezoneId?: string;
  }): Promise<Context>;
  close(): Promise<void>;
}

interface Playwright {
  chromium: { launch(options: { executablePath: string; args: string[] }): Promise<Browser> };
}

const QUIET = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
];

/** The system's Chromium, headless. */
export function openBrowser(): Promise<Browser> {
  const playwright: Playwright = load();
  return playwright.chromium.launch({ executablePath: chromium(), args: [...QUIET, '--disable-sync'] });
}

function load() {
  try {
    return createRequire(join(kitDir(), 'package.json'))('playwright-core');
  } catch (error) {
    throw new Error('This test needs: node test/support/node-red/setup.mjs', { cause: error });
  }
}
