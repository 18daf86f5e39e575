import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { loadSettings, type Settings } from '../settings.ts'
import { readRunNote } from '../services/run-note.ts'

/** Documented exit codes (docs/cli.md). */
export const EXIT = { ok: 0, failed: 1, usage: 2, noHub: 3, notFound: 4, refused: 5, partial: 6 } as const

/** Ends a command with a message for the person and a code for the script. */
export class CliError extends Error {
  readonly exitCode: number
  constructor(message: string, exitCode: number = EXIT.failed) {
    super(message)
    this.name = 'CliError'
    this.exitCode = exitCode
  }
}

export interface Hub {
  readonly url: string
  get<T = unknown>(path: string, query?: Query): Promise<T>
  post<T = unknown>(path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<T>
  patch<T = unknown>(path: string, body: unknown, headers?: Readonly<Record<string, string>>): Promise<T>
  remove(path: string): Promise<void>
  upload<T = unknown>(path: string, form: FormData): Promise<T>
  stream(path: string, query?: Query): Promise<ReadableStream<Uint8Array>>
}
export type Query = Readonly<Record<string, string | number | boolean | undefined>>

export const settings = (): Settings => loadSettings(process.env)

/** Where the key of the local command line is kept, readable by its owner only. */
export const localKeyFile = (home: string): string => join(home, 'cli.key')

/** The hub named by HUB_URL, else the one running on HUB_HOME. */
export async function connectHub(): Promise<Hub> {
  const { home, hubUrl, apiKey } = settings()
  const url = hubUrl ?? (await readRunNote(home))?.url
  if (url === undefined) throw new CliError(`No hub runs on ${home}. Start one with "npm start", or set HUB_URL and HUB_API_KEY.`, EXIT.noHub)
  const key = apiKey ?? (hubUrl === undefined ? await readFile(localKeyFile(home), 'utf8').catch(() => undefined) : undefined)
  if (key === undefined)
    throw new CliError('No API key: set HUB_API_KEY (make one in the console under Settings, or with "hub keys create").', EXIT.noHub)
  return client(url, key.trim())
}

function client(base: string, key: string): Hub {
  const call = async (
    method: string,
    path: string,
    init: { query?: Query; body?: unknown; form?: FormData; headers?: Readonly<Record<string, string>> },
  ): Promise<Response> => {
    const url = new URL(path, base)
    for (const [name, value] of Object.entries(init.query ?? {})) if (value !== undefined) url.searchParams.set(name, String(value))
    const headers: Record<string, string> = { authorization: `Bearer ${key}`, ...init.headers }
    if (init.body !== undefined) headers['content-type'] = 'application/json'
    const response = await fetch(url, {
      method,
      headers,
      ...(init.form ? { body: init.form } : init.body !== undefined ? { body: JSON.stringify(init.body) } : {}),
    }).catch(() => {
      throw new CliError(`The hub at ${base} does not answer. Is it running? "npx hub status" says more.`, EXIT.noHub)
    })
    if (!response.ok) throw await problem(response)
    return response
  }
  const json = async <T>(response: Promise<Response>): Promise<T> => {
    const text = await (await response).text()
    return (text === '' ? undefined : JSON.parse(text)) as T
  }
  return {
    url: base,
    get: (path, query) => json(call('GET', path, { ...(query && { query }) })),
    post: (path, body, headers) => json(call('POST', path, { body: body ?? {}, ...(headers && { headers }) })),
    patch: (path, body, headers) => json(call('PATCH', path, { body, ...(headers && { headers }) })),
    remove: async (path) => void (await call('DELETE', path, {})),
    upload: (path, form) => json(call('POST', path, { form })),
    stream: async (path, query) => {
      const { body } = await call('GET', path, { ...(query && { query }) })
      if (!body) throw new CliError('The hub sent an empty answer.')
      return body
    },
  }
}

async function problem(response: Response): Promise<CliError> {
  const text = await response.text()
  let detail = `HTTP ${response.status}`
  try {
    const body = JSON.parse(text) as { title?: string; detail?: string; code?: string; errors?: readonly { pointer?: string; message?: string }[] }
    const fields = (body.errors ?? []).map((error) => `  ${error.pointer ?? ''} ${error.message ?? ''}`).join('\n')
    detail = `${body.detail ?? body.title ?? detail}${body.code ? ` [${body.code}]` : ''}${fields ? `\n${fields}` : ''}`
  } catch {
    // not a problem document; the status says enough
  }
  return new CliError(detail, response.status === 404 ? EXIT.notFound : response.status >= 500 ? EXIT.failed : EXIT.refused)
}
