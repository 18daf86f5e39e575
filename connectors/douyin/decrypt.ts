import type { OpenedRecipient, SealedRecipient } from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import { ciphersOf, openedRecipient, partsOf } from '../../src/kit/opened-recipient.ts'
import { field, listField, parsedOrNothing, textField } from '../../src/kit/read.ts'
import { read } from './client.ts'
import type { DouyinCall } from './manifest.ts'

/**
 * `order.batchDecrypt`: up to fifty ciphertexts, each with its order (`auth_id`), each answered on its own. A number that stands in for
 * the buyer's comes as "18400913965-7576", with the time it ends (members of the vendor's own client, order_batchDecrypt/response).
 */
export async function decryptRecipient(call: DouyinCall, sealed: SealedRecipient): Promise<OpenedRecipient> {
  const doc = parsedOrNothing(sealed.document)
  const place = field(doc, 'post_addr')
  const ciphers = ciphersOf({
    name: textField(doc, 'encrypt_post_receiver'),
    phone: textField(doc, 'encrypt_post_tel'),
    address: textField(place, 'encrypt_detail'),
  })
  const { data } = await read(call, 'order.batchDecrypt', {
    cipher_infos: Object.values(ciphers).map((text) => ({ auth_id: sealed.orderId, cipher_text: text })),
  })
  const trouble = textField(field(data, 'custom_err'), 'err_code') ?? '0'
  if (trouble !== '0') throw new ChannelError({ kind: 'refused', code: trouble, message: `Douyin would not open the recipient (${trouble}).` })
  const items = listField(data, 'decrypt_infos')
  const itemOf = (text: string | undefined): unknown => items.find((item) => textField(item, 'cipher_text') === text)
  const parts = partsOf(ciphers, (text) => {
    const code = textField(itemOf(text), 'err_no') ?? '0'
    return code === '0' ? { text: textField(itemOf(text), 'decrypt_text') } : { refusedAs: code }
  })
  const phone = itemOf(ciphers.phone)
  const isVirtual = field(phone, 'is_virtual_tel') === true
  const ends = Number(textField(phone, 'expire_time') ?? 0)
  const nameOf = (level: string): string | undefined => textField(field(place, level), 'name')
  return openedRecipient({
    ...parts,
    address: parts.address && [nameOf('street'), parts.address].filter(Boolean).join(' '),
    district: nameOf('town'),
    city: nameOf('city'),
    province: nameOf('province'),
    isVirtualPhone: isVirtual,
    validUntil: isVirtual && ends > 0 ? new Date(ends * 1000).toISOString() : undefined,
  })
}
