import { createHash, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { Vacuous, type Experiment } from '../experiment.ts'
import { backup, hubOn, restored } from '../hub-copy.ts'
import { complaints, sound, untilAgreed, type Judged } from '../judge.ts'
import { lively } from '../measure.ts'
import { armed, quiet } from '../outbound.ts'
import { replay } from '../replays.ts'
import { eventually } from '../wait.ts'

const HISTORY = 600
const CHANGES = 60

/** Everything that is a function of the documents: no row ids of orders, no versions, no clocks of the hub. */
const CANONICAL = `
  select 'order ' || o.channel_order_no as name, concat_ws('|', o.connection_id, o.external_id, encode(o.content_hash, 'hex'), o.doc::text, o.source_status, o.payment, o.fulfilment, o.after_sale,
    o.approval, o.cancelled, o.cancel_requested, o.closed, o.reserves, o.currency, o.total_minor, o.paid_minor, o.refunded_minor, o.line_count, o.unit_count, o.placed_at, o.paid_at, o.raw_id, o.source_time,
    (select string_agg((to_jsonb(l) - 'order_id')::text, ';' order by l.line_no) from order_lines l where l.order_id = o.id),
    (select string_agg(h.code || h.detail || h.message, ';' order by h.code, h.detail) from holds h where h.order_id = o.id and h.released_at is null),
    (select string_agg(concat_ws(',', f.code, f.at, f.source, f.ref), ';' order by f.code, f.at, f.ref) from order_facts f where f.order_id = o.id)) as line from orders o
  union all select 'refund ' || r.channel_refund_no, concat_ws('|', r.connection_id, r.kind, r.state, r.amount_minor, r.currency, r.detailed, encode(r.content_hash, 'hex'), r.doc::text, o.channel_order_no)
    from refunds r left join orders o on o.id = r.order_id
  union all select 'stock ' || sku, concat_ws('|', location, trim_scale(reserved)) from stock where reserved <> 0
  order by 1, 2`

interface Canon {
  readonly lines: ReadonlyMap<string, string>
  readonly digest: string
}

async function canon({ pool }: Pick<Judged, 'pool'>): Promise<Canon> {
  const { rows } = await pool.query<{ name: string; line: string }>(CANONICAL)
  const digest = createHash('sha256')
  for (const row of rows) digest.update(`${row.name}\n${row.line}\n`)
  return { lines: new Map(rows.map((row) => [row.name, row.line])), digest: digest.digest('hex') }
}

/** The fields in which two lines differ. */
function difference(live = '', rebuilt = ''): string {
  const [a, b] = [live.split('|'), rebuilt.split('|')]
  return a
    .flatMap((field, n) => (field === b[n] ? [] : [`${field.slice(0, 120)} became ${(b[n] ?? '').slice(0, 120)}`]))
    .slice(0, 2)
    .join('; ')
}

export const experiment: Experiment = {
  id: 'F-D5',
  title: 'the canonical store is thrown away on a copy and rebuilt from the archive',
  minutes: 2,
  async run(rig) {
    const masterKey = randomBytes(32).toString('base64')
    const world = await rig.world({ env: { HUB_MASTER_KEY: masterKey } })
    await world.shop.pull('seed-orders', { count: HISTORY, spreadDays: 40 })
    const connection = await world.connect({ startFrom: new Date(Date.now() - 41 * 86_400_000).toISOString() })
    await untilAgreed(world, connection, performance.now(), { seconds: 120, pull: false })
    await armed(world, connection, 900)
    await world.shop.pull('trickle', lively(600))
    const changed = (): Promise<number> => world.count('select count(*) from order_versions where version > 1')
    const before = await changed()
    await eventually('orders change', async () => ((await changed()) - before >= CHANGES ? true : undefined), 240, 500).catch(() => undefined)
    await world.shop.pull('trickle', { perMinute: 0 })
    const { verdict } = await untilAgreed(world, connection, performance.now(), { seconds: 120 })
    await quiet(world, connection)
    const changes = (await changed()) - before
    if (changes < CHANGES) throw new Vacuous(`only ${changes} versions were made by changes`)
    await world.hub.ask('POST', `/v1/connections/${connection}/pause`, { reason: 'copy' })
    await world.worker.stop()
    const live = await canon(world)
    const file = join(world.home, 'copy.gz')
    await backup(world, file)
    const databaseUrl = await restored(world, 'rebuilt', file)
    const copy = await hubOn(rig, world, { databaseUrl, masterKey, namespace: 'rebuilt' })
    await copy.pool.query(
      'truncate orders, refunds, failure_groups, feed, stock_ledger, listing_dirty, fetch_queue restart identity cascade; update stock set reserved = 0',
    )
    if ((await canon(copy)).lines.size !== 0) throw new Vacuous('the copy was not emptied')
    const run = await replay(copy, { connection }, 240)
    const again = await canon(copy)
    const differing = [...live.lines].filter(([name, line]) => again.lines.get(name) !== line).map(([name]) => name)
    const extra = [...again.lines.keys()].filter((name) => !live.lines.has(name))
    return {
      faults: 1,
      lost: verdict.lost.length + differing.length,
      doubled: verdict.doubled.length + extra.length,
      recoverySeconds: Math.round(run.seconds * 10) / 10,
      pass: sound(verdict) && again.digest === live.digest,
      notes: [
        `${live.lines.size} orders, refunds and reservations, ${changes} changes in their history; ${run.done} documents replayed`,
        `SHA-256 ${live.digest.slice(0, 12)} live, ${again.digest.slice(0, 12)} rebuilt`,
        ...(differing.length === 0
          ? []
          : [
              `${differing.length} differ, the first is ${differing[0]}: ${difference(live.lines.get(differing[0] ?? ''), again.lines.get(differing[0] ?? ''))}`,
            ]),
        ...complaints(verdict),
      ],
    }
  },
}
