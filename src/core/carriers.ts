import { DomainError } from './fault.ts'

/** A parcel carrier as the hub names it. `codes` are the channels' own names for it, where known. */
export interface Carrier {
  readonly code: string
  readonly en: string
  readonly zh: string
  /** Other spellings people and systems use, lower-case. */
  readonly also: readonly string[]
  /** Form of its tracking numbers; a number of another form is accepted, since carriers add forms without notice. */
  readonly tracking?: RegExp
  /** Public tracking page; `{no}` is replaced by the number. */
  readonly url?: string
  readonly codes: Readonly<Record<string, string>>
}

/**
 * The seed table. Channel codes were collected from the vendors' documents and clients on 2026-11-22; a channel's own
 * list, where it offers one, goes before this.
 */
export const CARRIERS: readonly Carrier[] = [
  {
    code: 'SF',
    en: 'SF Express',
    zh: '顺丰速运',
    also: ['顺丰', 'shunfeng', 'sf-express'],
    tracking: /^(SF)?\d{12,15}$/,
    url: 'https://www.sf-express.com/chn/sc/waybill/waybill-detail/{no}',
    codes: { taobao: 'SF', pdd: '44', douyin: 'shunfeng', wechat: 'SF', jd: '467', wdt: '8', youzan: '7', kuaishou: '4' },
  },
  {
    code: 'YTO',
    en: 'YTO Express',
    zh: '圆通速递',
    also: ['圆通', 'yuantong'],
    tracking: /^YT\d{13}$|^\d{10,18}$/,
    codes: { taobao: 'YTO', pdd: '85', douyin: 'yuantong', wechat: 'YTO', jd: '463', wdt: '4', youzan: '2', kuaishou: '6' },
  },
  {
    code: 'ZTO',
    en: 'ZTO Express',
    zh: '中通快递',
    also: ['中通', 'zhongtong'],
    tracking: /^\d{12,15}$/,
    codes: { taobao: 'ZTO', pdd: '115', douyin: 'zhongtong', wechat: 'ZTO', jd: '1499', wdt: '5', youzan: '3', kuaishou: '9' },
  },
  {
    code: 'STO',
    en: 'STO Express',
    zh: '申通快递',
    also: ['申通', 'shentong'],
    tracking: /^\d{12,15}$/,
    codes: { taobao: 'STO', pdd: '1', douyin: 'shentong', wechat: 'STO', jd: '470', wdt: '6', youzan: '1', kuaishou: '3' },
  },
  {
    code: 'YUNDA',
    en: 'Yunda Express',
    zh: '韵达快递',
    also: ['韵达', 'yd'],
    tracking: /^\d{13,15}$/,
    codes: { taobao: 'YUNDA', pdd: '121', douyin: 'yunda', wechat: 'YUNDA', jd: '1327', wdt: '9', youzan: '4', kuaishou: '11' },
  },
  {
    code: 'EMS',
    en: 'EMS',
    zh: '邮政EMS',
    also: ['中国邮政', 'china-ems', '邮政'],
    tracking: /^[A-Z]{2}\d{9}CN$|^\d{13}$/,
    codes: { taobao: 'EMS', pdd: '118', douyin: 'ems', wechat: 'EMS', jd: '465', wdt: '3', youzan: '11', kuaishou: '2' },
  },
  {
    code: 'JD',
    en: 'JD Logistics',
    zh: '京东快递',
    also: ['京东', 'jd-logistics', '京东物流'],
    tracking: /^JD[A-Z0-9]{10,20}(-\d+-\d+-?)?$/,
    codes: { taobao: 'JD', pdd: '120', douyin: 'jd', wechat: 'JD', jd: '2087', youzan: '138', kuaishou: '14' },
  },
  { code: 'JT', en: 'J&T Express', zh: '极兔速递', also: ['极兔', 'jitu', 'j&t', 'jnt'], tracking: /^JT\d{13}$/, codes: { kuaishou: '109' } },
  { code: 'DBL', en: 'Deppon', zh: '德邦快递', also: ['德邦', 'debang'], codes: { jd: '3046', kuaishou: '53' } },
  {
    code: 'UPS',
    en: 'UPS',
    zh: 'UPS',
    also: ['united parcel service'],
    tracking: /^1Z[A-Z0-9]{16}$/,
    url: 'https://www.ups.com/track?tracknum={no}',
    codes: { amazon: 'UPS', ebay: 'UPS', kuaishou: '90' },
  },
  {
    code: 'FEDEX',
    en: 'FedEx',
    zh: '联邦快递',
    also: ['federal express', '联邦'],
    tracking: /^\d{12}$|^\d{15}$|^\d{20}$/,
    url: 'https://www.fedex.com/fedextrack/?trknbr={no}',
    codes: { jd: '2096', amazon: 'FedEx', ebay: 'FedEx', kuaishou: '77' },
  },
  {
    code: 'DHL',
    en: 'DHL Express',
    zh: 'DHL',
    also: ['dhl express'],
    tracking: /^\d{10,11}$|^[A-Z]{3}\d{7,}$/,
    url: 'https://www.dhl.com/en/express/tracking.html?AWB={no}',
    codes: { jd: '256059', amazon: 'DHL', ebay: 'DHL', kuaishou: '20' },
  },
  {
    code: 'DHL-DE',
    en: 'DHL Paket',
    zh: 'DHL 德国',
    also: ['dhl paket', 'deutsche post', 'dhl germany'],
    tracking: /^\d{12,20}$|^[A-Z]{2}\d{9}DE$/,
    url: 'https://www.dhl.de/de/privatkunden/pakete-empfangen/verfolgen.html?idc={no}',
    codes: { ebay: 'DHL' },
  },
  {
    code: 'USPS',
    en: 'USPS',
    zh: '美国邮政',
    also: ['us postal service'],
    tracking: /^\d{20,22}$|^[A-Z]{2}\d{9}US$/,
    url: 'https://tools.usps.com/go/TrackConfirmAction?tLabels={no}',
    codes: { amazon: 'USPS', ebay: 'USPS', kuaishou: '89' },
  },
  {
    code: 'ROYALMAIL',
    en: 'Royal Mail',
    zh: '英国皇家邮政',
    also: ['royal mail', 'royal-mail'],
    tracking: /^[A-Z]{2}\d{9}GB$/,
    url: 'https://www.royalmail.com/track-your-item#/tracking-results/{no}',
    codes: { jd: '668392', ebay: 'RoyalMail' },
  },
  { code: 'DPD', en: 'DPD', zh: 'DPD', also: ['dpd group'], tracking: /^\d{14}[A-Z0-9]?$/, codes: { amazon: 'DPD', ebay: 'DPD' } },
  {
    code: 'GLS',
    en: 'GLS',
    zh: 'GLS',
    also: ['general logistics systems'],
    tracking: /^\d{11,12}$|^[A-Z0-9]{8}$/,
    url: 'https://gls-group.com/track/{no}',
    codes: { ebay: 'GLS' },
  },
  { code: 'EVRI', en: 'Evri', zh: 'Evri', also: ['hermes', 'hermes uk'], codes: { ebay: 'Hermes' } },
  { code: 'POSTNL', en: 'PostNL', zh: '荷兰邮政', also: ['post nl'], tracking: /^3S[A-Z0-9]{11,}$|^[A-Z]{2}\d{9}NL$/, codes: { ebay: 'PostNL' } },
  {
    code: 'COLISSIMO',
    en: 'Colissimo',
    zh: '法国邮政包裹',
    also: ['la poste', 'laposte'],
    tracking: /^\d[A-Z]\d{11}$|^[A-Z]{2}\d{9}FR$/,
    url: 'https://www.laposte.fr/outils/suivre-vos-envois?code={no}',
    codes: { ebay: 'Colissimo' },
  },
  {
    code: 'CANADAPOST',
    en: 'Canada Post',
    zh: '加拿大邮政',
    also: ['canada post', 'postes canada'],
    tracking: /^\d{16}$|^[A-Z]{2}\d{9}CA$/,
    codes: { ebay: 'CPC' },
  },
  { code: 'AUSPOST', en: 'Australia Post', zh: '澳大利亚邮政', also: ['australia post'], codes: { ebay: 'AustraliaPost' } },
  { code: 'YAMATO', en: 'Yamato', zh: '黑猫宅急便', also: ['kuroneko', 'ta-q-bin', 'ヤマト運輸'], tracking: /^\d{12}$/, codes: { kuaishou: '66' } },
  { code: 'SAGAWA', en: 'Sagawa', zh: '佐川急便', also: ['佐川'], tracking: /^\d{12}$/, codes: {} },
  { code: 'CAINIAO', en: 'Cainiao', zh: '菜鸟', also: ['aliexpress standard shipping'], codes: { kuaishou: '113' } },
  { code: 'YUNEXPRESS', en: 'YunExpress', zh: '云途物流', also: ['云途'], tracking: /^YT\d{16}$/, codes: {} },
]

/** The buyer collected the goods: a package without a carrier and without a tracking number. */
export const PICKUP = 'PICKUP'
const COLLECTED: Carrier = {
  code: PICKUP,
  en: 'Collected by the buyer',
  zh: '门店自提',
  also: ['自提', 'pick up', 'collected', 'local pickup', 'store pickup'],
  codes: {},
}

/** Carrier of an own van or a local courier: has a free name and no tracking page. */
export const OTHER = 'OTHER'

const fold = (text: string): string =>
  text
    .normalize('NFKC')
    .trim()
    .toLowerCase()
    .replace(/[\s_-]+/g, ' ')
const NAMES: ReadonlyMap<string, Carrier> = new Map(
  [...CARRIERS, COLLECTED].flatMap((carrier) =>
    [carrier.code, carrier.en, carrier.zh, ...carrier.also].map((name) => [fold(name), carrier] as const),
  ),
)

/** What a shipment needs of its carrier. */
export interface NamedCarrier {
  readonly code: string
  readonly name: string
  readonly codes: Readonly<Record<string, string>>
  readonly url?: string
}

/**
 * Finds a carrier by code, name or a common spelling in either language. `OTHER` needs a name.
 * @throws DomainError `carrier-unknown` with the nearest ones in `details.suggestions`, `carrier-name-required`
 */
export function findCarrier(text: string, name?: string): NamedCarrier {
  if (fold(text) === fold(OTHER)) {
    if (name === undefined || name.trim() === '') throw new DomainError('carrier-name-required', 'Carrier OTHER needs a carrier name.')
    return { code: OTHER, name: name.trim(), codes: {} }
  }
  const found = NAMES.get(fold(text))
  if (found) return { code: found.code, name: found.en, codes: found.codes, ...(found.url !== undefined && { url: found.url }) }
  const suggestions = suggest(fold(text))
  const hint = suggestions.length > 0 ? `Did you mean ${suggestions.join(', ')}?` : 'Use OTHER with a name for carriers that are not listed.'
  throw new DomainError('carrier-unknown', `Carrier "${text.slice(0, 40)}" is not known. ${hint}`, {
    suggestions,
    ...(suggestions.length === 0 && { why: 'none' }),
  })
}

/** Tracking page of one parcel, where the carrier has one. */
export const trackingUrl = (carrier: NamedCarrier, trackingNo: string): string | undefined =>
  carrier.url?.replace('{no}', encodeURIComponent(trackingNo))

function suggest(text: string): readonly string[] {
  const ranked = [...NAMES].map(([name, carrier]) => ({
    code: carrier.code,
    score: name.includes(text) || text.includes(name) ? 0 : distance(text, name),
  }))
  const near = ranked.filter(({ score }) => score <= Math.max(1, Math.floor(text.length / 3))).sort((a, b) => a.score - b.score)
  return [...new Set(near.map(({ code }) => code))].slice(0, 3)
}

/** Edit distance of two short words. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i]
    for (let j = 1; j <= b.length; j += 1) {
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)))
    }
    row = next
  }
  return row[b.length] ?? 0
}
