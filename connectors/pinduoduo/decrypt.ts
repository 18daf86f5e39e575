import type { OpenedRecipient, SealedRecipient } from '../../src/core/connector.ts'
import { ciphersOf, openedRecipient, partsOf } from '../../src/kit/opened-recipient.ts'
import { listField, parsedOrNothing, textField } from '../../src/kit/read.ts'
import { read } from './client.ts'
import type { PddCall } from './manifest.ts'

/** `~…~` hides names and addresses, `$…$` numbers, `#…` others; anything else is a mask or clear. */
const CIPHER = /^~.+~$|^\$.+\$$|^#.{16,}/u

/**
 * `pdd.open.decrypt.batch`: up to a hundred ciphertexts, each with the order it belongs to (`data_tag`). The channel shows ciphertexts
 * while an order waits for sending, and opens nothing else.
 */
export async function decryptRecipient(call: PddCall, sealed: SealedRecipient): Promise<OpenedRecipient> {
  const doc = parsedOrNothing(sealed.document)
  const cipher = (name: string): string | undefined => [textField(doc, name) ?? ''].find((text) => CIPHER.test(text))
  const ciphers = ciphersOf({
    name: cipher('receiver_name'),
    // Of some orders the number only stands in a field of its own.
    phone: cipher('receiver_phone') ?? cipher('contact_mobile'),
    address: cipher('receiver_address'),
  })
  const list = Object.values(ciphers).map((text) => ({ data_tag: sealed.orderId, encrypted_data: text }))
  const answer = await read(call, 'pdd.open.decrypt.batch', { data_list: JSON.stringify(list) })
  const items = listField(answer.doc, 'data_decrypt_list')
  const itemOf = (text: string | undefined): unknown => items.find((item) => textField(item, 'encrypted_data') === text)
  const parts = partsOf(ciphers, (text) => {
    const code = textField(itemOf(text), 'error_code') ?? '0'
    return code === '0' ? { text: textField(itemOf(text), 'decrypted_data') } : { refusedAs: code }
  })
  const [phone, extension] = [itemOf(ciphers.phone), textField(itemOf(ciphers.phone), 'virtual_identify_number')]
  return openedRecipient({
    ...parts,
    phone: parts.phone && extension && !parts.phone.endsWith(extension) ? `${parts.phone}-${extension}` : parts.phone,
    district: textField(doc, 'town'),
    city: textField(doc, 'city'),
    province: textField(doc, 'province'),
    isVirtualPhone: textField(phone, 'virtual_number_type') === '1',
  })
}
