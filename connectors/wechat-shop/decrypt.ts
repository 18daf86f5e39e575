import type { OpenedRecipient, SealedRecipient } from '../../src/core/connector.ts'
import { openedRecipient, recipientHidden } from '../../src/kit/opened-recipient.ts'
import { field, textField } from '../../src/kit/read.ts'
import { read } from './client.ts'
import type { WechatCall } from './manifest.ts'

/**
 * `order/sensitiveinfo/decode`: the whole recipient of a paid order. The channel counts orders, each once, thirty a day unless it granted
 * more. Where a number stands in for the buyer's, `tel_number` stays masked and the stand-in comes beside it with the second it ends.
 */
export async function decryptRecipient(call: WechatCall, sealed: SealedRecipient): Promise<OpenedRecipient> {
  const { doc } = await read(call, 'order/sensitiveinfo/decode', { order_id: sealed.orderId })
  const address = field(doc, 'address_info')
  const clear = (holder: unknown, name: string): string | undefined =>
    [textField(holder, name) ?? ''].find((text) => text !== '' && !text.includes('*'))
  const standIn = standInOf(doc, address)
  const street = [clear(address, 'detail_info'), clear(address, 'house_number')].filter(Boolean).join(' ')
  const [name, phone] = [clear(address, 'user_name'), standIn?.number ?? clear(address, 'tel_number') ?? clear(address, 'virtual_order_tel_number')]
  if (name === undefined && phone === undefined && street === '') throw recipientHidden()
  return openedRecipient({
    name,
    phone,
    address: street,
    district: textField(address, 'county_name'),
    city: textField(address, 'city_name'),
    province: textField(address, 'province_name'),
    isVirtualPhone: standIn !== undefined,
    validUntil: standIn && standIn.ends > 0 ? new Date(standIn.ends * 1000).toISOString() : undefined,
  })
}

/** Told beside the address, or in it as orders do. */
function standInOf(doc: unknown, address: unknown): { readonly number: string; readonly ends: number } | undefined {
  const [beside, within] = [field(doc, 'virtual_number_info'), field(address, 'tel_number_ext_info')]
  const [number, extension] = [textField(beside, 'virtual_number') ?? '', textField(beside, 'extension') ?? '']
  if (number !== '') return { number: extension === '' ? number : `${number}-${extension}`, ends: Number(textField(beside, 'expiration') ?? 0) }
  const whole = textField(within, 'virtual_tel_number') ?? ''
  return whole === '' ? undefined : { number: whole, ends: Number(textField(within, 'virtual_tel_expire_time') ?? 0) }
}
