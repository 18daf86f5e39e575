import type { OpenedRecipient, SealedRecipient } from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import { ciphersOf, openedRecipient, partsOf, type Ciphers } from '../../src/kit/opened-recipient.ts'
import { field, listField, parsedOrNothing, textField } from '../../src/kit/read.ts'
import { read } from './client.ts'
import type { XhsCall } from './manifest.ts'

/** An order that goes to the buyer in exchange for another one. */
const EXCHANGE = '5'
/** 1: a person looks at one order. */
const ONE_ORDER = '1'
/** What is sealed stands between signs of number: `#…#…#2##`. */
const SEALED = /^#.+#\d+##$/

/**
 * The recipient of an order that waits to be sent: `order.getOrderReceiverInfo` shows it sealed, for the address the order named, and
 * `data.batchDecrypt` opens name, phone and address together. The channel counts orders a day, each once (interfaces 27240 and 29208 of the vendor).
 */
export async function decryptRecipient(call: XhsCall, sealed: SealedRecipient): Promise<OpenedRecipient> {
  const receiver = await receiverOf(call, sealed)
  const shown = ciphersOf({
    name: textField(receiver, 'receiverName'),
    phone: textField(receiver, 'receiverPhone'),
    address: textField(receiver, 'receiverAddress'),
  })
  const infos = await openings(call, sealed.orderId, shown)
  const infoOf = (text: string): unknown => infos.find((each) => textField(each, 'encryptedData') === text)
  const parts = partsOf(shown, (text) => {
    if (!SEALED.test(text)) return { text }
    const code = textField(infoOf(text), 'errorCode') ?? '0'
    return code === '0' ? { text: textField(infoOf(text), 'decryptedData') } : { refusedAs: code }
  })
  const standIn = parts.phone === undefined ? undefined : standInOf(infoOf(shown.phone ?? ''))
  return openedRecipient({
    ...parts,
    phone: standIn?.number ?? parts.phone,
    address: parts.address && [textField(receiver, 'receiverTownName'), parts.address].filter(Boolean).join(' '),
    district: textField(receiver, 'receiverDistrictName'),
    city: textField(receiver, 'receiverCityName'),
    province: textField(receiver, 'receiverProvinceName'),
    isVirtualPhone: standIn !== undefined,
    validUntil: standIn?.validUntil,
  })
}

/** @throws ChannelError `refused` where the order names no address, its address was changed since, or it does not wait to be sent any more */
async function receiverOf(call: XhsCall, { orderId, document }: SealedRecipient): Promise<unknown> {
  const doc = parsedOrNothing(document)
  const openAddressId = textField(doc, 'openAddressId')
  // Refuses as for any other channel where there is nothing to ask for.
  ciphersOf({ name: undefined, phone: undefined, address: openAddressId })
  const query = { receiverQueries: [{ orderId, openAddressId }], isReturn: textField(doc, 'orderType') === EXCHANGE }
  const { data } = await read(call, 'order.getOrderReceiverInfo', query)
  const receiver = listField(data, 'receiverInfos').find((each) => (textField(each, 'orderId') ?? orderId) === orderId)
  if (field(receiver, 'matched') === false)
    throw new ChannelError({
      kind: 'refused',
      code: 'address-changed',
      message: 'The buyer changed the address since the order was read. Read the order again first.',
    })
  return receiver
}

async function openings(call: XhsCall, orderId: string, shown: Ciphers): Promise<readonly unknown[]> {
  const baseInfos = Object.values(shown).flatMap((text) => (SEALED.test(text) ? [{ dataTag: orderId, encryptedData: text }] : []))
  if (baseInfos.length === 0) return []
  // `appUserId` has no meaning any more but must not be empty.
  const { data } = await read(call, 'data.batchDecrypt', { baseInfos, actionType: ONE_ORDER, appUserId: 'hub' })
  return listField(data, 'dataInfoList')
}

/** A number that only leads to the buyer's for a while. */
function standInOf(info: unknown): { readonly number: string; readonly validUntil?: string } | undefined {
  if (field(info, 'virtualNumberFlag') !== true) return undefined
  const number = textField(info, 'virtualPhoneNumber') ?? textField(info, 'decryptedData') ?? ''
  const [extension, ends] = [textField(info, 'virtualExtendNumber') ?? '', Number(textField(info, 'expireAt') ?? 0)]
  return {
    number: extension === '' || number.includes('-') ? number : `${number}-${extension}`,
    ...(ends > 0 ? { validUntil: new Date(ends).toISOString() } : {}),
  }
}
