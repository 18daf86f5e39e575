import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { registry } from '../../connectors/index.ts'
import { createApp } from '../../src/http/app.ts'
import { DomainError } from '../../src/core/fault.ts'
import { explainIn, valueIn } from '../../src/app/explain.ts'
import { renderStatementPdf } from '../../src/kit/files/write-pdf.ts'
import { renderStatementSheets } from '../../src/kit/files/write-sheets.ts'
import { renderTable } from '../../src/kit/files/write-table.ts'
import type { ChannelAnswer, HubControl } from '../../src/http/control.ts'
import type { HookSink, HttpDeps } from '../../src/http/deps.ts'
import type { Mapping } from '../../src/core/mapping.ts'
import type { Scope } from '../../src/http/scopes.ts'
import { push } from '../../mappings/push.ts'
import { stumblesAt, wordChoices } from '../../src/normalize/word-choices.ts'
import { compareDocument, tryMapping } from '../../src/normalize/try-mapping.ts'
import { overridesOf } from '../../src/store/overrides/load-overrides.ts'
import { loadConnection } from '../../src/store/deliver/open-connection.ts'
import type { ConnectionContext } from '../../src/normalize/prepare.ts'
import { takeOrders } from '../../src/normalize/take-orders.ts'
import { assertHarmlessZip } from '../../src/kit/files/zip-guard.ts'
import { createKey } from '../../src/store/people/keys.ts'
import { type TestHub, testHub } from '../support/builders.ts'
import { type TestDatabase, freshDatabase } from '../support/db.ts'
import { INSIDES } from '../bad-input/problem.ts'

export const ORIGIN = 'http://hub.test'

/** The hub's API over a database of its own. What it would set off elsewhere is written down in `told`. */
export interface HubApp {
  readonly hub: TestHub
  readonly told: (readonly [string, unknown])[]
  /** What channels answer when asked live, by connection. */
  readonly answers: Map<string, ChannelAnswer>
  readonly deps: HttpDeps
  key(scopes: readonly Scope[], connections?: readonly string[] | null): Promise<string>
  call(method: string, path: string, given?: Given): Promise<Answer>
  fetch(path: string, init?: RequestInit): Promise<Response>
  /** A request of any form, its answer read. */
  send(path: string, init: RequestInit): Promise<Answer>
  close(): Promise<void>
}

export interface Given {
  readonly key?: string
  readonly cookie?: string
  readonly body?: unknown
  readonly text?: string
  readonly headers?: Readonly<Record<string, string>>
}
export interface Answer {
  readonly status: number
  readonly headers: Headers
  // Answers are checked by each test; their form is checked by the app itself (`verifyAnswers`).
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly json: any
  readonly text: string
}

function recordingControl(hub: TestHub, told: (readonly [string, unknown])[], answers: Map<string, ChannelAnswer>): HubControl {
  const note =
    (what: string) =>
    async (about: unknown): Promise<void> =>
      void told.push([what, about])
  return {
    pullNow: note('pull'),
    connectionChanged: note('changed'),
    pushSoon: note('push'),
    startJob: async (id, kind) => void told.push([`job:${kind}`, id]),
    cancelJob: note('cancel-job'),
    readBack: note('read-back'),
    checkConnection: async (input) => {
      told.push(['check', input])
      return { ok: true, steps: [{ step: { en: 'Sign in', zh: '登录' }, ok: true }], sample: [] }
    },
    testDestination: async (id) => {
      told.push(['test-destination', id])
      return { ok: true, answer: '200 ok' }
    },
    askChannel: async (connection) => answers.get(connection) ?? { kind: 'not-asked', why: 'This channel cannot be asked for one order.' },
    wordChoices: (connectionId, groupId) => wordChoices(hub, { ...hub.context, connectionId }, groupId),
    stumblesAt: async (connectionId, document) => stumblesAt(hub, { ...hub.context, connectionId }, document),
    compareDocument: async (connectionId, asked) => compareDocument(hub, await contextOf(hub, connectionId), asked),
    tryMapping: async (connectionId, { set, names }) => tryMapping(hub, await contextOf(hub, connectionId), set, names),
    fetchNow: async () => undefined,
    decryptRecipient: () => Promise.reject(new DomainError('recipient-not-sealed', 'This channel opens no recipients.')),
    explainValue: (connectionId, input) => explainIn({ mapping: mappingOf(hub), context: { ...hub.context, connectionId } }, input),
    renderStatement: (format, statement) => (format === 'pdf' ? renderStatementPdf(statement) : renderStatementSheets(statement)),
    renderTable,
    valueNow: async (connectionId, input) => valueIn({ mapping: mappingOf(hub), context: { ...hub.context, connectionId } }, input),
    // What is sent is taken for good, as in the running hub.
    takeOrders: (connectionId, text) =>
      takeOrders({ ...hub, mappings: new Map([['push', push]]) }, { ...hub.context, connectionId, channel: 'push', config: {} }, text),
    previewFile: async (input) => ({ rows: [], name: input.name }),
  }
}

/** As the running hub opens a connection: settings and rules as they stand. */
async function contextOf(hub: TestHub, connectionId: string): Promise<ConnectionContext> {
  const stored = await loadConnection(hub.pool, connectionId)
  const overrides = overridesOf(stored?.overrides)
  return {
    ...hub.context,
    connectionId,
    ...(stored && { channel: stored.channel, config: stored.config, timezone: stored.timezone, currency: stored.currency }),
    ...(overrides && { overrides }),
  }
}

function mappingOf(hub: TestHub): Mapping {
  const mapping = hub.mappings.get(hub.context.channel)
  if (!mapping) throw new Error('no mapping')
  return mapping
}

export async function hubApp(
  over: {
    readonly hooks?: HookSink
    readonly settings?: Partial<HttpDeps['settings']>
    readonly now?: () => Date
    readonly mappings?: ReadonlyMap<string, Mapping>
    /** Where there is no test run to take one from. */
    readonly database?: TestDatabase
  } = {},
): Promise<HubApp> {
  const database = over.database ?? (await freshDatabase())
  const hub = { ...(await testHub(database.url)), ...(over.mappings && { mappings: over.mappings }) }
  const filesDir = await mkdtemp(join(tmpdir(), 'hub-files-'))
  const told: (readonly [string, unknown])[] = []
  const answers = new Map<string, ChannelAnswer>()
  const silent = (): void => undefined
  const deps: HttpDeps = {
    pool: hub.pool,
    registry,
    secrets: hub.box,
    keys: hub.keys,
    control: recordingControl(hub, told, answers),
    hooks: over.hooks ?? { accept: async () => ({ status: 200, body: 'ok' }), acceptForApp: () => Promise.resolve(undefined) },
    assertHarmlessArchive: assertHarmlessZip,
    settings: { version: '0.0.0-test', filesDir, verifyAnswers: true, ...over.settings },
    now: over.now ?? (() => new Date()),
    log: { info: silent, warn: silent, error: (facts) => console.error('request failed', JSON.stringify(facts)) },
  }
  const app = createApp(deps)
  const fetchPath = async (path: string, init: RequestInit = {}): Promise<Response> => app.request(`${ORIGIN}${path}`, init)
  return {
    hub,
    told,
    answers,
    deps,
    fetch: fetchPath,
    key: async (scopes, connections = null) => (await createKey(hub.pool, { name: scopes.join(' '), scopes, connections, createdBy: 'test' })).secret,
    send: async (path, init) => readAnswer(await fetchPath(path, init)),
    call: async (method, path, given = {}) => readAnswer(await fetchPath(path, requestOf(method, given))),
    close: async () => {
      await hub.close()
      await database.drop()
      await rm(filesDir, { recursive: true, force: true })
    },
  }
}

function requestOf(method: string, given: Given): RequestInit {
  const body = given.text ?? (given.body === undefined ? undefined : JSON.stringify(given.body))
  const headers: Record<string, string> = {
    ...(given.key !== undefined && { authorization: `Bearer ${given.key}` }),
    ...(given.cookie !== undefined && { cookie: given.cookie, origin: ORIGIN }),
    ...(body !== undefined && { 'content-type': 'application/json' }),
    ...given.headers,
  }
  return { method, headers, ...(body !== undefined && { body }) }
}

async function readAnswer(response: Response): Promise<Answer> {
  const text = await response.text()
  // Every refusal any test sees: no frames, no SQL, no folders (S22).
  if (response.headers.get('content-type') === 'application/problem+json' && INSIDES.test(text))
    throw new Error(`This answer shows the inside: ${text}`)
  const json: unknown =
    (response.headers.get('content-type') ?? '').includes('json') && !(response.headers.get('content-type') ?? '').includes('ndjson') && text !== ''
      ? JSON.parse(text)
      : undefined
  return { status: response.status, headers: response.headers, json, text }
}
