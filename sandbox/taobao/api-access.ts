import type { Api } from './gateway.ts'
import { need, type Params, whole } from './lists.ts'
import type { TaobaoShop } from './shop.ts'
import { int, refuse, stamp } from './wire.ts'

/** The clock, the seller, the token, and the message queue. */

function refresh(shop: TaobaoShop, params: Params): ReturnType<Api> {
  const { access } = shop
  if (access.revoked || need(params, 'refresh_token') !== access.refresh) throw refuse('isv.invalid-refresh-token', 'refresh_token 无效或授权已取消')
  access.renewals += 1
  access.session = `6200${shop.random.hex(40)}`
  access.refresh = `6201${shop.random.hex(40)}`
  const lives = 30 * 86_400
  const result = {
    access_token: access.session,
    refresh_token: access.refresh,
    token_type: 'Bearer',
    expires_in: lives,
    re_expires_in: lives,
    expire_time: shop.clock.now() + lives * 1000,
    taobao_user_nick: encodeURIComponent(shop.settings.nick),
  }
  return { doc: { token_result: JSON.stringify(result) } }
}

const HANDED_MS = 600_000

function consume(shop: TaobaoShop, params: Params): ReturnType<Api> {
  const quantity = whole(params, 'quantity', 100, [10, 200])
  const now = shop.clock.now()
  const due = [...shop.messages.values()].filter((each) => each.handedAt === undefined || now - each.handedAt >= HANDED_MS).slice(0, quantity)
  for (const message of due) message.handedAt = now
  const shown = due.map((each) => ({
    id: int(each.id),
    topic: each.topic,
    content: each.content,
    pub_time: stamp(each.at),
    pub_app_key: '12497914',
    user_id: 3600000001,
    user_nick: shop.settings.nick,
  }))
  return { doc: shown.length === 0 ? {} : { messages: { tmc_message: shown } }, returned: due.map((each) => each.id) }
}

function confirm(shop: TaobaoShop, params: Params): ReturnType<Api> {
  const ids = need(params, 's_message_ids').split(',')
  if (ids.length > 200) throw refuse('isv.invalid-parameter:s_message_ids', '最大 200 个ID')
  for (const id of ids) shop.messages.delete(id)
  return { doc: { is_success: true }, returned: ids }
}

function permit(shop: TaobaoShop): ReturnType<Api> {
  shop.permitted = true
  return { doc: { is_success: true } }
}

export const anonymousApis: Readonly<Record<string, Api>> = {
  'taobao.time.get': (shop) => ({ doc: { time: stamp(shop.clock.now()) } }),
  'taobao.top.auth.token.refresh': refresh,
  'taobao.tmc.messages.consume': consume,
  'taobao.tmc.messages.confirm': confirm,
}

export const accessApis: Readonly<Record<string, Api>> = {
  'taobao.user.seller.get': (shop) => ({ doc: { user: { user_id: 3600000001, nick: shop.settings.nick, type: shop.settings.sellerType } } }),
  'taobao.tmc.user.permit': permit,
}
