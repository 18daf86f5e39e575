import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Hono } from 'hono'
import type { HubEnv } from './dispatch.ts'

const PAGE = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Channel Hub API</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="/docs/swagger-ui.css"></head>
<body><div id="api"></div><script src="/docs/swagger-ui-bundle.js"></script><script src="/docs/start.js"></script></body></html>`

/** No validator: the page must work without any other network. */
const START = `window.ui = SwaggerUIBundle({ url: '/openapi.json', dom_id: '#api', deepLinking: true, validatorUrl: null, docExpansion: 'none', defaultModelsExpandDepth: -1 })`

/** The API reference at /docs, from local files only. */
export function mountDocs(app: Hono<HubEnv>): void {
  const find = createRequire(import.meta.url)
  const file = (name: string) => readFileSync(find.resolve(`swagger-ui-dist/${name}`), 'utf8')
  const assets = new Map<string, { readonly type: string; readonly body: () => string }>([
    ['/docs', { type: 'text/html', body: () => PAGE }],
    ['/docs/', { type: 'text/html', body: () => PAGE }],
    ['/docs/start.js', { type: 'text/javascript', body: () => START }],
    ['/docs/swagger-ui.css', { type: 'text/css', body: () => file('swagger-ui.css') }],
    ['/docs/swagger-ui-bundle.js', { type: 'text/javascript', body: () => file('swagger-ui-bundle.js') }],
  ])
  for (const [path, asset] of assets) {
    app.get(path, () => new Response(asset.body(), { headers: { 'content-type': `${asset.type}; charset=utf-8`, 'cache-control': 'no-cache' } }))
  }
}
