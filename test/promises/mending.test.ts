import { afterAll, beforeAll, expect, it } from 'vitest'
import { noteReadFault, noteSuccess } from '../../src/activities/connection-health.ts'
import type { OpenedConnection } from '../../src/activities/pull.ts'
import { pushEffects, type PushDeps } from '../../src/activities/push.ts'
import type { ShipmentWrite } from '../../src/core/connector.ts'
import { retryEffect } from '../../src/deliver/effects.ts'
import { createShipment } from '../../src/deliver/shipments.ts'
import { ingest } from '../../src/normalize/ingest.ts'
import { ackOrders } from '../../src/store/deliver/ack-orders.ts'
import { refusedInGroup } from '../../src/store/deliver/edit-effects.ts'
import { loadConnection } from '../../src/store/deliver/open-connection.ts'
import { reEmitGroup } from '../../src/store/edit/re-emit.ts'
import { addOverride } from '../../src/store/overrides/edit-overrides.ts'
import { overridesOf } from '../../src/store/overrides/load-overrides.ts'
import { readFailureGroup, type FailureGroupRow } from '../../src/store/read/failures.ts'
import { incoming } from '../support/builders.ts'
import { openHub, type PromiseHub } from './open-hub.ts'
import { PlainChannel } from './plain-channel.ts'

let hub: PromiseHub
let deps: PushDeps
const told: ShipmentWrite[] = []

/** A channel that has ZTO alone in its list of carriers. */
async function open(): Promise<OpenedConnection> {
  const overrides = overridesOf((await loadConnection(hub.pool, 'c_plain'))?.overrides)
  const opened = new PlainChannel().open({ ...hub.context, ...(overrides && { overrides }) })
  return {
    ...opened,
    connector: {
      ...opened.connector,
      pushShipment: (_call: unknown, shipment: ShipmentWrite) => {
        if (shipment.carrier.code === 'ZTO') told.push(shipment)
        return Promise.resolve(
          shipment.carrier.code === 'ZTO'
            ? { key: shipment.key, status: 'applied' as const, proof: { tracking: shipment.trackingNo } }
            : {
                key: shipment.key,
                status: 'refused' as const,
                fault: { kind: 'refused' as const, code: 'carrier-unknown', message: `Plain knows no carrier "${shipment.carrier.code}".` },
              },
        )
      },
    },
  }
}

beforeAll(async () => {
  hub = await openHub()
  await hub.pool.query('update connections set armed_shipments = true')
  deps = { ...hub, now: () => new Date(), open }
})
afterAll(() => hub.close())

const group = async (code: string): Promise<FailureGroupRow | undefined> =>
  readFailureGroup(hub.pool, (await hub.rows<{ id: string }>('select id::text from failure_groups where code = $1', [code]))[0]?.id ?? '0', null)

async function order(no: string): Promise<number> {
  await ingest(hub, hub.context, [incoming({ no, at: '2026-11-20T07:00:00Z' })])
  return hub.value<number>('select id from orders where channel_order_no = $1', [no])
}

async function ship(no: string, carrier: string): Promise<void> {
  const orderId = await order(no)
  await createShipment({
    pool: hub.pool,
    orderId,
    carrier,
    trackingNo: `T-${no}`,
    source: 'api',
    actor: 'erp',
    now: new Date(),
    force: true,
    forceReason: 'test',
  })
  await pushEffects(deps, 'c_plain', new AbortController().signal)
}

it('names another carrier to a channel that does not know ours, sends what was refused, and keeps ours on the order', async () => {
  await ship('C1', 'DPD')
  await ship('C2', 'DPD')
  await ship('C3', 'GLS')
  const refused = await group('carrier-unknown')
  expect(refused).toMatchObject({ subject: 'DPD', count: 2, orders: 2, status: 'open' })
  await addOverride(hub.pool, {
    connectionId: 'c_plain',
    kind: 'carrier',
    field: '',
    entity: '',
    from: 'DPD',
    to: 'ZTO',
    reason: 'not in their list',
    author: 'user:ops',
    now: new Date(),
  })
  for (const { id } of await refusedInGroup(hub.pool, refused?.id ?? '0', 10))
    await retryEffect({ pool: hub.pool, effectId: id, reason: 'named anew', actor: 'user:ops', now: new Date() })
  await pushEffects(deps, 'c_plain', new AbortController().signal)
  expect(told.map((shipment) => [shipment.trackingNo, shipment.carrier.code])).toEqual([
    ['T-C1', 'ZTO'],
    ['T-C2', 'ZTO'],
  ])
  expect(
    await hub.rows('select distinct carrier from shipments s join orders o on o.id = s.order_id where o.channel_order_no in ($1, $2)', ['C1', 'C2']),
  ).toEqual([{ carrier: 'DPD' }])
  expect(await readFailureGroup(hub.pool, refused?.id ?? '0', null)).toMatchObject({ status: 'resolved', count: 0 })
  // Another carrier is another cause, and waits on.
  expect(await hub.rows(`select subject, status from failure_groups where code = 'carrier-unknown' order by subject`)).toEqual([
    { subject: 'DPD', status: 'resolved' },
    { subject: 'GLS', status: 'open' },
  ])
  await ship('C4', 'DPD')
  expect(told.at(-1)?.trackingNo).toBe('T-C4')
})

it('brings an order the ERP rejected before it once more, and says when it is rejected again', async () => {
  await hub.pool.query(`insert into consumers (name) values ('erp')`)
  const id = await order('A1')
  const version = await hub.value<number>('select version from orders where id = $1', [id])
  const ack = (status: 'accepted' | 'rejected') =>
    ackOrders(
      hub.pool,
      'erp',
      [{ orderId: String(id), version, status, ...(status === 'rejected' && { code: 'no-vat', reason: 'No VAT number.' }) }],
      null,
      new Date(),
    )
  await ack('rejected')
  const rejected = await group('no-vat')
  expect(rejected).toMatchObject({ operation: 'acknowledge', subject: 'erp', count: 1, orders: 1, regressed: false })
  expect(await reEmitGroup(hub.pool, rejected?.id ?? '0')).toBe(1)
  expect(await hub.value<number>(`select count(*)::int from feed where order_id = $1 and cause = 're-emit'`, [id])).toBe(1)
  await ack('accepted')
  expect(await group('no-vat')).toMatchObject({ status: 'resolved', count: 0 })
  await ack('rejected')
  expect(await group('no-vat')).toMatchObject({ status: 'open', count: 1, regressed: true })
})

it.each([
  ['pull', 'unauthorized', 'needs-auth'],
  ['webhook', 'refused', 'active'],
] as const)('keeps a lost %s as one cause until it works again', async (operation, kind, state) => {
  const fault = { kind, code: `lost-${operation}`, message: 'The channel said no.' } as const
  const connection = { id: 'c_plain', channel: 'plain' }
  await noteReadFault(deps, connection, operation, fault)
  await noteReadFault(deps, connection, operation, fault)
  expect(await group(fault.code)).toMatchObject({ count: 1, status: 'open' })
  expect(await hub.value('select state from connections where id = $1', ['c_plain'])).toBe(state)
  await noteSuccess(deps, 'c_plain', operation)
  expect(await group(fault.code)).toMatchObject({ count: 0, status: 'resolved' })
  expect(await hub.value('select state from connections where id = $1', ['c_plain'])).toBe('active')
  await noteReadFault(deps, connection, operation, fault)
  expect(await group(fault.code)).toMatchObject({ count: 1, status: 'open', regressed: true })
  await noteSuccess(deps, 'c_plain', operation)
})
