import { setTimeout as sleep } from 'node:timers/promises'
import type { APIRequestContext, Locator, Page } from 'playwright-core'

const PATIENCE_MS = 240_000

/** Waits until something is so. */
export async function eventually(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await sleep(500)) if (await holds()) return
  throw new Error(`not so after ${PATIENCE_MS / 1000} s: ${what}`)
}

/** The hub's API, as its administrator: brings causes about and looks at what became of them. Nothing is mended through it. */
export class Hub {
  readonly #request: APIRequestContext
  readonly url: string

  constructor(request: APIRequestContext, url: string) {
    this.#request = request
    this.url = url
  }

  // What the hub answers is checked by the hub's own tests.
  // oxlint-disable-next-line typescript/no-explicit-any
  async call(method: 'GET' | 'POST' | 'PATCH', path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}): Promise<any> {
    const answer = await this.#request.fetch(`${this.url}${path}`, {
      method,
      headers: { origin: this.url, 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { data: JSON.stringify(body) }),
    })
    if (!answer.ok()) throw new Error(`${method} ${path}: ${answer.status()} ${(await answer.text()).slice(0, 200)}`)
    return answer.json()
  }

  /** Signs the administrator in; a generated password is exchanged for the same one followed by " once". */
  async signIn(name: string, password: string): Promise<void> {
    const enter = (secret: string) => this.call('POST', '/v1/session', { name, password: secret })
    const { user } = await enter(password).catch(() => enter(`${password} once`))
    if (user.must_change) await this.call('POST', '/v1/session/password', { current: password, next: `${password} once` })
  }

  /** The connections with the address of their simulated shop. */
  async shops(): Promise<readonly Shop[]> {
    const { items }: { readonly items: readonly { readonly id: string; readonly name: string; readonly config: { readonly url?: string } }[] } =
      await this.call('GET', '/v1/connections')
    return items.flatMap(({ id, name, config }) =>
      name.startsWith('Sandbox ') ? [new Shop(id, name, config.url ?? '', name.slice('Sandbox '.length))] : [],
    )
  }

  connection = (id: string): Promise<{ readonly state: string; readonly version: number; readonly config: Readonly<Record<string, unknown>> }> =>
    this.call('GET', `/v1/connections/${id}`)

  async arm(id: string, what: 'stock' | 'shipments'): Promise<void> {
    const { hash } = await this.call('GET', `/v1/connections/${id}/arm-preview?what=${what}`)
    await this.call('POST', `/v1/connections/${id}/arm`, { what: [what], preview_hash: hash, confirm_zero: true })
  }

  /** The hub's id of an order, once it is there. */
  async orderOf(connection: string, number: string): Promise<string> {
    let id = ''
    await eventually(`order ${number} arrives`, async () => {
      await this.call('POST', `/v1/connections/${connection}/pull`, {})
      const { found }: { readonly found: readonly Found[] } = await this.call('POST', '/v1/orders/find', { ids: [number] })
      // The same digits may be the hub's own id of another order.
      id =
        found.find(({ order }) => order.connection_id === connection && [order.channel_order_no, order.external_id].includes(number))?.order.id ?? ''
      return id !== ''
    })
    return id
  }

  ship = (order: string, carrier: string, number: string): Promise<unknown> =>
    this.call('POST', `/v1/orders/${order}/shipments`, { carrier, tracking_no: number, force: true, force_reason: 'packed already' })

  async group(status: string, code: string, subject?: string, connection?: string): Promise<Group | undefined> {
    const { items }: { readonly items: readonly Group[] } = await this.call(
      'GET',
      `/v1/failures?status=${status}&limit=200${connection === undefined ? '' : `&connection=${connection}`}`,
    )
    return items.find((one) => (one.code.includes(code) || one.fault_kind === code) && (subject === undefined || one.subject === subject))
  }

  resolved = (code: string, subject?: string, connection?: string): Promise<void> =>
    eventually(`${code} is resolved`, async () => (await this.group('resolved', code, subject, connection)) !== undefined)

  /** The channel was told of the package. */
  async told(shop: Shop, order: string, number: string): Promise<void> {
    await eventually(`the shop knows the package of ${order}`, async () => {
      const { effects }: { readonly effects: readonly { readonly kind: string; readonly state: string }[] } = await this.call(
        'GET',
        `/v1/orders/${order}`,
      )
      return effects.some((effect) => effect.kind === 'shipment' && effect.state === 'done')
    })
    const known = (await shop.ask('shipments')).filter((one) => JSON.stringify(one).includes(number))
    if (known.length !== 1) throw new Error(`the shop was told of ${number} ${known.length} times`)
  }
}

interface Found {
  readonly order: { readonly id: string; readonly connection_id: string; readonly channel_order_no: string; readonly external_id: string }
}

interface Group {
  readonly id: string
  readonly code: string
  readonly operation: string
  readonly fault_kind: string
  readonly subject: string | null
}

/** A simulated shop, moved from outside as its buyers and owners would. */
export class Shop {
  readonly connection: string
  /** Name of the connection. */
  readonly title: string
  readonly name: string
  readonly #control: string

  constructor(connection: string, title: string, url: string, name: string) {
    this.connection = connection
    this.title = title
    this.name = name
    this.#control = `${new URL(url).origin}/__control/${name}`
  }

  /** Answers the order it concerned, where it concerned one. */
  async pull(lever: string, input: unknown): Promise<string> {
    const answer = await fetch(`${this.#control}/${lever}`, { method: 'POST', body: JSON.stringify(input) })
    const said: unknown = JSON.parse(await answer.text())
    if (typeof said !== 'object' || said === null) return String(said)
    if (!answer.ok || ('ok' in said && said.ok === false)) throw new Error(`${lever}: ${'reason' in said ? String(said.reason) : answer.status}`)
    return 'orderId' in said ? String(said.orderId) : ''
  }

  /** What the shop itself has on record, in the words of its ledger. */
  // oxlint-disable-next-line typescript/no-explicit-any
  ask = async (question: 'orders' | 'shipments'): Promise<readonly any[]> => JSON.parse(await (await fetch(`${this.#control}/${question}`)).text())
}

/** A person at the console. Counts the clicks since the list of failures was opened. */
export class Desk {
  readonly page: Page
  readonly #hub: Hub
  readonly #language: 'en' | 'zh-CN'
  readonly #screens: string
  clicks = 0

  constructor(page: Page, hub: Hub, language: 'en' | 'zh-CN', screens: string) {
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

  press = (button: { readonly en: string; readonly zh: string }): Promise<void> =>
    this.click(this.page.getByRole('button', { name: this.word(button.en, button.zh) }).first())

  /** Chooses in a list by typing: one click to open it, the rest by keys. */
  async choose(label: { readonly en: string; readonly zh: string }, typed: string): Promise<void> {
    await this.click(this.page.getByRole('combobox', { name: this.word(label.en, label.zh) }))
    await this.page.keyboard.type(typed)
    await this.page.locator('.ant-select-item-option', { hasText: typed }).first().waitFor()
    await this.page.keyboard.press('Enter')
  }

  /** Writes over a field and leaves the cursor in the next one. */
  async write(text: string): Promise<void> {
    await this.page.keyboard.press('Control+a')
    await this.page.keyboard.type(text)
    await this.page.keyboard.press('Tab')
  }

  async shot(name: string): Promise<void> {
    await this.page.waitForTimeout(700)
    await this.page.screenshot({ path: `${this.#screens}/mend-${name}-${this.#language}.png` })
  }

  /** Finds the one row of a cause in the list of failures, by its keyboard search; from there clicks are counted. */
  async openGroup(cause: { readonly code: string; readonly subject?: string; readonly shop: Shop }): Promise<void> {
    let group: Group | undefined
    await eventually(`${cause.code} stands among the failures`, async () => {
      group = await this.#hub.group('open', cause.code, cause.subject, cause.shop.connection)
      return group !== undefined
    })
    await this.page.goto(`${this.#hub.url}/failures`)
    await this.page.locator('.group-line').first().waitFor()
    this.clicks = 0
    await this.page.keyboard.press('/')
    const needle = (group?.subject ?? '') === '' ? (group?.code ?? '') : (group?.subject ?? '')
    await this.page.keyboard.type(needle)
    await this.page.waitForURL((url) => url.searchParams.get('q') === needle)
    await this.page.keyboard.press('Tab')
    const row = this.page.locator('.group-line', { hasText: cause.shop.title }).first()
    await row.waitFor()
    if ((await row.getAttribute('aria-current')) !== 'true') await this.click(row.locator('button.group'))
    await this.page.locator('.group-line[aria-current="true"]', { hasText: cause.shop.title }).waitFor()
    await this.page.waitForFunction(
      () => document.querySelector('.failure-detail h2') !== null && document.querySelector('.failure-detail .skel') === null,
    )
  }
}
