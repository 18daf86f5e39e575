import { expect, it } from 'vitest'
import type { Rule } from '../../console/src/api/stock-rules.ts'
import { bodyOf, draftOf, emptyDraft, faultsOf, fromPercent, ruleOf, toPercent } from '../../console/src/pages/stock-rules/rule-form.ts'

it('turns shares into percent and back, digit by digit', () => {
  for (const [share, percent] of [
    ['0', '0'],
    ['1', '100'],
    ['0.5', '50'],
    ['0.125', '12.5'],
    ['0.07', '7'],
    ['0.005', '0.5'],
    ['0.000001', '0.0001'],
  ] as const) {
    expect([share, toPercent(share)]).toEqual([share, percent])
    expect([percent, fromPercent(percent)]).toEqual([percent, share])
  }
  for (const bad of ['', '101', '-1', '1e1', '50%', '1000', '0.00001', '100.1']) expect([bad, fromPercent(bad)]).toEqual([bad, undefined])
})

it('sends a rule that was opened and not touched as it is stored', () => {
  const rule: Rule = {
    ...{ id: 7, name: 'Tea', plan: '双十一', connection: 'c_1', category: 'drinks/*', skus: ['TEA-*', 'CUP 1'], share: '0.125' },
    ...{
      quota: 0,
      priority: -2,
      maximum: 50,
      buffer: 1,
      locations: ['main'],
      exclusive: true,
      stop: false,
      at_hand: true,
      from: '2026-11-10T16:00:00.000Z',
    },
    ...{ until: '2026-11-11T16:00:00.000Z', enabled: false, reason: 'because', standing: 'off', author: 'x', version: 3, updated_at: '' },
  }
  expect(ruleOf(draftOf(rule))).toEqual(bodyOf(rule))
  expect(faultsOf(draftOf(rule))).toEqual({})
})

it('says what is wrong with a form, field by field', () => {
  expect(faultsOf({ ...emptyDraft, name: 'x', locations: ['main'], exclusive: true })).toEqual({ exclusive: 'exclusive-alone' })
  expect(ruleOf({ ...emptyDraft, name: 'x', exclusive: true })).toMatchObject({ locations: null, exclusive: false })
  expect(faultsOf(emptyDraft)).toEqual({ name: 'name-missing', stop: 'says-nothing' })
  const wrong = {
    ...emptyDraft,
    name: 'x',
    share: '120',
    maximum: '-1',
    buffer: '1.5',
    priority: 'high',
    from: '2026-11-11T10:00',
    until: '2026-11-11T09:00',
  }
  expect(faultsOf(wrong)).toEqual({
    share: 'not-percent',
    maximum: 'not-count',
    buffer: 'not-count',
    priority: 'not-priority',
    until: 'range-invalid',
  })
  expect(faultsOf({ ...emptyDraft, name: 'x', stop: 'no' })).toEqual({})
})
