import type { AnyConnector, Call, HttpRequest } from '../../../src/core/connector.ts'
import { ChannelError } from '../../../src/core/fault.ts'
import { createCall, memoryTokens } from '../../../src/kit/call.ts'

/** A call as it left: its path, and its query and form or body as one text. */
interface Asked {
  readonly path: string
  readonly text: string
}

/** A channel of prepared answers; what its classify reads as a fault is thrown as one, as the hub's client does. */
export function preparedDoor(
  given: {
    readonly connector: AnyConnector
    readonly settings?: object
    readonly secrets: object
    readonly tokens?: Readonly<Record<string, string>>
  },
  answer: (asked: Asked, nth: number) => unknown,
): { readonly call: Call<never, never>; readonly asked: readonly Asked[] } {
  const asked: Asked[] = []
  const http = (request: HttpRequest) => {
    const signed = request.sign?.({ method: request.method, url: request.url, body: request.body ?? '' })
    const url = new URL(signed?.url ?? request.url)
    const one = { path: url.pathname, text: decodeURIComponent(`${url.search} ${signed?.body ?? request.body ?? ''}`.replaceAll('+', ' ')) }
    asked.push(one)
    const body = JSON.stringify(answer(one, asked.length))
    const fault = given.connector.classify?.(200, body, {})
    return fault ? Promise.reject(new ChannelError(fault)) : Promise.resolve({ status: 200, headers: {}, body })
  }
  const call = createCall({
    connector: given.connector,
    connectionId: 'c_1',
    config: given.settings ?? {},
    secrets: given.secrets,
    http: http as never,
    tokens: memoryTokens(given.tokens ?? {}),
    now: () => new Date('2026-11-22T04:00:00Z'),
    signal: new AbortController().signal,
  })
  return { call: call as never, asked }
}
