import type { Page } from 'playwright-core'

const ending = ' once'

const submit = async (page: Page, hub: string, name: string, password: string): Promise<void> => {
  await page.goto(`${hub}/login`)
  await page.locator('input[name="name"]').fill(name)
  await page.locator('input[name="password"]').fill(password)
  await page.locator('button[type="submit"]').click()
  await page.locator('main#main, input[name="next"], [role="alert"]').first().waitFor()
}

/** Chooses a password of one's own, as the generated one demands. */
const choosePassword = async (page: Page, password: string): Promise<void> => {
  await page.locator('input[name="current"]').fill(password)
  await page.locator('input[name="next"]').fill(`${password}${ending}`)
  await page.locator('button[type="submit"]').click()
  await page.locator('main#main').waitFor()
}

/** What worked last, so that a wrong one is tried once and not at every page. */
let known: string | undefined

/**
 * Fills the form as a person would and waits for the first page behind it. A generated password is exchanged on the
 * way for the same one followed by " once", so that a second run still gets in.
 */
export const signIn = async (page: Page, hub: string, name: string, password: string): Promise<void> => {
  await submit(page, hub, name, known ?? password)
  if (await page.locator('input[name="next"]').isVisible()) {
    await choosePassword(page, password)
    known = `${password}${ending}`
  } else if (!(await page.locator('main#main').isVisible())) {
    known = `${password}${ending}`
    await submit(page, hub, name, known)
  }
  await page.locator('main#main').waitFor()
}
