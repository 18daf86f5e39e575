import type { Carrier } from '../stage/market/model.ts'

export interface Company extends Carrier {
  readonly id: number
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
