import { Agent, get } from 'node:http'
import { filledConnection } from '../filled.ts'
import type { Hub } from '../hub-process.ts'
import { judge, median, quantile } from '../report.ts'
import type { Metric } from '../sitting.ts'
import { settle } from '../steps.ts'

const PAGE = 500

interface FeedAnswer {
  readonly items: readonly unknown[]
  readonly next_after: number
  readonly has_more: boolean
}

/** The whole change feed as an integrator reads it: page after page over HTTP, every answer parsed. */
export const metric: Metric = {
  name: 'feed',
  rank: 60,
  about: 'the change feed over HTTP, 500 orders a page',
  run: async (sitting) => {
    const hub = await sitting.hub()
    await filledConnection(sitting)
    const rates: number[] = []
    const pages: number[] = []
    for (let i = 0; i < sitting.options.repeats; i += 1) {
      await settle(hub)
      const { items, seconds, answers } = await readAll(hub, sitting.options.orders)
      sitting.say(`feed: ${Math.round(items / seconds)} orders/s`)
      rates.push(items / seconds)
      pages.push(...answers)
    }
    return [
      judge({ metric: 'feed', value: median(rates), unit: 'orders/s' }, { atLeast: 10_000 }),
      judge({ metric: 'feed_page_p99', value: quantile(pages, 0.99), unit: `ms a page of ${PAGE}` }, {}),
    ]
  },
}

async function readAll(
  hub: Hub,
  atLeast: number,
): Promise<{ readonly items: number; readonly seconds: number; readonly answers: readonly number[] }> {
  const agent = new Agent({ keepAlive: true })
  const answers: number[] = []
  let items = 0
  let after = 0
  const started = performance.now()
  for (let more = true; more;) {
    const asked = performance.now()
    const page = parsed(await read(hub, agent, `/v1/changes?after=${after}&limit=${PAGE}`))
    answers.push(performance.now() - asked)
    items += page.items.length
    after = page.next_after
    more = page.has_more
  }
  agent.destroy()
  if (items < atLeast) throw new Error(`The feed gave ${items} of at least ${atLeast} orders.`)
  return { items, seconds: (performance.now() - started) / 1000, answers }
}

/** Parsing of the hub's own answer. */
const parsed = (text: string): FeedAnswer => JSON.parse(text) as FeedAnswer

function read(hub: Hub, agent: Agent, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get(hub.url + path, { agent, headers: { authorization: `Bearer ${hub.key}` } }, (response) => {
      const parts: Buffer[] = []
      response.on('data', (part: Buffer) => parts.push(part))
      response.on('end', () => {
        const text = Buffer.concat(parts).toString()
        if (response.statusCode === 200) resolve(text)
        else reject(new Error(`${path}: ${response.statusCode} ${text}`))
      })
    }).on('error', reject)
  })
}
