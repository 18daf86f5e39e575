import type { Page } from 'playwright-core'

const expect = (problems: string[], ok: boolean, what: string): void => {
  if (!ok) problems.push(what)
}

const pathOf = (page: Page): string => new URL(page.url()).pathname

/** The keys people work with: find, go, move, open, close, help. */
export const checkKeys = async (page: Page, hub: string): Promise<readonly string[]> => {
  const problems: string[] = []
  await page.goto(`${hub}/orders`)
  await page.locator('.order-rows [role=row]').nth(3).waitFor()
  await page.keyboard.press('j')
  await page.keyboard.press('j')
  expect(problems, (await page.locator('.orow.active').count()) === 1, 'keys: j moves to a row')
  await page.keyboard.press('x')
  expect(problems, await page.locator('.bulk').isVisible(), 'keys: x selects the row')
  await page.keyboard.press('Enter')
  await page.locator('.panel').waitFor()
  expect(problems, new URL(page.url()).searchParams.has('panel'), 'keys: the open panel stands in the address')
  await page.keyboard.press('Escape')
  await page.locator('.panel').waitFor({ state: 'detached' })
  await page.keyboard.press('Escape')
  expect(problems, !(await page.locator('.bulk').isVisible()), 'keys: Esc closes, then clears the selection')
  await page.keyboard.press('/')
  expect(problems, await page.locator('.order-search input').evaluate((input) => input === document.activeElement), 'keys: / goes to the search')
  await page.keyboard.type('jk')
  expect(problems, (await page.locator('.order-search input').inputValue()) === 'jk', 'keys: letters are typed in an input')
  await page
    .locator('h1')
    .first()
    .evaluate(() => {
      if (document.activeElement instanceof HTMLElement) document.activeElement.blur()
    })
  for (const [key, path] of [
    ['c', '/connections'],
    ['f', '/failures'],
    ['i', '/stock'],
    ['o', '/orders'],
  ] as const) {
    await page.keyboard.press('g')
    await page.keyboard.press(key)
    await page.waitForTimeout(300)
    expect(problems, pathOf(page) === path, `keys: g ${key} goes to ${path}, not ${pathOf(page)}`)
  }
  await page.keyboard.press('?')
  expect(problems, await page.getByRole('dialog').isVisible(), 'keys: ? shows the sheet')
  await page.keyboard.press('Escape')
  await page.keyboard.press('Control+k')
  await page.locator('.command input').waitFor()
  await page.keyboard.press('Escape')
  expect(problems, (await page.locator('.command').count()) === 0, 'keys: Esc closes the search')
  return problems
}

/** Pasted numbers: those that are here are listed, those that are not are named. */
export const checkPastedIds = async (page: Page, hub: string): Promise<readonly string[]> => {
  const problems: string[] = []
  await page.goto(`${hub}/orders`)
  await page.locator('.order-rows [role=row]').nth(3).waitFor()
  const answer = await page.request.get(`${hub}/v1/orders?limit=150`)
  const body: unknown = await answer.json()
  const items: readonly unknown[] = typeof body === 'object' && body !== null && 'items' in body && Array.isArray(body.items) ? body.items : []
  const here = items.flatMap((item) =>
    typeof item === 'object' && item !== null && 'channel_order_no' in item ? [String(item.channel_order_no)] : [],
  )
  const ids = [...new Set(here)].slice(0, 197)
  const strays = ['nowhere-1', 'nowhere-2', '9999999999999999999']
  const text = [...ids, ...strays].join('\n')
  await page.evaluate((value) => navigator.clipboard.writeText(value), text)
  await page.locator('.order-search input').focus()
  await page.keyboard.press('Control+v')
  await page.locator('.missing').waitFor()
  const shown = await page.locator('.missing').innerText()
  for (const stray of strays) expect(problems, shown.includes(stray), `pasted: ${stray} is named as missing`)
  expect(problems, shown.includes(`${ids.length} of ${ids.length + strays.length}`), `pasted: says how many of them are here: ${shown.slice(0, 80)}`)
  expect(
    problems,
    new URL(page.url()).searchParams.get('ids')?.split(',').includes('9999999999999999999') === true,
    'pasted: ids survive in the address digit by digit',
  )
  return problems
}

/** A phone is for looking up: nothing may be wider than the screen. */
export const checkPhone = async (page: Page, hub: string, screen: string): Promise<readonly string[]> => {
  const problems: string[] = []
  await page.goto(`${hub}/orders`)
  await page.locator('.order-rows [role=row]').nth(2).waitFor()
  await page.screenshot({ path: screen.replace('order.png', 'orders.png') })
  const overflow = (): Promise<boolean> => page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth + 1)
  expect(problems, !(await overflow()), 'phone: the order list is wider than the screen')
  await page.locator('.order-rows [role=row] .no button').first().click()
  await page.locator('.panel h2').first().waitFor()
  await page.screenshot({ path: screen })
  expect(problems, !(await overflow()), 'phone: the order is wider than the screen')
  for (const path of ['/stock/plan', '/stock/places', '/alerts', '/effects', '/ledger', '/settings?tab=privacy', '/mappings']) {
    await page.goto(`${hub}${path}`)
    await page.locator('main h1').first().waitFor()
    await page.waitForFunction(() => document.querySelector('main .skel') === null)
    expect(problems, !(await overflow()), `phone: ${path} is wider than the screen`)
  }
  return problems
}
