import type { Carrier } from '../stage/market/model.ts'

export interface Company extends Carrier {
  readonly id: number
  /** 0: still listed, and refused when somebody sends with it. */
  readonly available: 0 | 1
}

export const COMPANIES: readonly Company[] = [
  { id: 44, code: 'SF', name: '顺丰速运', available: 1 },
  { id: 85, code: 'YTO', name: '圆通快递', available: 1 },
  { id: 115, code: 'ZTO', name: '中通快递', available: 1 },
  { id: 1, code: 'STO', name: '申通快递', available: 1 },
  { id: 121, code: 'YUNDA', name: '韵达快递', available: 1 },
  { id: 118, code: 'EMS', name: '邮政EMS', available: 1 },
  { id: 120, code: 'JD', name: '京东快递', available: 1 },
  { id: 119, code: 'TT', name: '天天快递', available: 0 },
]
