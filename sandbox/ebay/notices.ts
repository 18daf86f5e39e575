import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import type { Context, Hono } from 'hono'
import type { FaultEnv } from '../stage/faults.ts'
import { asRecord, asText, parseJson } from '../stage/json-input.ts'
import type { MarketEvent } from '../stage/market/model.ts'
import type { PushRequest, Subscription } from '../stage/market/webhooks.ts'
import { invalidToken, refusal, RestError, stamp } from './wire.ts'
import { TOPICS, type EbayShop, type Notices } from './words.ts'

/** Keys of the simulated eBay are made anew each time, as nobody else may have them. */
export function createNotices(): Notices {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const kid = `${randomBytes(4).toString('hex')}-7d7b-4621-a0f1-${randomBytes(6).toString('hex')}`
  return {
    kid,
    publicKey: publicKey.export({ format: 'der', type: 'spki' }).toString('base64'),
    appToken: `v^1.1#app#${randomBytes(24).toString('hex')}`,
    destinations: new Map(),
    pointed: new Map(),
    sign(body) {
      const signature = sign('sha1', Buffer.from(body), privateKey).toString('base64')
      return Buffer.from(JSON.stringify({ alg: 'ecdsa', kid, signature, digest: 'SHA1' })).toString('base64')
    },
  }
}

/** One notice per line of the order, as eBay sends them. */
export function pushesOf(shop: EbayShop, { topic, order, at }: MarketEvent, subscription: Subscription): readonly PushRequest[] {
  const name = TOPICS[topic]
  if (name === undefined || !subscription.topics.includes(name)) return []
  return order.lines.map((line) => {
    const body = JSON.stringify({
      metadata: { topic: name, schemaVersion: '1.0', deprecated: false },
      notification: {
        notificationId: `${shop.random.hex(8)}-${shop.random.hex(4)}_${shop.random.hex(12)}`,
        eventDate: stamp(at),
        publishDate: stamp(at + 217),
        publishAttemptCount: 1,
        data: { orderId: order.id, lineItemId: line.id, listingId: line.item.id, sellerId: shop.settings.name },
      },
    })
    return { topic: name, headers: { 'content-type': 'application/json', 'x-ebay-signature': shop.notices.sign(body) }, body }
  })
}

const wrong = (errorId: number, message: string, status: 400 | 404 | 409 = 400): RestError =>
  new RestError(status, errorId, message, 'API_NOTIFICATION')

/** Destinations and keys belong to the app, subscriptions to the seller. */
export function noticeRoutes(app: Hono<FaultEnv>, of: () => EbayShop): void {
  const paths = '/commerce/notification/v1'
  const run = (isApp: boolean, work: (shop: EbayShop, c: Context<FaultEnv>) => Response | Promise<Response>) => async (c: Context<FaultEnv>) => {
    const [shop, given] = [of(), (c.req.header('authorization') ?? '').replace(/^Bearer /, '')]
    if (isApp ? given !== shop.notices.appToken : !shop.access.isLive(given)) return refusal(invalidToken())
    try {
      return await work(shop, c)
    } catch (error) {
      if (error instanceof RestError) return refusal(error)
      throw error
    }
  }
  const made = (shop: EbayShop, kind: string, id: string): Response =>
    new Response(null, { status: 201, headers: { location: `${shop.site}/commerce/notification/v1/${kind}/${id}` } })
  app.get(
    `${paths}/public_key/:kid`,
    run(true, ({ notices }, c) => {
      if (c.req.param('kid') !== notices.kid) throw wrong(195_003, 'The specified public key ID does not exist.', 404)
      return c.json({ key: `-----BEGIN PUBLIC KEY-----${notices.publicKey}-----END PUBLIC KEY-----`, algorithm: 'ECDSA', digest: 'SHA1' })
    }),
  )
  app.get(
    `${paths}/destination`,
    run(true, ({ notices }, c) => {
      const destinations = [...notices.destinations].map(([destinationId, { endpoint, token, status }]) => ({
        destinationId,
        name: 'hub',
        status,
        deliveryConfig: { endpoint, verificationToken: token },
      }))
      return c.json({ total: destinations.length, limit: 100, destinations })
    }),
  )
  app.post(
    `${paths}/destination`,
    run(true, async (shop, c) => {
      const id = `d${shop.notices.destinations.size + 1}`
      shop.notices.destinations.set(id, await challenged(shop, asRecord(parseJson(await c.req.text()))))
      return made(shop, 'destination', id)
    }),
  )
  app.put(
    `${paths}/destination/:id`,
    run(true, async (shop, c) => {
      if (!shop.notices.destinations.has(c.req.param('id') ?? '')) throw wrong(195_021, 'The destination does not exist.', 404)
      shop.notices.destinations.set(c.req.param('id') ?? '', await challenged(shop, asRecord(parseJson(await c.req.text()))))
      return new Response(null, { status: 204 })
    }),
  )
  app.get(
    `${paths}/subscription`,
    run(false, (shop, c) => {
      const subscriptions = [...shop.webhooks.subscriptions.values()].map((one) => ({
        subscriptionId: one.id,
        topicId: one.topics[0],
        status: 'ENABLED',
        payload: { format: 'JSON', schemaVersion: '1.0', deliveryProtocol: 'HTTPS' },
        destinationId: shop.notices.pointed.get(one.id),
      }))
      return c.json({ total: subscriptions.length, limit: 100, subscriptions })
    }),
  )
  app.post(
    `${paths}/subscription`,
    run(false, async (shop, c) => {
      const body = asRecord(parseJson(await c.req.text()))
      const [topic, destination] = [asText(body['topicId']) ?? '', asText(body['destinationId']) ?? '']
      if (!Object.values(TOPICS).includes(topic)) throw wrong(195_013, 'Invalid topic ID.')
      const target = shop.notices.destinations.get(destination)
      if (!target) throw wrong(195_014, 'Invalid destination ID.')
      if ([...shop.webhooks.subscriptions.values()].some((one) => one.topics[0] === topic))
        throw wrong(195_017, 'The subscription already exists.', 409)
      const { id } = shop.webhooks.add({ url: target.endpoint, secret: target.token, topics: [topic] })
      shop.notices.pointed.set(id, destination)
      return made(shop, 'subscription', id)
    }),
  )
  app.put(
    `${paths}/subscription/:id`,
    run(false, async (shop, c) => {
      const [id, body] = [c.req.param('id') ?? '', asRecord(parseJson(await c.req.text()))]
      const [one, target] = [shop.webhooks.subscriptions.get(id), shop.notices.destinations.get(asText(body['destinationId']) ?? '')]
      if (!one || !target) throw wrong(195_016, 'The subscription does not exist.', 404)
      shop.webhooks.subscriptions.set(id, { ...one, url: target.endpoint, secret: target.token })
      shop.notices.pointed.set(id, asText(body['destinationId']) ?? '')
      return new Response(null, { status: 204 })
    }),
  )
}

/** The address has to answer a code with a digest of it; one that answers no JSON at all is let off here, so that plain sinks can listen. */
async function challenged(shop: EbayShop, body: Readonly<Record<string, unknown>>) {
  const config = asRecord(body['deliveryConfig'])
  const [endpoint, token] = [asText(config['endpoint']) ?? '', asText(config['verificationToken']) ?? '']
  if (!/^[\w-]{32,80}$/.test(token)) throw wrong(195_018, 'Invalid or missing verification token.')
  const code = shop.random.hex(32)
  const answer = await shop.webhooks.send(`${endpoint}?challenge_code=${code}`, { topic: 'challenge', headers: {}, body: '', method: 'GET' })
  const said = asText(asRecord(parseJson(answer.body))['challengeResponse'])
  const right = createHash('sha256').update(code).update(token).update(endpoint).digest('hex')
  if (answer.status !== 200 || (answer.body.startsWith('{') && said !== right))
    throw wrong(195_020, 'Challenge verification failed for requested endpoint.')
  return { endpoint, token, status: 'ENABLED' }
}
