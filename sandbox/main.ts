import { parseArgs } from 'node:util'
import type { ShopSpec } from './server.ts'
import { channels, start } from './server.ts'

const help = `Simulated sales channels on one loopback port.

  --port N        port to listen on (default: a free one)
  --shops LIST    names that begin with their channel (default: woo-1,vendure-1)
  --orders N      history to begin with (default: 50)
  --trickle N     events per minute and shop (default: 0)
  --attached      end when standard input ends, as it does with the process that started this one
  --seed N        the same seed plays the same shops again (default: 1)

Example: npx tsx sandbox/main.ts --port 4800 --shops woo-1,vendure-1 --trickle 12
`

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    shops: { type: 'string', default: 'woo-1,vendure-1' },
    orders: { type: 'string', default: '50' },
    trickle: { type: 'string', default: '0' },
    seed: { type: 'string', default: '1' },
    attached: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

if (values.help) {
  process.stdout.write(help)
} else {
  await run()
}

/** "taobao-1" is a shop of taobao, "woo-eu" one of woocommerce, "wechat-shop-1" one of wechat-shop. */
function channelOf(name: string): string {
  const whole = channels.find((channel) => name === channel || name.startsWith(`${channel}-`))
  if (whole !== undefined) return whole
  const prefix = name.split('-')[0] ?? name
  return channels.find((channel) => channel.startsWith(prefix)) ?? prefix
}

async function run(): Promise<void> {
  const shops = values.shops.split(',').map((name): ShopSpec => ({ name, channel: channelOf(name) }))
  const sandbox = await start({ port: Number(values.port), seed: Number(values.seed), shops })
  for (const { name, url, sim } of sandbox.shops) {
    sim.control.seedOrders(Number(values.orders))
    sim.control.trickle(Number(values.trickle))
    process.stdout.write(`${name} ${sim.channel} ${url}\n`)
  }
  process.stdout.write(`ready ${sandbox.url}\n`)
  const stop = (): void => void sandbox.stop()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop)
  if (values.attached) process.stdin.once('end', stop).once('error', stop).resume()
}
