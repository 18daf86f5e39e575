import { Agent, get, type IncomingMessage } from 'node:http'
import { Hono } from 'hono'
import { expect, it } from 'vitest'
import type { HubEnv } from '../../src/http/dispatch.ts'
import { serveApp } from '../../src/http/serve.ts'

it('answers what is in flight when it stops, and lets no client keep its connection', async () => {
  let release = (): void => undefined
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  const app = new Hono<HubEnv>()
  let arrived = (): void => undefined
  const inside = new Promise<void>((resolve) => {
    arrived = resolve
  })
  app.get('/slow', async (c) => {
    arrived()
    await held
    return c.text('done')
  })
  const server = await serveApp(app, { host: '127.0.0.1', port: 0 })
  const agent = new Agent({ keepAlive: true })
  const answer = new Promise<IncomingMessage>((resolve, reject) => {
    get(`${server.url}/slow`, { agent }, resolve).once('error', reject)
  })
  await inside
  const stopped = server.stop()
  release()
  const response = await answer
  expect(response.statusCode).toBe(200)
  expect(response.headers.connection).toBe('close')
  response.resume()
  await stopped
  agent.destroy()
})
