import { createHash } from 'node:crypto'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { listFiles, noteFile } from '../../store/edit/files.ts'
import { createJob } from '../../store/jobs.ts'
import { findConnection } from '../../store/read/connections.ts'
import { connectionId, itemsOf, limit, nothing, record } from '../fields.ts'
import { requireConnection } from '../principal.ts'
import { badInput, notFound } from '../problem.ts'
import { type Route, route } from '../route.ts'
import { parseStrictJson } from '../strict-json.ts'
import { readUpload } from '../upload.ts'
import { jobAnswer, startJob } from './jobs.ts'

const DEFAULT_MAX_BYTES = 128 * 1024 * 1024
const PREVIEW_BYTES = 8 * 1024 * 1024
const binary = { type: 'string', format: 'binary' }

const upload = route({
  method: 'post',
  path: '/v1/files',
  tag: 'Files',
  summary: 'Import a file of orders; the same file twice is harmless',
  scope: 'orders:write',
  audit: 'file.import',
  status: 202,
  params: nothing,
  query: nothing,
  body: nothing,
  raw: {
    contentType: 'multipart/form-data',
    schema: { type: 'object', required: ['connection', 'file'], properties: { connection: { type: 'string' }, file: binary } },
  },
  answer: jobAnswer,
  async handle({ deps, who, request, note }) {
    const { file, fields } = await readUpload(request, deps.settings.maxFileBytes ?? DEFAULT_MAX_BYTES)
    const connection = connectionId.safeParse(fields.get('connection'))
    if (!connection.success) throw badInput([{ pointer: '/connection', code: 'missing', message: 'Say for which connection.' }])
    requireConnection(who, connection.data)
    const found = await findConnection(deps.pool, connection.data)
    if (!found) throw notFound('connection')
    const sha256 = createHash('sha256').update(file.bytes).digest()
    const stored = await noteFile(deps.pool, { connectionId: found.id, sha256, name: file.name, size: file.bytes.byteLength })
    const path = join(deps.settings.filesDir, stored.file.id)
    await keep(deps.settings.filesDir, path, file.bytes)
    note({ file: stored.file.id, size: file.bytes.byteLength, repeated: stored.repeated }, found.id)
    const job = await createJob(deps.pool, {
      kind: 'import',
      connectionId: found.id,
      params: { file_id: stored.file.id, path, name: file.name, repeated: stored.repeated },
      createdBy: who.actor,
    })
    return startJob(deps, job.id, 'import')
  },
})

/** Whole or not at all: a half-written file is never imported. */
async function keep(dir: string, path: string, bytes: Uint8Array): Promise<void> {
  await mkdir(dir, { recursive: true, mode: 0o700 })
  await writeFile(`${path}.part`, bytes, { mode: 0o600 })
  await rename(`${path}.part`, path)
}

const preview = route({
  method: 'post',
  path: '/v1/files/preview',
  tag: 'Files',
  summary: 'The first rows of a file through a field map; nothing is stored',
  scope: 'orders:write',
  audit: 'file.preview',
  params: nothing,
  query: nothing,
  body: nothing,
  raw: {
    contentType: 'multipart/form-data',
    schema: {
      type: 'object',
      required: ['file', 'field_map'],
      properties: { connection: { type: 'string' }, field_map: { type: 'string', description: 'JSON' }, file: binary },
    },
  },
  answer: record,
  async handle({ deps, who, request }) {
    const { file, fields } = await readUpload(request, PREVIEW_BYTES)
    const connection = fields.get('connection')
    if (connection !== undefined) requireConnection(who, connection)
    const map = fields.get('field_map')
    return deps.control.previewFile({
      name: file.name,
      bytes: file.bytes,
      fieldMap: map === undefined || map === '' ? undefined : parseStrictJson(map),
      ...(connection !== undefined && { connectionId: connection }),
    })
  },
})

const list = route({
  method: 'get',
  path: '/v1/files',
  tag: 'Files',
  summary: 'Received files with their report, newest first',
  scope: 'orders:read',
  params: nothing,
  body: nothing,
  query: z.strictObject({ connection: connectionId.optional(), limit: limit(200, 50) }),
  answer: itemsOf(z.looseObject({ id: z.string(), connection_id: z.string(), name: z.string(), size: z.number() })),
  async handle({ deps, who, query }) {
    return { items: await listFiles(deps.pool, query.connection, who.connections, query.limit) }
  },
})

export const fileRoutes: readonly Route[] = [upload, preview, list]
