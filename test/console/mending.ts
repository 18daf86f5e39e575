import { setTimeout as sleep } from 'node:timers/promises'
import type { Locator, Page } from 'playwright-core'

const PATIENCE_MS = 240_000

/** Waits until something is so. */
export async function eventually(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await sleep(500)) if (await holds()) return
  throw new Error(`not so after ${PATIENCE_MS / 1000} s: ${what}`)
}

interface Found {
  readonly id: string
  readonly name: string
  readonly url: string
}

/** The connections of the hub with the address of their shop. */
export async function connectionsOf(page: Page, hub: string): Promise<readonly Found[]> {
  const { items }: { readonly items: readonly { readonly id: string; readonly name: string; readonly config: { readonly url?: string } }[] } = await (
    await page.request.get(`${hub}/v1/connections`)
  ).json()
  return items.map(({ id, name, config }) => ({ id, name, url: config.url ?? '' }))
}

/** A simulated shop, moved from outside as its buyers and owners would. */
export class Shop {
  readonly connection: string
  readonly #control: string

  constructor(connection: string, url: string, name: string) {
    this.connection = connection
    this.#control = `${new URL(url).origin}/__control/${name}`
  }

  /** Answers the order it concerned, where it concerned one. */
  async pull(lever: string, input: unknown): Promise<string> {
    const answer = await fetch(`${this.#control}/${lever}`, { method: 'POST', body: JSON.stringify(input) })
    const said: { readonly ok?: boolean; readonly orderId?: string; readonly reason?: string } = JSON.parse(await answer.text())
    if (!answer.ok || said.ok === false) throw new Error(`${lever}: ${said.reason ?? answer.status}`)
    return said.orderId ?? ''
  }

  async shipments(): Promise<string> {
    return (await fetch(`${this.#control}/shipments`)).text()
  }
}

interface Order {
  readonly source_status: string
  readonly lines: readonly { readonly sku: string | null }[]
}

/** A person at the console. Counts the clicks since a cause was opened. */
export class Desk {
  readonly page: Page
  readonly #hub: string
  readonly #language: 'en' | 'zh-CN'
  readonly #screens: string
  clicks = 0

  constructor(page: Page, hub: string, language: 'en' | 'zh-CN', screens: string) {
    this.page = page
    this.#hub = hub
    this.#language = language
    this.#screens = screens
  }

  word(en: string, zh: string): string {
    return this.#language === 'en' ? en : zh
  }

  async click(what: Locator): Promise<void> {
    await what.click()
    this.clicks += 1
  }

  async shot(name: string): Promise<void> {
    await this.page.waitForTimeout(700)
    await this.page.screenshot({ path: `${this.#screens}/mend-${name}-${this.#language}.png` })
  }

  /** What is not done in the console, but by an ERP or to prepare. */
  // oxlint-disable-next-line typescript/no-explicit-any
  async call(method: 'GET' | 'POST', path: string, body?: unknown): Promise<any> {
    const answer = await this.page.request.fetch(`${this.#hub}${path}`, {
      method,
      headers: { origin: this.#hub, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { data: JSON.stringify(body) }),
    })
    if (!answer.ok()) throw new Error(`${method} ${path}: ${answer.status()} ${(await answer.text()).slice(0, 200)}`)
    return answer.json()
  }

  order = async (id: string): Promise<Order> => {
    const { doc, lines } = await this.call('GET', `/v1/orders/${id}`)
    return { source_status: doc.source_status, lines }
  }
  connection = (id: string): Promise<{ readonly state: string }> => this.call('GET', `/v1/connections/${id}`)

  async arm(id: string): Promise<void> {
    const { hash } = await this.call('GET', `/v1/connections/${id}/arm-preview?what=shipments`)
    await this.call('POST', `/v1/connections/${id}/arm`, { what: ['shipments'], preview_hash: hash })
  }

  /** The hub's id of an order, once it is there. */
  async orderOf(connection: string, number: string): Promise<string> {
    let id = ''
    await eventually(`order ${number} arrives`, async () => {
      await this.call('POST', `/v1/connections/${connection}/pull`, {})
      const { found } = await this.call('POST', '/v1/orders/find', { ids: [number] })
      id = found[0]?.order.id ?? ''
      return id !== ''
    })
    return id
  }

  async ship(order: string, carrier: string, number: string): Promise<void> {
    await this.call('POST', `/v1/orders/${order}/shipments`, { carrier, tracking_no: number, force: true, force_reason: 'packed already' })
  }

  async #group(status: string, code: string, subject: string | undefined, connection: string | undefined): Promise<string | undefined> {
    const { items } = await this.call('GET', `/v1/failures?status=${status}&limit=200${connection === undefined ? '' : `&connection=${connection}`}`)
    return items.find(
      (one: { readonly code: string; readonly fault_kind: string; readonly subject: string | null }) =>
        (one.code.includes(code) || one.fault_kind === code) && (subject === undefined || one.subject === subject),
    )?.id
  }

  /** Opens the one row of a cause; from here clicks are counted. */
  async openGroup(code: string, subject?: string, connection?: string): Promise<void> {
    let id: string | undefined
    await eventually(`${code} stands among the failures`, async () => (id = await this.#group('open', code, subject, connection)) !== undefined)
    await this.page.goto(`${this.#hub}/failures?group=${id ?? ''}`)
    await this.page.locator('.failure-detail h2').first().waitFor()
    await this.page.waitForFunction(() => document.querySelector('.failure-detail .skel') === null)
    this.clicks = 0
  }

  resolved = (code: string, subject?: string, connection?: string): Promise<void> =>
    eventually(`${code} is resolved`, async () => (await this.#group('resolved', code, subject, connection)) !== undefined)

  /** The channel was told of the package. */
  async told(shop: Shop, order: string, number: string): Promise<void> {
    await eventually(`the shop knows the package of ${order}`, async () => {
      const { effects } = await this.call('GET', `/v1/orders/${order}`)
      return effects.some((effect: { readonly kind: string; readonly state: string }) => effect.kind === 'shipment' && effect.state === 'done')
    })
    if (!(await shop.shipments()).includes(number)) throw new Error(`the shop was not told of ${number}`)
  }
}
