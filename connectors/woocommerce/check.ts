import type { CheckStep } from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import { asList, field, textField } from '../../src/kit/read.ts'
import { createSteps } from '../../src/kit/steps.ts'
import { sendJson } from './client.ts'
import type { WooCall } from './manifest.ts'

/** Reaches the shop, reads with the keys, writes nothing real, and says where tracking numbers would go. */
export async function check(call: WooCall): Promise<readonly CheckStep[]> {
  const { done, step } = createSteps()
  const reached = await step({ en: 'WordPress answers', zh: 'WordPress 可访问' }, () => readIndex(call))
  if (!reached) return done
  const read = await step({ en: 'Orders can be read', zh: '可读取订单' }, async () => {
    const { response } = await sendJson(call, { path: 'orders', query: { per_page: 1, _fields: 'id,status' } })
    return `${response.headers['x-wp-total'] ?? '?'} orders`
  })
  if (!read) return done
  await step({ en: 'Products can be read', zh: '可读取商品' }, async () => {
    const { response } = await sendJson(call, { path: 'products', query: { per_page: 1, _fields: 'id' } })
    return `${response.headers['x-wp-total'] ?? '?'} products`
  })
  // An empty batch passes through the permission checks of a write and changes nothing.
  await step({ en: 'The key may write', zh: '密钥具有写权限' }, async () => {
    await sendJson(call, { method: 'POST', path: 'products/batch', body: { update: [] }, idempotent: true })
    return undefined
  })
  await step({ en: 'Webhooks can be managed', zh: '可管理 Webhook' }, async () => {
    await sendJson(call, { path: 'webhooks', query: { per_page: 1 } })
    return undefined
  })
  await step({ en: 'Tracking numbers', zh: '运单号写入方式' }, () => trackingPlace(call))
  return done
}

async function readIndex(call: WooCall): Promise<string> {
  const { doc } = await sendJson(call, { namespace: '', path: '', query: { _fields: 'name,home,namespaces,timezone_string,gmt_offset' } })
  const namespaces = asList(field(doc, 'namespaces'))
  if (!namespaces.includes('wc/v3')) {
    throw new ChannelError({ kind: 'misconfigured', code: 'no-woocommerce', message: 'WordPress answers, but WooCommerce is not active there.' })
  }
  const home = textField(doc, 'home') ?? ''
  const origin = URL.canParse(home) ? new URL(home).origin : ''
  const other = origin !== '' && origin !== new URL(call.config.url).origin
  // OAuth signatures are checked against the site's own address.
  if (other && call.config.auth !== 'basic' && call.config.url.startsWith('http:')) {
    throw new ChannelError({ kind: 'misconfigured', code: 'other-home', message: `The site calls itself ${origin}; enter that address.` })
  }
  return [textField(doc, 'timezone_string') || `UTC${textField(doc, 'gmt_offset') ?? ''}`, other ? `site address ${origin}` : '']
    .filter((part) => part !== '')
    .join(', ')
}

async function trackingPlace(call: WooCall): Promise<string> {
  const { doc } = await sendJson(call, { path: '' })
  const routes = Object.keys(Object(field(doc, 'routes')))
  const core = routes.some((route) => route.endsWith('/fulfillments'))
  const index = await sendJson(call, { namespace: '', path: '', query: { _fields: 'namespaces' } })
  const plugin = asList(field(index.doc, 'namespaces')).includes('wc-shipment-tracking/v3')
  const chosen = call.config.fulfilments === 'auto' ? (core ? 'core' : plugin ? 'shipment-tracking' : 'note') : call.config.fulfilments
  if ((chosen === 'core' && !core) || (chosen === 'shipment-tracking' && !plugin)) {
    throw new ChannelError({
      kind: 'misconfigured',
      code: 'no-tracking',
      message: `The shop does not offer "${chosen}". Choose another way in the settings.`,
    })
  }
  return chosen
}
