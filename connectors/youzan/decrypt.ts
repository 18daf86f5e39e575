import type { OpenedRecipient, SealedRecipient } from '../../src/core/connector.ts'
import { ciphersOf, openedRecipient, partsOf } from '../../src/kit/opened-recipient.ts'
import { asList, field, parsedOrNothing, textField } from '../../src/kit/read.ts'
import { read } from './client.ts'
import type { YouzanCall } from './manifest.ts'

/** `$…$1$`: encrypted with the key of the shop and app that read the order. */
const CIPHER = /^\$.{8,}\$\d*\$$/u

/** `youzan.cloud.secret.decrypt.batch`: ciphertexts in, the text of each out, under its ciphertext or in the order they were sent in. */
export async function decryptRecipient(call: YouzanCall, sealed: SealedRecipient): Promise<OpenedRecipient> {
  const address = field(field(parsedOrNothing(sealed.document), 'full_order_info'), 'address_info')
  // Of an order that is fetched in a branch the person stands beside the place.
  const place = parsedOrNothing(textField(address, 'self_fetch_info') ?? '')
  const cipher = (name: string, ofPlace: string): string | undefined =>
    [textField(address, name), textField(place, ofPlace)].find((text) => text !== undefined && CIPHER.test(text))
  const ciphers = ciphersOf({
    name: cipher('receiver_name', 'user_name'),
    phone: cipher('receiver_tel', 'user_tel'),
    address: cipher('delivery_address', 'address_detail'),
  })
  const sources = Object.values(ciphers)
  const { doc } = await read(call, 'youzan.cloud.secret.decrypt.batch/1.0.0', { sources })
  const inOrder = asList(doc)
  return openedRecipient({
    ...partsOf(ciphers, (text) => {
      const clear = textField(doc, text) ?? textField({ text: inOrder[sources.indexOf(text)] }, 'text')
      // What it cannot open it may hand back as it came.
      return { text: clear === text ? undefined : clear }
    }),
    district: textField(address, 'delivery_district') || textField(place, 'county'),
    city: textField(address, 'delivery_city') || textField(place, 'city'),
    province: textField(address, 'delivery_province') || textField(place, 'province'),
  })
}
