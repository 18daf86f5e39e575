import type { OpenedRecipient, SealedRecipient } from '../../src/core/connector.ts'
import { ciphersOf, openedRecipient, partsOf } from '../../src/kit/opened-recipient.ts'
import { field, listField, parsedOrNothing, textField } from '../../src/kit/read.ts'
import { ask } from './client.ts'
import type { KuaishouCall } from './manifest.ts'

/**
 * `open.order.decrypt.batch`: up to a hundred ciphertexts, each with its order (`bizId`), each answered on its own; `errorCode` 1 says
 * that all went well. The list stands beside `result`, not below `data`.
 */
export async function decryptRecipient(call: KuaishouCall, sealed: SealedRecipient): Promise<OpenedRecipient> {
  const address = field(parsedOrNothing(sealed.document), 'orderAddress')
  const ciphers = ciphersOf({
    name: textField(address, 'encryptedConsignee'),
    phone: textField(address, 'encryptedMobile'),
    address: textField(address, 'encryptedAddress'),
  })
  const batchDecryptList = Object.values(ciphers).map((text) => ({ encryptedData: text, bizId: sealed.orderId }))
  const { doc, data } = await ask(call, 'open.order.decrypt.batch', { batchDecryptList })
  const items = [...listField(doc, 'batchDecryptResultList'), ...listField(data, 'batchDecryptResultList')]
  const parts = partsOf(ciphers, (text) => {
    const item = items.find((each) => textField(each, 'encryptedData') === text)
    const code = textField(item, 'errorCode') ?? '1'
    return code === '1' ? { text: textField(item, 'decryptedData') } : { refusedAs: code }
  })
  return openedRecipient({
    ...parts,
    address: parts.address && [textField(address, 'town'), parts.address].filter(Boolean).join(' '),
    district: textField(address, 'district'),
    city: textField(address, 'city'),
    province: textField(address, 'province'),
  })
}
