import type { OpenedRecipient, SealedRecipient } from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import { instantOf } from '../../src/kit/beijing-time.ts'
import { unreadable } from '../../src/kit/outcomes.ts'
import { field, listField, parsedOrNothing, textField } from '../../src/kit/read.ts'
import { read } from './client.ts'
import type { TopCall } from './manifest.ts'

/** Scenes of the vendor's list: 1006 = other shipping by hand, 2001 = after-sales. */
const SCENE: Readonly<Record<SealedRecipient['purpose'], string>> = { shipping: '1006', support: '2001', fraud: '2001', legal: '2001' }

/**
 * `taobao.top.oaid.decrypt`. The id that stands for a recipient changes by the week: one that no longer fits its trade is read
 * anew, once. Source: the interface's fields `matched`, `privacy_protection`, `secret_no_expire_time`.
 */
export async function decryptRecipient(call: TopCall, sealed: SealedRecipient): Promise<OpenedRecipient> {
  const known = textField(parsedOrNothing(sealed.document), 'oaid')
  const first = known === undefined ? undefined : await receiver(call, sealed, known)
  if (first !== undefined && textField(first, 'matched') !== 'false') return opened(first)
  const { doc } = await read(call, 'taobao.trade.fullinfo.get', { fields: FIELDS, tid: sealed.orderId, include_oaid: 'include_oaid' })
  const fresh = textField(field(doc, 'trade'), 'oaid')
  const second = fresh === undefined || fresh === known ? undefined : await receiver(call, sealed, fresh)
  if (second === undefined || textField(second, 'matched') === 'false')
    throw new ChannelError({ kind: 'refused', code: 'oaid-unmatched', message: 'The channel has no recipient for this order any more.' })
  return opened(second)
}

/** The id is only told beside these. */
const FIELDS = 'tid,created,receiver_name,receiver_mobile,receiver_phone,receiver_address,oaid'

async function receiver(call: TopCall, sealed: SealedRecipient, oaid: string): Promise<unknown> {
  const query = [{ oaid, tid: sealed.orderId, scene: SCENE[sealed.purpose] }]
  const { doc } = await read(call, 'taobao.top.oaid.decrypt', { query_list: JSON.stringify(query) })
  const found = listField(field(doc, 'receiver_list'), 'receiver').find((each) => textField(each, 'tid') === sealed.orderId)
  if (found === undefined) throw unreadable('The answer to the decryption holds no recipient of this order.')
  return found
}

function opened(receiver: unknown): OpenedRecipient {
  const part = (name: string): string | undefined => textField(receiver, name) || undefined
  const until = instantOf(part('secret_no_expire_time') ?? '')
  const street = [part('town'), part('address_detail')].filter((each) => each !== undefined).join(' ')
  return Object.fromEntries(
    Object.entries({
      name: part('name'),
      phone: part('mobile') ?? part('phone'),
      address: street === '' ? undefined : street,
      district: part('district'),
      city: part('city'),
      province: part('state'),
      isVirtualPhone: textField(receiver, 'privacy_protection') === 'true' ? true : undefined,
      validUntil: until,
    }).filter(([, value]) => value !== undefined),
  )
}
