import type { Mapping } from '../src/core/mapping.ts'
import { amazon } from './amazon.ts'
import { douyin } from './douyin.ts'
import { ebay } from './ebay.ts'
import { files } from './files.ts'
import { jd } from './jd.ts'
import { kuaishou } from './kuaishou.ts'
import { lazada } from './lazada.ts'
import { loyverse } from './loyverse.ts'
import { magento } from './magento.ts'
import { medusa } from './medusa.ts'
import { meituan } from './meituan.ts'
import { pinduoduo } from './pinduoduo.ts'
import { push } from './push.ts'
import { rest } from './rest.ts'
import { shopee } from './shopee.ts'
import { shopify } from './shopify.ts'
import { square } from './square.ts'
import { taobao } from './taobao.ts'
import { tiktokShop } from './tiktok-shop.ts'
import { vendure } from './vendure.ts'
import { wechatMini } from './wechat-mini.ts'
import { wechatShop } from './wechat-shop.ts'
import { woocommerce } from './woocommerce.ts'
import { xiaohongshu } from './xiaohongshu.ts'
import { youzan } from './youzan.ts'

/** Every channel's mapping, sorted by channel. */
const all: readonly Mapping[] = [
  amazon,
  douyin,
  ebay,
  files,
  jd,
  kuaishou,
  lazada,
  loyverse,
  magento,
  medusa,
  meituan,
  pinduoduo,
  push,
  rest,
  shopee,
  shopify,
  square,
  taobao,
  tiktokShop,
  vendure,
  wechatMini,
  wechatShop,
  woocommerce,
  xiaohongshu,
  youzan,
]

export const mappings: ReadonlyMap<string, Mapping> = new Map(all.map((mapping) => [mapping.channel, mapping]))
