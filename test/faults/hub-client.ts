import type { z } from 'zod'

export interface Answer {
  readonly status: number
  readonly body: unknown
  readonly ms: number
}

/** The hub's API as an outside caller sees it. */
export class HubClient {
  readonly #url: () => string
  readonly #key: string

  constructor(url: () => string, key: string) {
    this.#url = url
    this.#key = key
  }

  /** Any answer, also a refusal. @throws when there is none within `timeoutMs` */
  async ask(method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: unknown, timeoutMs = 30_000): Promise<Answer> {
    const startedAt = performance.now()
    const response = await fetch(this.#url() + path, {
      method,
      headers: { authorization: `Bearer ${this.#key}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      signal: AbortSignal.timeout(timeoutMs),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    return { status: response.status, body: parsed(text), ms: performance.now() - startedAt }
  }

  /** A 2xx answer in the wanted shape. @throws on anything else, quoting it */
  async get<T extends z.ZodType>(path: string, shape: T): Promise<z.output<T>> {
    return this.#checked('GET', path, shape)
  }

  async post<T extends z.ZodType>(path: string, body: unknown, shape: T): Promise<z.output<T>> {
    return this.#checked('POST', path, shape, body)
  }

  async #checked<T extends z.ZodType>(method: 'GET' | 'POST', path: string, shape: T, body?: unknown): Promise<z.output<T>> {
    const answer = await this.ask(method, path, body)
    if (answer.status < 200 || answer.status > 299)
      throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body).slice(0, 500)}`)
    return shape.parse(answer.body)
  }
}

function parsed(text: string): unknown {
  if (text === '') return null
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
