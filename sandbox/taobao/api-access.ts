import type { Api } from './gateway.ts'
import { need, type Params, whole } from './lists.ts'
import { int, refuse, stamp } from './wire.ts'
import type { TaobaoShop } from './words.ts'

/** The clock, the seller, the token, and the message queue. */

function refresh(shop: TaobaoShop, params: Params): ReturnType<Api> {
  const pair = shop.access.renew(need(params, 'refresh_token'))
  if (!pair) throw refuse('isv.invalid-refresh-token', 'refresh_token 无效或授权已取消')
  const lives = (pair.endsAt - shop.clock.now()) / 1000
  const result = {
    access_token: pair.token,
    refresh_token: pair.refresh,
    token_type: 'Bearer',
    expires_in: lives,
    re_expires_in: lives,
    expire_time: pair.endsAt,
    taobao_user_nick: encodeURIComponent(shop.settings.nick),
  }
  return { doc: { token_result: JSON.stringify(result) } }
}

function consume(shop: TaobaoShop, params: Params): ReturnType<Api> {
  const due = shop.queue.take(whole(params, 'quantity', 100, [10, 200]))
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
  shop.queue.confirm(ids)
  return { doc: { is_success: true }, returned: ids }
}

function permit(shop: TaobaoShop): ReturnType<Api> {
  shop.queue.isOpen = true
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
