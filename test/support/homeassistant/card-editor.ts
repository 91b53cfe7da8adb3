import type { Page } from '../browser/playwright.ts';

/** Opens the list of cards for the first section of a dashboard that is being edited. */
export async function openCardPicker(page: Page): Promise<void> {
  await page.locator('hui-grid-section .add').first().click();
  await page.locator('hui-dialog-create-card').getByText('By card').waitFor();
}
