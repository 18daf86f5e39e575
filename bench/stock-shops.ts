import type { Hub, Json } from './hub-process.ts'
import type { Mock, Sitting } from './sitting.ts'
import { pause } from './steps.ts'

export const FIRST_SHOP = 101
export const SHOPS = 20
export const GOODS = 10_000

const LOOK_MS = 20
const PATIENCE_MS = 180_000

/** What the shops of the mock were told. */
interface Told {
  readonly calls: number
  /** Different levels over all shops. */
  readonly levels: number
  /** When the last call was answered, milliseconds since 1970. */
  readonly lastAt: number
  readonly shops: readonly { readonly available: number; readonly at: number; readonly times: number }[]
}

/** Twenty connections to shops of the mock, armed, with outbound writes stopped until somebody starts them. */
export interface StockShops {
  told(sku?: string): Promise<Told>
  until(holds: (told: Told) => boolean, what: string): Promise<Told>
  /** When the last shop was told this level. */
  shown(sku: string, level: number): Promise<number>
  /** Until every answer is recorded. */
  quiet(): Promise<void>
  retire(): Promise<void>
}

export async function connectShops(sitting: Sitting, hub: Hub, mock: Mock, channel: 'bench' | 'bench-limited'): Promise<StockShops> {
  sitting.say(`connecting ${SHOPS} shops with ${GOODS} listings each to ${channel}`)
  await mock.control(`goods?first=${FIRST_SHOP}&count=${SHOPS}&goods=${GOODS}`)
  await hub.call('POST', '/v1/outbound/stop', { reason: 'to be measured' })
  const ids: string[] = []
  for (let n = 0; n < SHOPS; n += 1) {
    const made = await hub.call('POST', '/v1/connections', {
      channel,
      name: `${channel} ${FIRST_SHOP + n}`,
      config: { url: `${mock.url}/${FIRST_SHOP + n}` },
      secrets: { webhookSecret: 'a secret of the measurements' },
      timezone: 'UTC',
      currency: 'USD',
      start_from: new Date().toISOString(),
    })
    ids.push(String(made['id']))
  }
  await waitFor(
    'their listings',
    async () => (await count(hub, 'select count(*)::int as n from listings where connection_id = any($1)', [ids])) >= SHOPS * GOODS,
  )
  for (const id of ids) {
    const preview = await hub.call('GET', `/v1/connections/${id}/arm-preview?what=stock`)
    await hub.call('POST', `/v1/connections/${id}/arm`, { what: ['stock'], preview_hash: preview['hash'], confirm_zero: true })
  }
  const told = async (sku?: string): Promise<Told> => toldOf(await mock.control(`told${sku === undefined ? '' : `?sku=${sku}`}`))
  const until = async (holds: (said: Told) => boolean, what: string, sku?: string): Promise<Told> => {
    let said = await told(sku)
    await waitFor(what, async () => holds((said = await told(sku))))
    return said
  }
  return {
    told,
    until,
    shown: async (sku, level) => {
      const { shops } = await until(
        (said) => said.shops.length === SHOPS && said.shops.every(({ available }) => available === level),
        `${sku} at ${level}`,
        sku,
      )
      return Math.max(...shops.map(({ at }) => at))
    },
    quiet: () =>
      waitFor(
        'every answer to be recorded',
        async () => (await count(hub, `select count(*)::int as n from effects_now where kind = 'stock' and state = 'sending'`, [])) === 0,
      ),
    retire: async () => {
      for (const id of ids) await hub.call('POST', `/v1/connections/${id}/pause`, { reason: 'measured' })
    },
  }
}

async function waitFor(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (const end = performance.now() + PATIENCE_MS; !(await holds()); await pause(LOOK_MS))
    if (performance.now() > end) throw new Error(`Waited ${PATIENCE_MS / 1000} s in vain for ${what}.`)
}

const count = async (hub: Hub, sql: string, values: readonly unknown[]): Promise<number> =>
  (await hub.db.query<{ n: number }>(sql, [...values])).rows[0]?.n ?? 0

/** Parsing of the mock's words. */
const toldOf = (said: Json): Told => ({
  calls: Number(said['calls']),
  levels: Number(said['levels']),
  lastAt: Number(said['last_at']),
  shops: said['shops'] as Told['shops'],
})
