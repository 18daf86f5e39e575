import { readFileSync } from 'node:fs'
import type { ChannelSim } from '../stage/channel-sim.ts'
import { asRecord, parseJson } from '../stage/json-input.ts'
import { createWooCommerce } from '../woocommerce/index.ts'

/** Where the settings that describe this shop lie: data, as a user would load them. */
const EXAMPLE = new URL('../../connectors/rest/examples/woocommerce.json', import.meta.url)
const TOPICS = ['order.created', 'order.updated', 'order.deleted', 'order.restored'] as const

/** The simulated WooCommerce shop, to be reached by a description of it instead of by a connector of its own. */
export function createRest(options: { readonly seed: number; readonly name: string }): ChannelSim {
  const sim = createWooCommerce({ ...options, assumeHttps: true, fulfilments: true })
  const { consumerKey, consumerSecret } = sim.credentials
  let site = 'http://127.0.0.1'
  const keys = { authorization: `Basic ${Buffer.from(`${consumerKey}:${consumerSecret}`).toString('base64')}`, 'content-type': 'application/json' }
  return {
    ...sim,
    channel: 'rest',
    credentials: { username: consumerKey, password: consumerSecret },
    settings: (url) => ({ ...asRecord(parseJson(readFileSync(EXAMPLE, 'utf8'))), url: `${url}/wp-json/wc/v3` }),
    /** As the seller does it on the page of webhooks: the connector of described channels makes no subscriptions. */
    async subscribe({ url, secret }) {
      for (const topic of TOPICS) {
        const body = JSON.stringify({ name: 'by hand', topic, delivery_url: url, secret, status: 'active' })
        const answer = await fetch(`${site}/wp-json/wc/v3/webhooks`, { method: 'POST', headers: keys, body })
        if (!answer.ok) throw new Error(`The shop refused the webhook: ${answer.status}.`)
      }
    },
    setSite(url) {
      site = url
      sim.setSite(url)
    },
  }
}
