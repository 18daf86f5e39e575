import type { Page } from 'playwright-core'

const late = 1500

/** Whoever types faster than the hub answers gets what they typed, or nothing: never what an earlier text found. One text for each thing that went wrong. */
export const checkHaste = async (page: Page, hub: string): Promise<readonly string[]> => {
  const problems: string[] = []
  const items = ['', 'CUP', 'POT'].map((end) => ({ sku: `HASTE-TEA${end}`, title: `Something in haste ${end}` }))
  const made = await page.request.post(`${hub}/v1/skus`, { headers: { origin: hub }, data: { items } })
  if (!made.ok()) throw new Error(`the SKUs were not made: ${made.status()} ${await made.text()}`)
  const slow = async (path: string): Promise<void> => {
    await page.route(`**${path}?q=HASTE-TEACUP*`, async (route) => {
      await page.waitForTimeout(late)
      await route.continue()
    })
  }
  const option = (text: string) => page.locator('.ant-select-item-option-active', { hasText: text })

  await page.goto(`${hub}/orders/new`)
  const line = page.getByRole('combobox', { name: 'SKU of line 1' })
  await line.click()
  await page.keyboard.type('HASTE-TEA')
  await option('HASTE-TEA').first().waitFor()
  await slow('/stock')
  await page.keyboard.type('CUP')
  await page.keyboard.press('Enter')
  await page.locator('.entry-title').waitFor()
  const taken = await line.inputValue()
  if (taken !== 'HASTE-TEACUP') problems.push(`order entry in haste: ${taken} was taken for HASTE-TEACUP`)

  await page.goto(`${hub}/stock/places?tab=bundles`)
  await page.getByRole('button', { name: 'Add a bundle' }).click()
  const picker = page.getByRole('combobox', { name: 'Bundle', exact: true })
  await picker.click()
  await page.keyboard.type('HASTE-TEA')
  await option('HASTE-TEA').first().waitFor()
  await slow('/v1/skus')
  await page.keyboard.type('CUP')
  await page.keyboard.press('Enter')
  const shown = page.locator('.ant-select', { has: picker })
  if ((await shown.innerText()).includes('Something')) return [...problems, 'a SKU in haste: what an earlier text found was taken']
  await option('HASTE-TEACUP').waitFor()
  await page.keyboard.press('Enter')
  await page.locator('.ant-select', { hasText: 'HASTE-TEACUP' }).first().waitFor()
  await page.unrouteAll({ behavior: 'ignoreErrors' })
  console.log('  flow: a SKU typed faster than the hub answers is the one that was typed')
  return problems
}
