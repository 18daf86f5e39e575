import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { AnyConnector } from '../../../src/core/connector.ts'
import { ChannelError } from '../../../src/core/fault.ts'
import { createCall, memoryTokens, withTokens, type CallInput } from '../../../src/kit/call.ts'

const connector = (refreshToken?: AnyConnector['refreshToken']): AnyConnector => ({
  manifest: {
    id: 'probe',
    title: { en: 'Probe', zh: '探针' },
    kind: 'custom',
    stability: 'experimental',
    api: { version: '1', docs: '' },
    config: z.object({ url: z.url(), pageSize: z.number().default(50) }),
    secrets: z.object({ key: z.string().min(8) }),
    limits: [],
    hosts: () => [],
    capabilities: {},
  },
  check: () => Promise.resolve([]),
  ...(refreshToken ? { refreshToken } : {}),
})
const open = (change: Partial<CallInput> = {}) =>
  createCall({
    connector: connector(),
    connectionId: 'c_1',
    config: { url: 'https://shop.example' },
    secrets: { key: 'CANARY-1234' },
    http: () => Promise.reject(new Error('not called')),
    tokens: memoryTokens({ access: 'old' }),
    now: () => new Date(0),
    signal: new AbortController().signal,
    ...change,
  })

describe('createCall', () => {
  it('fills defaults in from the connector’s schema', () => {
    expect(open().config).toEqual({ url: 'https://shop.example', pageSize: 50 })
  })

  it('names the settings that do not fit, never their values', () => {
    expect(() => open({ config: { url: 'CANARY', pageSize: 'many' } })).toThrow('The settings do not fit: url, pageSize.')
    expect(() => open({ secrets: { key: 'CANARY' } })).toThrow('The credentials do not fit: key.')
  })
})

describe('withTokens', () => {
  const refused = (): never => {
    throw new ChannelError({ kind: 'unauthorized', message: 'expired' })
  }

  it('renews once for everybody who was refused at the same time', async () => {
    let renewals = 0
    const call = open({ connector: connector(() => Promise.resolve({ values: { access: `new-${++renewals}` } })) })
    const results = await Promise.all(
      Array.from({ length: 8 }, () =>
        withTokens(call, (tokens) => (tokens['access'] === 'old' ? Promise.resolve().then(refused) : Promise.resolve(tokens['access']))),
      ),
    )
    expect(results).toEqual(Array.from({ length: 8 }, () => 'new-1'))
    expect(renewals).toBe(1)
  })

  it('gives up after one renewal, and passes other faults on without renewing', async () => {
    let renewals = 0
    const call = open({ connector: connector(() => Promise.resolve({ values: { access: `new-${++renewals}` } })) })
    await expect(withTokens(call, () => Promise.resolve().then(refused))).rejects.toThrow('expired')
    expect(renewals).toBe(1)
    await expect(withTokens(call, () => Promise.reject(new ChannelError({ kind: 'transient', message: 'later' })))).rejects.toThrow('later')
    expect(renewals).toBe(1)
  })

  it('says so where there is nothing to renew', async () => {
    await expect(withTokens(open(), () => Promise.resolve().then(refused))).rejects.toThrow('no token to renew')
  })
})
