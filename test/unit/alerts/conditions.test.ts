import { describe, expect, it } from 'vitest'
import { compileCondition } from '../../../src/core/alert-conditions.ts'
import { isQuiet } from '../../../src/core/alert-rules.ts'
import { alertText, digestText } from '../../../src/core/alert-text.ts'

const facts = { connection: { state: 'active', lag_seconds: 1000, failure_rate: 0, silent: false, token_days: 6.5 }, hub: { waiting: 0 } }
const holds = (text: string): boolean => {
  const made = compileCondition('connection', text)
  if (!made.ok) throw new Error(made.fault.message)
  return made.condition.holds(facts)
}

describe('conditions', () => {
  it('are true or false of the facts, whole numbers and shares alike', () => {
    expect(holds('connection.lag_seconds > 900')).toBe(true)
    expect(holds('connection.lag_seconds / 60 > 15 && connection.state in ["active", "paused"]')).toBe(true)
    expect(holds('connection.failure_rate > 0.05')).toBe(false)
    expect(holds('connection.token_days < 7.0 && !connection.silent')).toBe(true)
    expect(holds('connection.state.startsWith("need") || hub.waiting > 10')).toBe(false)
  })

  it('name the place of what is wrong', () => {
    const fault = (text: string) => {
      const made = compileCondition('connection', text)
      return made.ok ? undefined : [made.fault.from, made.fault.message]
    }
    expect(fault('connection.lag > 1')).toEqual([11, expect.stringContaining('lag')])
    expect(fault('true && conection.silent')).toEqual([8, expect.stringContaining('conection')])
    expect(fault('connection.lag_seconds >')).toEqual([24, expect.any(String)])
    expect(fault('connection.state > 3')).toEqual([expect.any(Number), expect.stringContaining('>')])
    expect(fault('connection.lag_seconds')).toEqual([0, expect.stringContaining('true or false')])
    expect(fault('node.overdue > 0')).toEqual([0, expect.stringContaining('node')])
  })

  it('cannot run for ever: no regular expression, no loop, no lookup by a text', () => {
    for (const text of [
      'connection.name.matches("(a+)+$")',
      '[1,2,3].all(x, [1,2,3].exists(y, x == y))',
      'connection["state"] == "active"',
      `${'('.repeat(500)}true${')'.repeat(500)}`,
      `${'true && '.repeat(200)}true`,
      `"${'x'.repeat(2000)}" == ""`,
    ])
      expect([text.slice(0, 30), compileCondition('connection', text).ok]).toEqual([text.slice(0, 30), false])
  })

  it('say which facts they look at', () => {
    const made = compileCondition('node', 'node.overdue > 0 && connection.state == "active" && node.overdue < 10')
    expect(made.ok && made.condition.fields).toEqual(['node.overdue', 'connection.state'])
  })
})

describe('quiet hours', () => {
  it('go over midnight, by the clock of their zone', () => {
    const quiet = { from: 22 * 60, to: 8 * 60 }
    expect(isQuiet(quiet, 'Asia/Shanghai', new Date('2026-11-22T14:00:00Z'))).toBe(true)
    expect(isQuiet(quiet, 'Asia/Shanghai', new Date('2026-11-22T23:59:00Z'))).toBe(true)
    expect(isQuiet(quiet, 'Asia/Shanghai', new Date('2026-11-23T00:00:00Z'))).toBe(false)
    expect(isQuiet(quiet, 'UTC', new Date('2026-11-22T14:00:00Z'))).toBe(false)
    expect(isQuiet({ from: 60, to: 60 }, 'UTC', new Date('2026-11-22T01:00:00Z'))).toBe(false)
    expect(isQuiet(null, 'UTC', new Date())).toBe(false)
  })
})

describe('messages', () => {
  const news = {
    kind: 'open',
    rule: { name: null, built_in: 'overdue' },
    severity: 'urgent',
    connection: 'Tea <at user_id="all">',
    node: 'shipped',
    facts: { 'node.overdue': 12 },
    since: '2026-11-22T06:00:00Z',
    until: null,
    link: 'https://hub.example/board?connection=c_1',
  } as const

  it('say count, cause, since when and where to look, in the words of their readers, and call nobody by a tag', () => {
    expect(alertText(news, 'en', 'Asia/Shanghai')).toEqual({
      title: '[Urgent] Orders overdue: Tea ‹at user_id="all"› · to ship',
      body: 'Orders past the deadline: 12\nSince 2026-11-22 14:00\nhttps://hub.example/board?connection=c_1',
    })
    expect(alertText({ ...news, kind: 'over', until: '2026-11-22T07:00:00Z', link: null }, 'zh-CN', 'Asia/Shanghai')).toEqual({
      title: '[紧急] 已恢复：订单超时：Tea ‹at user_id="all"› · 待出库',
      body: '超时的订单数：12\n2026-11-22 14:00 至 2026-11-22 15:00',
    })
    expect(digestText([alertText(news, 'en', 'UTC'), alertText(news, 'en', 'UTC')], 'en').title).toBe('2 alerts')
  })
})
