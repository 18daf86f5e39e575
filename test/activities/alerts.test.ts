import { createServer } from 'node:http'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { registry } from '../../connectors/index.ts'
import { type DeliveryDeps, deliverAlerts } from '../../src/activities/alert-delivery.ts'
import { lookForAlerts } from '../../src/deliver/alerts.ts'
import { createDestination } from '../../src/store/alerts/destinations.ts'
import { snoozeIncident } from '../../src/store/alerts/incidents.ts'
import { createAlertRule, type RuleInput } from '../../src/store/alerts/rules.ts'
import { sql0036 } from '../../src/store/migrations/0036-privacy-alert.ts'
import { type TestHub, testHub } from '../support/builders.ts'
import { type TestDatabase, freshDatabase } from '../support/db.ts'

let database: TestDatabase
let hub: TestHub
let url: string
let answer: { status: number; body: unknown } = { status: 200, body: { errcode: 0, errmsg: 'ok' } }
const heard: string[] = []
const server = createServer((request, response) => {
  const parts: Buffer[] = []
  request.on('data', (part: Buffer) => parts.push(part))
  request.on('end', () => {
    heard.push(String(JSON.parse(Buffer.concat(parts).toString('utf8')).text.content))
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(JSON.stringify(answer.body))
  })
})

beforeAll(async () => {
  database = await freshDatabase()
  hub = await testHub(database.url)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/send?key=K`
})
afterAll(async () => {
  server.close()
  await hub.close()
  await database.drop()
})

/** Later than every clock of the database, so that what it stamps itself lies before. */
let now = Date.parse('2030-01-01T12:00:00Z')
const pass = (seconds: number): void => void (now += seconds * 1000)
beforeEach(async () => {
  answer = { status: 200, body: { errcode: 0, errmsg: 'ok' } }
  await hub.pool.query('truncate alert_incidents, alert_messages, alert_destinations, alert_rules, rate_limits cascade')
  await hub.pool.query(`update alert_looks set looked_at = 'epoch'`)
  await hub.pool.query(`update connections set state = 'active'`)
  pass(3600)
})
afterEach(() => void heard.splice(0))

const deps = (over: Partial<DeliveryDeps> = {}): DeliveryDeps => ({
  pool: hub.pool,
  box: hub.box,
  allowPrivate: 'all',
  now: () => new Date(now),
  publicUrl: 'https://hub.example',
  ...over,
})
/** One turn of the watch. */
const turn = async (): Promise<void> => {
  await lookForAlerts({ pool: hub.pool, registry, now: new Date(now) })
  await deliverAlerts(deps())
}
const stop = (state: 'needs-auth' | 'active') => hub.pool.query('update connections set state = $1', [state])
const rule = (over: Partial<RuleInput> = {}): Promise<string> =>
  createAlertRule(
    hub.pool,
    {
      name: 'Stopped',
      scope: 'connection',
      condition: 'connection.state == "needs-auth"',
      severity: 'warning',
      for_minutes: 0,
      remind_minutes: null,
      destinations: null,
      connections: null,
      enabled: true,
      muted_until: null,
      ...over,
    },
    'test',
  )
const group = (name = 'Duty', quiet: { from: number; to: number } | null = null): Promise<string> =>
  createDestination(
    hub.pool,
    hub.box,
    { name, kind: 'wecom', config: {}, secrets: { url }, language: 'en', timezone: 'UTC', quiet, enabled: true },
    'test',
  )
const titles = (): readonly string[] => heard.map((text) => text.split('\n')[0] ?? '')
const STOPPED = '[Warning] Stopped: c_plain'
const OVER = '[Warning] Over: Stopped: c_plain'

describe('alerts', () => {
  it('send one message when something begins and one when it is over, with the facts and a link, however often is looked', async () => {
    await rule()
    await group()
    await turn()
    expect(heard).toEqual([])
    await stop('needs-auth')
    for (let i = 0; i < 4; i += 1) {
      pass(20)
      await turn()
    }
    expect(heard).toEqual([
      expect.stringMatching(/^\[Warning\] Stopped: c_plain\nState .*: needs-auth\nSince 2030-.*\nhttps:\/\/hub\.example\/connections\/c_plain$/),
    ])
    await stop('active')
    for (let i = 0; i < 6; i += 1) {
      pass(20)
      await turn()
    }
    expect(titles()).toEqual([STOPPED, OVER])
    const { rows } = await hub.pool.query('select count(*)::int as n, count(closed_at)::int as closed from alert_incidents')
    expect(rows).toEqual([{ n: 1, closed: 1 }])
  })

  it('take what flickers for one incident, and say nothing of what does not last as long as the rule wants', async () => {
    await rule({ for_minutes: 5 })
    await group()
    await stop('needs-auth')
    await turn()
    pass(240)
    await turn()
    await stop('active')
    pass(20)
    await turn()
    await stop('needs-auth')
    pass(20)
    await turn()
    pass(299)
    await turn()
    expect(heard).toEqual([])
    pass(20)
    await turn()
    expect(titles()).toEqual([STOPPED])
    for (const state of ['active', 'needs-auth', 'active', 'needs-auth'] as const) {
      await stop(state)
      pass(30)
      await turn()
    }
    expect(titles()).toEqual([STOPPED])
  })

  it('wait in quiet hours, unless urgent; what began and ended meanwhile is told once', async () => {
    now = Date.parse('2030-06-01T23:00:00Z')
    const quiet = { from: 22 * 60, to: 8 * 60 }
    await group('Quiet', quiet)
    await rule()
    await rule({ name: 'Urgent', severity: 'urgent' })
    await stop('needs-auth')
    await turn()
    expect(titles()).toEqual(['[Urgent] Urgent: c_plain'])
    await stop('active')
    pass(20)
    await turn()
    pass(80)
    await turn()
    expect(titles()).toEqual(['[Urgent] Urgent: c_plain', '[Urgent] Over: Urgent: c_plain'])
    now = Date.parse('2030-06-02T08:00:00Z')
    await turn()
    expect(titles().slice(2)).toEqual([OVER])
  })

  it('are muted with their rule and snoozed one by one; reminders come when wanted', async () => {
    await group()
    const muted = await rule({ name: 'Muted', muted_until: new Date(now + 600_000).toISOString() })
    await rule({ remind_minutes: 10 })
    await stop('needs-auth')
    await turn()
    pass(590)
    await turn()
    expect(titles()).toEqual([STOPPED])
    pass(20)
    await turn()
    expect(titles().toSorted()).toEqual([STOPPED, '[Warning] Muted: c_plain', '[Warning] still: Stopped: c_plain'].toSorted())
    const { rows } = await hub.pool.query<{ id: string }>('select id::text from alert_incidents where rule_id <> $1', [muted])
    await snoozeIncident(hub.pool, rows[0]?.id ?? '', new Date(now + 1_800_000).toISOString(), 'test')
    pass(1200)
    await turn()
    expect(heard).toHaveLength(3)
    pass(700)
    await turn()
    expect(titles().slice(3)).toEqual(['[Warning] still: Stopped: c_plain'])
  })

  it('are sent once by many workers at once, and again after one was killed while sending', async () => {
    await group()
    await rule()
    await stop('needs-auth')
    await Promise.all(Array.from({ length: 6 }, () => lookForAlerts({ pool: hub.pool, registry, now: new Date(now) })))
    await Promise.all(Array.from({ length: 6 }, () => deliverAlerts(deps())))
    expect(titles()).toEqual([STOPPED])
    await hub.pool.query(`update alert_messages set state = 'sending', claim = 'dead', claimed_until = $1`, [new Date(now + 120_000)])
    await deliverAlerts(deps())
    expect(heard).toHaveLength(1)
    pass(121)
    await deliverAlerts(deps())
    expect(heard).toHaveLength(2)
  })

  it('try again what a robot refuses, wait as long as one that is too busy wants, and give up in the end', async () => {
    await group()
    await rule()
    await stop('needs-auth')
    answer = { status: 200, body: { errcode: 45009, errmsg: 'api freq out of limit' } }
    await turn()
    const state = async () => (await hub.pool.query('select state, attempts, answer from alert_messages')).rows
    expect(await state()).toEqual([{ state: 'waiting', attempts: 0, answer: 'The robot answered 45009: api freq out of limit' }])
    answer = { status: 200, body: { errcode: 93000, errmsg: 'invalid webhook url' } }
    for (let i = 0; i < 14; i += 1) {
      pass(3601)
      // The pace of a robot runs by the clock of the database.
      await hub.pool.query('truncate rate_limits')
      await deliverAlerts(deps())
    }
    expect(await state()).toEqual([{ state: 'failed', attempts: 12, answer: 'The robot answered 93000: invalid webhook url' }])
    expect((await hub.pool.query('select last_fault from alert_destinations')).rows).toEqual([
      { last_fault: 'The robot answered 93000: invalid webhook url' },
    ])
    expect(heard).toHaveLength(13)
  })

  it('come as one message where there are many, and no more than twenty a minute however many there are', async () => {
    await group()
    await hub.pool.query(`insert into connections (id, channel, name) select 'c_' || n, 'plain', 'Many ' || n from generate_series(1, 8) n`)
    await rule()
    await stop('needs-auth')
    await turn()
    expect(titles()).toEqual(['9 alerts'])
    for (let i = 0; i < 40; i += 1) {
      await hub.pool.query(
        `update alert_messages set state = 'waiting', attempts = 0, not_before = $1 where id = (select min(id) from alert_messages)`,
        [new Date(now)],
      )
      await deliverAlerts(deps())
    }
    expect(heard.length).toBeLessThanOrEqual(20)
    await hub.pool.query(`delete from connections where name like 'Many%'`)
  })

  it('go on when one rule cannot be judged and one destination is down', async () => {
    await group()
    await createDestination(
      hub.pool,
      hub.box,
      {
        name: 'Gone',
        kind: 'wecom',
        config: {},
        secrets: { url: 'http://127.0.0.1:1/send' },
        language: 'en',
        timezone: 'UTC',
        quiet: null,
        enabled: true,
      },
      'test',
    )
    await rule()
    const broken = await rule({ name: 'Broken', condition: '10 / connection.faults_in_row > 1' })
    await stop('needs-auth')
    await turn()
    expect(titles()).toEqual([STOPPED])
    expect((await hub.pool.query('select id, fault from alert_rules where fault is not null')).rows).toEqual([
      { id: broken, fault: 'division by zero' },
    ])
  })

  it('tell a week before a channel’s privacy request is due until somebody decides, also where its connection was removed', async () => {
    await hub.pool.query(sql0036)
    await group()
    const day = (days: number): string => new Date(now + days * 86_400_000).toISOString()
    const ask = (delivery: string, dueAt: string) =>
      hub.pool.query(
        `insert into privacy_requests (connection_id, delivery, raw_id, ask, external_ids, received_at, due_at) values ('c_plain', $1, 1, 'erase', '{}', now(), $2)`,
        [delivery, dueAt],
      )
    await ask('one', day(8))
    await turn()
    expect(heard).toEqual([])
    pass(2 * 86_400)
    await hub.pool.query(`update connections set state = 'removed'`)
    await ask('two', day(20))
    await turn()
    pass(20)
    await turn()
    expect(heard).toEqual([expect.stringMatching(/^\[Warning\] Privacy request due soon: The hub\n[^]*: 2\n[^]*due: 6\n/)])
    // Past its day it is the same incident; a decision about it ends it, while the other one waits in peace.
    pass(7 * 86_400)
    await turn()
    await hub.pool.query(`update privacy_requests set state = 'dismissed', decided_by = 'anna', decided_at = now() where delivery = 'one'`)
    for (let i = 0; i < 5; i += 1) {
      pass(20)
      await turn()
    }
    expect(titles()).toEqual(['[Warning] Privacy request due soon: The hub', '[Warning] Over: Privacy request due soon: The hub'])
    await hub.pool.query('delete from privacy_requests')
  })
})
