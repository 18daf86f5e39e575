import { setTimeout as sleep } from 'node:timers/promises'
import type { APIRequestContext } from 'playwright-core'

const PATIENCE_MS = 240_000

/** Waits until something is so. */
export async function eventually(what: string, holds: () => Promise<boolean>, patienceMs = PATIENCE_MS): Promise<void> {
  for (const end = Date.now() + patienceMs; Date.now() < end; await sleep(500)) if (await holds()) return
  throw new Error(`not so after ${patienceMs / 1000} s: ${what}`)
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

  /** Waits until the group is resolved, and answers what went through again by the fix, as the group's own history has it. */
  async resolved(code: string, subject?: string, connection?: string): Promise<string> {
    let group: Group | undefined
    await eventually(`${code} is resolved`, async () => {
      group = await this.group('resolved', code, subject, connection)
      return group !== undefined
    })
    const { notes }: { readonly notes: readonly Note[] } = await this.call('GET', `/v1/failures/${group?.id}`)
    // The newest first; what an earlier day did to the same group stands below.
    const done = notes.find(({ kind, text }) => kind === 'replay' || text.startsWith('push-again'))
    if (done === undefined) return ''
    if (done.kind !== 'replay') return `${done.text.split(' ')[1]} sent again`
    let replayed = 0
    await eventually(`replay ${done.text} ends`, async () => {
      const job = await this.call('GET', `/v1/jobs/${done.text}`)
      replayed = job.done
      return job.state === 'done'
    })
    return `${replayed} replayed`
  }

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

interface Note {
  readonly kind: string
  readonly text: string
}

export interface Group {
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

interface Placed {
  readonly places?: readonly { readonly id: string; readonly location: string | null }[]
}
export const placeIn = ({ places = [] }: Placed, id: string): { readonly location: string | null } | undefined =>
  places.find((place) => place.id === id)

/** A new order whose goods lie, all or in part, at this place of the channel: which of its warehouses have them is the shop's affair. */
export async function orderFrom(hub: Hub, shop: Shop, place: string): Promise<string> {
  for (let tries = 0; tries < 20; tries += 1) {
    const order = await hub.orderOf(shop.connection, await shop.pull('shop', {}))
    const { doc } = await hub.call('GET', `/v1/orders/${order}`)
    if (placeIn(doc, place)) return order
  }
  throw new Error(`no order takes its goods from ${place}`)
}
