import type { Page } from 'playwright-core'

/** Fills the form as a person would and waits for the first page behind it. */
export const signIn = async (page: Page, hub: string, name: string, password: string): Promise<void> => {
  await page.goto(`${hub}/login`)
  await page.locator('input[name="name"]').fill(name)
  await page.locator('input[name="password"]').fill(password)
  await page.locator('button[type="submit"]').click()
  await page.locator('main#main').waitFor()
}
