import { Client, Connection } from '@temporalio/client'
import { z } from 'zod'
import { Vacuous, type Experiment } from '../experiment.ts'
import { complaints, sound, untilAgreed } from '../judge.ts'
import type { World } from '../world.ts'

const LINES = [1, 1000, 5000]
const LONG = 'Ｓ'.repeat(30) + '-' + 'K'.repeat(169)
const EMOJI = '👩‍👩‍👧‍👦 Thé glacé 冰茶 𠮷'

/** A payload of this size holds no order. */
const LARGEST_PAYLOAD = 20_000
const page = z.looseObject({ doc: z.looseObject({ lines: z.array(z.looseObject({ channel_sku: z.string(), title: z.string() })) }) })

async function place(world: World, lines: number): Promise<string> {
  return world.shop.act('place', {
    lines: Array.from({ length: lines }, (_, n) => ({
      sku: `${LONG}${n}`.slice(-200),
      name: `${EMOJI} ${n}`,
      unitPrice: `${n % 90}.99`,
      quantity: 1 + (n % 5),
    })),
  })
}

/** Size of the largest payload any workflow has seen, and how many of them carry text of the order. */
async function payloads(world: World): Promise<{ readonly largest: number; readonly leaking: number; readonly seen: number }> {
  const connection = await Connection.connect({ address: `127.0.0.1:${world.temporal.port}` })
  const found = { largest: 0, leaking: 0, seen: 0 }
  const walk = (value: unknown): void => {
    if (value instanceof Uint8Array) {
      found.seen += 1
      found.largest = Math.max(found.largest, value.byteLength)
      if (Buffer.from(value).includes('glac') || Buffer.from(value).includes('KKKKKKKK')) found.leaking += 1
    } else if (typeof value === 'object' && value !== null) Object.values(value).forEach(walk)
  }
  try {
    const client = new Client({ connection, namespace: 'channel-hub' })
    for await (const { workflowId, runId } of client.workflow.list()) walk(await client.workflow.getHandle(workflowId, runId).fetchHistory())
  } finally {
    await connection.close()
  }
  return found
}

export const experiment: Experiment = {
  id: 'F-D2',
  title: `orders of ${LINES.join(', ')} lines, SKUs of 200 characters, emoji and characters beyond the first plane`,
  minutes: 0.7,
  async run(rig) {
    const world = await rig.world()
    const connection = await world.connect()
    const ids: string[] = []
    for (const lines of LINES) ids.push(await place(world, lines))
    const { verdict, seconds } = await untilAgreed(world, connection, performance.now())
    const { rows } = await world.pool.query<{ id: string; lines: number; seconds: number }>(
      `select o.id::text, o.line_count as lines, extract(epoch from o.first_seen_at - r.received_at)::float8 as seconds
       from orders o join lateral (select received_at from raw_events where connection_id = o.connection_id and kind = 'order' and external_id = o.external_id order by id limit 1) r on true
       where o.connection_id = $1 order by o.line_count`,
      [connection],
    )
    const notes: string[] = []
    let whole = rows.length === LINES.length
    for (const row of rows) {
      const answer = await world.hub.ask('GET', `/v1/orders/${row.id}`)
      const lines = answer.status === 200 ? page.parse(answer.body).doc.lines : []
      whole &&= lines.length === row.lines && lines.every((line) => line.title.startsWith(EMOJI) && line.channel_sku.length === 200)
      notes.push(
        `${row.lines} lines: stored ${row.seconds.toFixed(2)} s after it was received, its page answers ${answer.status} in ${Math.round(answer.ms)} ms`,
      )
    }
    const temporal = await payloads(world)
    if (temporal.seen < 10) throw new Vacuous('no payloads were looked at')
    return {
      faults: LINES.length,
      lost: verdict.lost.length,
      doubled: verdict.doubled.length,
      recoverySeconds: seconds,
      pass: sound(verdict) && verdict.compared === LINES.length && whole && temporal.leaking === 0 && temporal.largest < LARGEST_PAYLOAD,
      notes: [
        ...notes,
        `${temporal.seen} payloads in the workflow server, the largest ${temporal.largest} bytes, ${temporal.leaking} with text of an order`,
        ...complaints(verdict),
      ],
    }
  },
}
