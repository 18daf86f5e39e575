/** What the simulated TOP gateway keeps. Money in fen, instants in milliseconds, ids as text: they have 12 to 19 digits. */
export interface TopSku {
  readonly skuId: string
  outerId: string
  readonly properties: string
  readonly priceMinor: number
  quantity: number
}

export interface TopItem {
  readonly numIid: string
  readonly title: string
  readonly outerId: string
  readonly priceMinor: number
  /** Of an item with variants: their sum, kept by `moveStock`. */
  num: number
  status: 'onsale' | 'instock'
  readonly skus: readonly TopSku[]
  modifiedAt: number
}

export interface TopLine {
  readonly oid: string
  readonly item: TopItem
  readonly sku: TopSku | undefined
  readonly priceMinor: number
  readonly num: number
  /** Of this line alone, by a promotion of the item. */
  readonly discountMinor: number
  /** The seller's own change of the price; negative makes it cheaper. */
  adjustMinor: number
  /** Share of what was taken off the whole trade. */
  readonly partMinor: number
  status: string
  refundStatus: string
  refundId: string
  company: string
  invoice: string
  consignedAt: number | undefined
}

export interface TopPromotion {
  readonly name: string
  readonly id: string
  readonly minor: number
  /** Undefined: of the whole trade. */
  readonly oid: string | undefined
}

export interface TopTrade {
  readonly tid: string
  readonly type: string
  status: string
  /** Of a presale: how far its two payments got. */
  step: { status: string; readonly depositMinor: number } | undefined
  readonly person: number
  readonly lines: readonly TopLine[]
  readonly promotions: readonly TopPromotion[]
  postMinor: number
  readonly codFeeMinor: number
  readonly createdAt: number
  payAt: number | undefined
  consignedAt: number | undefined
  endAt: number | undefined
  modifiedAt: number
  /** When lists begin to show this change. */
  visibleAt: number
  buyerMessage: string
  sellerMemo: string
  sellerFlag: number
}

export interface TopRefund {
  readonly refundId: string
  readonly trade: TopTrade
  readonly line: TopLine
  status: string
  readonly minor: number
  readonly goodsBack: boolean
  readonly reason: string
  readonly createdAt: number
  modifiedAt: number
  visibleAt: number
}

/** One logistics order. */
export interface TopShipping {
  readonly orderCode: string
  readonly tid: string
  readonly lines: readonly TopLine[]
  readonly split: boolean
  outSid: string
  company: string
  confirmed: boolean
  status: string
  readonly createdAt: number
  modifiedAt: number
}

export interface TopMessage {
  readonly id: string
  readonly topic: string
  readonly content: string
  readonly at: number
  /** Handed out and not confirmed: shown again when this is ten minutes ago. */
  handedAt: number | undefined
}

export interface Company {
  readonly id: number
  readonly code: string
  readonly name: string
  readonly mailNo: RegExp
}

export const COMPANIES: readonly Company[] = [
  { id: 505, code: 'SF', name: '顺丰速运', mailNo: /^[A-Za-z0-9-]{4,35}$/ },
  { id: 101, code: 'YTO', name: '圆通速递', mailNo: /^(YT)?[A-Za-z0-9]{10,18}$/ },
  { id: 500, code: 'ZTO', name: '中通快递', mailNo: /^[A-Za-z0-9]{10,18}$/ },
  { id: 100, code: 'STO', name: '申通快递', mailNo: /^[A-Za-z0-9]{10,18}$/ },
  { id: 102, code: 'YUNDA', name: '韵达快递', mailNo: /^[A-Za-z0-9]{10,18}$/ },
  { id: 2, code: 'EMS', name: 'EMS', mailNo: /^[A-Z0-9]{10,15}$/ },
  { id: 200143, code: 'LE04284890', name: '京东快递', mailNo: /^[A-Za-z0-9-]{8,25}$/ },
]
