import type { Page } from 'playwright-core'
import { openMailServer } from '../support/mail-server.ts'
import { Hub } from './mending.ts'

/** The hub looks for mails every five seconds, and the page at the hub as often. */
const SENT_MS = 60_000

/** Sets the mail server up where a person would: as a destination of the alerts. Answers its id. */
async function addAccount(page: Page, office: Hub, server: { readonly name: string; readonly port: number }): Promise<string> {
  await page.goto(`${office.url}/alerts?tab=destinations`)
  await page.getByRole('button', { name: 'Add a destination' }).first().click()
  const dialog = page.getByRole('dialog').last()
  await dialog.getByLabel('Kind', { exact: true }).click()
  await page.locator('.ant-select-dropdown:not(.ant-select-dropdown-hidden) .ant-select-item-option', { hasText: 'E-mail' }).click()
  await dialog.getByLabel('Name', { exact: true }).fill(server.name)
  await dialog.getByLabel('Mail server').fill('127.0.0.1')
  await dialog.getByLabel('Port').fill(String(server.port))
  await dialog.getByLabel('Encryption', { exact: true }).click()
  await page.locator('.ant-select-dropdown:not(.ant-select-dropdown-hidden) .ant-select-item-option', { hasText: 'None' }).click()
  await dialog.getByLabel('Sender', { exact: true }).fill('buy@tea.example')
  await dialog.getByLabel('Receivers').fill('duty@tea.example')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await dialog.waitFor({ state: 'hidden' })
  const { items }: { readonly items: readonly { readonly id: string; readonly name: string }[] } = await office.call('GET', '/v1/alerts/destinations')
  return items.find(({ name }) => name === server.name)?.id ?? ''
}

async function placeOrder(office: Hub, ref: string): Promise<void> {
  const { id } = await office.call('POST', '/v1/suppliers', { name: `Kiln ${ref}`, email: 'orders@kiln.example' })
  const { items } = await office.call('GET', '/v1/stock/plan?limit=1')
  await office.call('POST', '/v1/supply-orders', { ref, supplier_id: id, lines: [{ sku: items[0].sku, quantity: 6 }] })
}

/**
 * An order is mailed to its supplier: first to a server that says "later", then at once because somebody asks, then to a mailbox that is gone, and
 * again. What the server said is on the page each time, and it got each mail once.
 */
export async function mailSupplyOrder(page: Page, hub: string): Promise<void> {
  let refusal: string | undefined = '451 4.3.0 busy, come back later'
  const server = await openMailServer(() => refusal)
  const office = new Hub(page.request, hub)
  const stamp = Date.now().toString(36).toUpperCase()
  const [ref, name] = [`PM-${stamp}`, `Post ${stamp}`]
  let account = ''
  try {
    account = await addAccount(page, office, { name, port: server.port })
    await placeOrder(office, ref)
    await page.goto(`${hub}/stock/plan?tab=orders`)
    const row = page.getByRole('row').filter({ hasText: ref })
    const press = async (button: string): Promise<void> => {
      await row.getByRole('button', { name: `${button}: ${ref}` }).click({ timeout: SENT_MS })
      // Where the hub has several accounts, this one.
      const choice = page.getByRole('menuitem', { name: new RegExp(`^${name} `) })
      if (await choice.isVisible({ timeout: 500 })) await choice.click()
    }
    const shows = (text: string): Promise<void> => row.getByText(text).first().waitFor({ timeout: SENT_MS })
    await press('Send by e-mail')
    await shows('Did not arrive, tried once')
    await shows('451 4.3.0 busy, come back later')
    refusal = undefined
    await press('Try now')
    await shows('Mailed')
    refusal = '550 5.1.1 no such mailbox'
    await press('Send again')
    await shows('Not sent')
    await shows('550 5.1.1 no such mailbox')
    refusal = undefined
    await press('Try again')
    await shows('Mailed')
    // The account may carry alerts meanwhile.
    const told = server.mails.filter((mail) => /^To: orders@kiln\.example$/m.test(mail))
    if (told.length !== 2) throw new Error(`the supplier got ${told.length} mails`)
    if (!told.every((mail) => mail.includes('.xlsx'))) throw new Error('a mail is not the notice')
  } finally {
    if (account !== '') await page.request.delete(`${hub}/v1/alerts/destinations/${account}`, { headers: { origin: hub } })
    server.close()
  }
}
