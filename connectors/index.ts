import type { AnyConnector, Registry } from '../src/core/connector.ts'
import { amazon } from './amazon/index.ts'
import { douyin } from './douyin/index.ts'
import { ebay } from './ebay/index.ts'
import { files } from './files/index.ts'
import { jd } from './jd/index.ts'
import { kuaishou } from './kuaishou/index.ts'
import { lazada } from './lazada/index.ts'
import { loyverse } from './loyverse/index.ts'
import { magento } from './magento/index.ts'
import { medusa } from './medusa/index.ts'
import { meituan } from './meituan/index.ts'
import { pinduoduo } from './pinduoduo/index.ts'
import { push } from './push/index.ts'
import { rest } from './rest/index.ts'
import { shopee } from './shopee/index.ts'
import { shopify } from './shopify/index.ts'
import { square } from './square/index.ts'
import { taobao } from './taobao/index.ts'
import { tiktokShop } from './tiktok-shop/index.ts'
import { vendure } from './vendure/index.ts'
import { wechatMini } from './wechat-mini/index.ts'
import { wechatShop } from './wechat-shop/index.ts'
import { woocommerce } from './woocommerce/index.ts'
import { xiaohongshu } from './xiaohongshu/index.ts'
import { youzan } from './youzan/index.ts'

/** Every channel the hub speaks, sorted by id. A test fails when a folder is missing here. */
const all: readonly AnyConnector[] = [
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

export const registry: Registry = new Map(all.map((connector) => [connector.manifest.id, connector]))
