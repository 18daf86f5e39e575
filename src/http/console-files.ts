import { readFile, readdir } from 'node:fs/promises'
import { readdirSync } from 'node:fs'
import { extname, join, relative, sep } from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { Hono } from 'hono'
import type { HubEnv } from './dispatch.ts'

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.woff': 'font/woff',
  '.webmanifest': 'application/manifest+json',
  '.txt': 'text/plain; charset=utf-8',
}
const COMPRESSIBLE = /text|javascript|json|svg/
/** Build tools put a content hash into the name: such a file never changes. */
const HASHED = /-[A-Za-z0-9_-]{8,}\.\w+$/
const zip = promisify(gzip)

interface Asset {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly zipped: Uint8Array<ArrayBuffer> | undefined
  readonly type: string
  readonly immutable: boolean
}

/** Serves the built console from memory; addresses that name no file get its page, which finds its own way. */
export function mountConsole(app: Hono<HubEnv>, dir: string): void {
  if (!readdirSync(dir).includes('index.html')) throw new Error(`No index.html in ${dir}: build the console first.`)
  const loading = loadAssets(dir)
  app.get('*', async (c, next) => {
    c.set('routePath', 'console')
    const assets = await loading
    const path = c.req.path
    const asset = assets.get(path) ?? (isPage(path) ? assets.get('/index.html') : undefined)
    return asset === undefined ? next() : serveAsset(asset, c.req.header('accept-encoding') ?? '')
  })
}

/** Neither an API address nor one that names a file. */
const isPage = (path: string): boolean => !/^\/(v1|hooks|docs|openapi\.json)(\/|$)/.test(path) && extname(path) === ''

function serveAsset(asset: Asset, accepts: string): Response {
  const headers: Record<string, string> = {
    'content-type': asset.type,
    'cache-control': asset.immutable ? 'public, max-age=31536000, immutable' : 'no-cache',
    vary: 'accept-encoding',
  }
  if (asset.zipped === undefined || !/\bgzip\b/.test(accepts)) return new Response(asset.bytes, { headers })
  return new Response(asset.zipped, { headers: { ...headers, 'content-encoding': 'gzip' } })
}

async function loadAssets(dir: string): Promise<ReadonlyMap<string, Asset>> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true })
  const assets = new Map<string, Asset>()
  for (const entry of entries) {
    if (!entry.isFile()) continue
    const file = join(entry.parentPath, entry.name)
    const type = TYPES[extname(entry.name)] ?? 'application/octet-stream'
    const bytes = new Uint8Array(await readFile(file))
    const zipped = COMPRESSIBLE.test(type) ? new Uint8Array(await zip(bytes)) : undefined
    assets.set(`/${relative(dir, file).split(sep).join('/')}`, { bytes, zipped, type, immutable: HASHED.test(entry.name) })
  }
  return assets
}
