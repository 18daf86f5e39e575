/** Names of fields that hold personal data wherever they occur; bare "name" and "title" also name goods and are masked by value. */
const PERSONAL_KEY =
  /^(first|last|full|customer|receiver|recipient|buyer|contact|consignee|display|ticket|company|sender)[_-]?name$|^(receiver|buyer|customer|recipient)$|_receiver$|^encrypt_|_words$|phone|mobile|^tel$|_tel$|^(?:buyer_)?user_?name$|_cpf_id$|^cpf$|_local_script$|^dropshipper$|^message_to_|^text_reason$|^virtual_contact_|nick_?name|^(encrypted|desensitise)?consignee$|buyer_?nick$|^self_fetch_info$|tel_number$|^detail_info$|^house_number$|_contact$|notes$|e?_?mail|address|street|^addr|postcode|postal|zip|^company$|^city$|^(?:sub)?locality|^administrative_district|^district$|town|post_?code|^customer_(?:first|last)_name$|delivery_info$|registration_number$|^tax_code$|passport|identify_no|^personali[sz]ation$|^gift_wrapping$|id_?card|tax(?:payer)?_?id|vat_?(no|number|id)|note$|messages?$|remark|memo|comment|^ip$|ip_?address|user_?agent|birth|^caution$|dispatcher_name$|courier_name$|^invoice_title$|^(?:refund)?desc$|^proof_?photos$|^(?:apply|res)_reason$|^pictures$|^order$|^(?:lat|lng|lon|latitude|longitude)$/i
/** `"key": "value"`; the value may hold escapes. */
const JSON_PAIR = /"((?:[^"\\]|\\.){1,80})"(\s*:\s*)"((?:[^"\\]|\\.)*)"/g
/** Where somebody lives, as a number. */
const COORDINATE = /("(?:lat|lng|lon|latitude|longitude)"\s*:\s*)-?\d+(?:\.\d+)?/gi
/** Whom a message is for, also where the message is a text inside a document. */
const RECEIVER = /(receiver_msg\\*"\s*:\s*)\{[^{}]*\}/g
const XML_PAIR = /<([A-Za-z_][\w.-]{0,80})>([^<]+)<\/\1>/g
/** Begins at the beginning of a word, so that a long word is read once and not once for each of its letters. */
const EMAIL = /(?<![\w.+-])[\w.+-]+@[\w-]+(\.[\w-]+)+/g
const MASK = '***'

/**
 * A channel document that may be shown without a purpose: values of personal fields are replaced, and so are the known
 * values of this order's parties wherever else they occur. Structure and everything about goods and money stays.
 */
export function maskRaw(text: string, parties: Readonly<Record<string, unknown>>): string {
  let masked = text
    .replaceAll(JSON_PAIR, (whole, key: string, colon: string, value: string) =>
      PERSONAL_KEY.test(key) && value !== '' ? `"${key}"${colon}"${MASK}"` : whole,
    )
    .replaceAll(COORDINATE, `$1"${MASK}"`)
    .replaceAll(RECEIVER, '$1{}')
    .replaceAll(XML_PAIR, (whole, key: string) => (PERSONAL_KEY.test(key) ? `<${key}>${MASK}</${key}>` : whole))
    .replaceAll(EMAIL, MASK)
  for (const value of partyValues(parties)) masked = masked.replaceAll(value, MASK).replaceAll(JSON.stringify(value).slice(1, -1), MASK)
  return masked
}

/** Longest first, so that a part of one does not break another; codes and single characters stay readable. */
function partyValues(parties: Readonly<Record<string, unknown>>): readonly string[] {
  const values: string[] = []
  const visit = (value: unknown, key: string): void => {
    if (typeof value === 'string' && value.length >= 2 && key !== 'country')
      values.push(value, ...value.split('\n').filter((line) => line.length >= 3))
    if (typeof value === 'object' && value !== null) for (const [name, inner] of Object.entries(value)) visit(inner, name)
  }
  visit(parties, '')
  return [...new Set(values)].sort((a, b) => b.length - a.length)
}
