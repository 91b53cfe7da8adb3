import { lookAt, type Seen } from './look.ts';
import type { Browser, Context, Page } from './playwright.ts';

export const SCREENS = {
  desk: { width: 1440, height: 900 },
  phone: { width: 412, height: 915 },
} as const;
export type Screen = keyof typeof SCREENS;
/** Tells every element that it has scrolled. */
const SCROLLED = `(function tell(root) {
  for (const element of root.querySelectorAll('*')) {
    element.dispatchEvent(new Event('scroll'));
    if (element.shadowRoot) tell(element.shadowRoot);
  }
  window.dispatchEvent(new Event('scroll'));
})(document)`;

export type Scheme = 'light' | 'dark';

/** Opens a page of Home Assistant, logged in, on a screen. */
export async function openPage(
  browser: Browser,
  home: { url: string; token: string },
  path: string,
  look: { screen: Screen; scheme: Scheme; language?: string; timezoneId?: string },
): Promise<{ page: Page; context: Context; seen: Seen }> {
  const phone = look.screen === 'phone';
  const context = await browser.newContext({
    viewport: SCREENS[look.screen],
    colorScheme: look.scheme,
    isMobile: phone,
    hasTouch: phone,
    ...(look.timezoneId !== undefined && { timezoneId: look.timezoneId }),
  });
  // The frontend finds its login here; an end far away keeps it from asking for another one.
  const login = {
    ...{ hassUrl: home.url, clientId: `${home.url}/`, access_token: home.token, token_type: 'Bearer' },
    ...{ refresh_token: '', expires_in: 1e9, expires: Date.now() + 1e12 },
  };
  const source = `localStorage.hassTokens = ${JSON.stringify(JSON.stringify(login))};
    localStorage.selectedLanguage = JSON.stringify(${JSON.stringify(look.language ?? 'en')});
    localStorage.dockedSidebar = '"always_hidden"';`;
  await context.addInitScript({ content: source });
  const page = await context.newPage();
  await page.goto(home.url + path);
  let seen = await lookAt(page);
  const { width, height } = SCREENS[look.screen];
  if (seen.height > height) {
    // As high as the page, so that all of it is in view; lists look at what that is when something scrolls.
    await page.setViewportSize({ width, height: seen.height });
    await lookAt(page);
    await page.evaluate(SCROLLED);
    seen = await lookAt(page);
  }
  return { page, context, seen };
}
