import { createHmac, randomUUID } from 'node:crypto'
import { parseArgs } from 'node:util'
import { FIRST_ID, orderText } from '../mock/orders.ts'
import { Line } from './line.ts'

/**
 * Sends signed deliveries of new orders from a process of its own, over connections that are kept open: as fast as they are
 * answered, or at a fixed rate however long answers take. Everything is signed before the clock runs. Prints what was
 * answered, and when each order's delivery was due.
 *
 *   --url URL --secret S --count N --first INDEX --connections 64 [--rate N] [--sku SKU, of every line]
 */
const { values } = parseArgs({
  options: {
    url: { type: 'string', default: '' },
    secret: { type: 'string', default: '' },
    count: { type: 'string', default: '1000' },
    first: { type: 'string', default: '0' },
    connections: { type: 'string', default: '64' },
    rate: { type: 'string' },
    sku: { type: 'string' },
  },
})
const url = new URL(values.url)
const [count, first] = [Number(values.count), Number(values.first)]

interface Ready {
  readonly order: string
  readonly bytes: Buffer
}

const now = (): number => performance.timeOrigin + performance.now()

function prepared(index: number): Ready {
  const text = orderText({ index, revision: 0, updatedAt: new Date().toISOString() })
  const body = values.sku === undefined ? text : text.replaceAll(/SKU-\d{5}/g, values.sku)
  const head = [
    `POST ${url.pathname} HTTP/1.1`,
    `host: ${url.host}`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    `x-shopify-hmac-sha256: ${createHmac('sha256', values.secret).update(body).digest('base64')}`,
    `x-shopify-webhook-id: ${randomUUID()}`,
  ].join('\r\n')
  return { order: String(FIRST_ID + index), bytes: Buffer.from(`${head}\r\n\r\n${body}`) }
}

const ready = Array.from({ length: count }, (_, at) => prepared(first + at))
const lines = await Promise.all(Array.from({ length: Number(values.connections) }, () => Line.open(url)))
const answers: number[] = []
const due: Record<string, number> = {}
let refused = 0

async function send(line: Line, delivery: Ready, dueAt: number): Promise<void> {
  due[delivery.order] = dueAt
  const status = await line.ask(delivery.bytes)
  if (status < 200 || status > 299) refused += 1
  else answers.push(now() - dueAt)
}

/** Every connection sends its next delivery as soon as the last is answered. */
async function flood(): Promise<void> {
  let next = 0
  await Promise.all(
    lines.map(async (line) => {
      for (let delivery = ready[next++]; delivery; delivery = ready[next++]) await send(line, delivery, now())
    }),
  )
}

/** A delivery is due at its time, also when no connection is free: waiting for one counts as its delay. */
async function paced(rate: number): Promise<void> {
  const free = [...lines]
  const queue: { readonly delivery: Ready; readonly dueAt: number }[] = []
  const running = new Set<Promise<void>>()
  const pump = (): void => {
    // In turn: a connection left idle for long is closed by the server.
    for (let line = free.at(0); line && queue.length > 0; line = free.at(0)) {
      const taken = line
      const job = queue.shift()
      if (!job) return
      free.shift()
      const sending = send(taken, job.delivery, job.dueAt).then(() => {
        running.delete(sending)
        free.push(taken)
        pump()
      })
      running.add(sending)
    }
  }
  const began = now()
  for (const [at, delivery] of ready.entries()) {
    const dueAt = began + (at * 1000) / rate
    const wait = dueAt - now()
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait))
    queue.push({ delivery, dueAt })
    pump()
  }
  while (running.size > 0) await Promise.all(running)
}

const started = now()
await (values.rate === undefined ? flood() : paced(Number(values.rate)))
const seconds = (now() - started) / 1000
for (const line of lines) line.close()
process.stdout.write(`${JSON.stringify({ accepted: answers.length, refused, seconds, answers, due })}\n`)
