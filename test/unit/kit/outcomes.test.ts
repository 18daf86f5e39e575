import { describe, expect, it } from 'vitest'
import { youzan } from '../../../connectors/youzan/index.ts'
import type { AnyConnector } from '../../../src/core/connector.ts'
import { ChannelError, type Fault } from '../../../src/core/fault.ts'
import { createCall, memoryTokens } from '../../../src/kit/call.ts'
import { createHttp } from '../../../src/kit/http.ts'
import { memoryLimiter } from '../../../src/kit/limiter.ts'
import { doubted } from '../../../src/kit/outcomes.ts'
import { closeServers, serve } from './probe.ts'

const kindOf = (fault: Fault, isAccident?: (code: string) => boolean): string => {
  const error = doubted(new ChannelError(fault), isAccident)
  return error instanceof ChannelError ? error.fault.kind : 'lost'
}

describe('the fault of a write', () => {
  it('is in doubt behind an answer nobody can read and behind an accident the channel names', () => {
    expect(kindOf({ kind: 'unreadable', message: '' })).toBe('in-doubt')
    expect(kindOf({ kind: 'transient', code: 'error_server', message: '' })).toBe('in-doubt')
    expect(kindOf({ kind: 'transient', message: '' })).toBe('transient')
    expect(kindOf({ kind: 'transient', code: '15', message: '' }, (code) => code === '16')).toBe('transient')
    expect(kindOf({ kind: 'refused', code: '15', message: '' })).toBe('refused')
  })

  it.each(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH'])('is no doubt where nothing left this machine (%s)', (code) => {
    expect(kindOf({ kind: 'transient', code, message: '' })).toBe('transient')
    expect(kindOf({ kind: 'transient', code, message: '' }, () => true)).toBe('transient')
  })

  it('is no doubt for a level that met a closed door', async () => {
    const connector: AnyConnector = youzan as never
    const { base: url } = await serve(() => undefined)
    closeServers()
    const call = createCall({
      connector,
      connectionId: 'c_1',
      config: { kdtId: '1', url },
      secrets: { clientId: 'a', clientSecret: 'b' },
      http: createHttp({
        connector,
        connectionId: 'c_1',
        hosts: [url],
        limiter: memoryLimiter(() => Date.now()),
        allowPrivate: [new URL(url).host],
        now: () => new Date(),
        signal: new AbortController().signal,
      }),
      tokens: memoryTokens({ token: 't' }),
      now: () => new Date(),
      signal: new AbortController().signal,
    })
    const level = { key: 'k', ids: { item: '1' }, sku: 'S', quantity: 1, idempotencyKey: 'i' }
    const error = await connector.pushInventory?.(call, [level]).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ fault: { kind: 'transient', code: 'ECONNREFUSED' } })
  })
})
