import type { CheckStep } from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import { stampOf } from '../../src/kit/beijing-time.ts'
import { field, textField } from '../../src/kit/read.ts'
import { createSteps } from '../../src/kit/steps.ts'
import { read } from './client.ts'
import { assertDone } from './faults.ts'
import type { JdCall } from './manifest.ts'

/** Signature and authorisation first, by the cheapest call there is, then each permission by a read that costs little. */
export async function check(call: JdCall): Promise<readonly CheckStep[]> {
  const { done, step } = createSteps()
  if (!(await step({ en: 'The gateway accepts the signature and the token', zh: '网关验签与授权通过' }, () => shop(call)))) return done
  const now = call.now().getTime()
  const minute = { from: stampOf(now - 60_000), to: stampOf(now) }
  await step({ en: 'Orders can be read', zh: '可读取订单' }, async () => {
    const method = call.config.orderApi === 'plain' ? 'jingdong.pop.order.search' : 'jingdong.pop.order.enSearch'
    const { doc } = await read(call, method, {
      start_date: minute.from,
      end_date: minute.to,
      order_state: 'WAIT_SELLER_STOCK_OUT',
      optional_fields: 'orderId,modified',
      page: '1',
      page_size: '1',
      sortType: '1',
      dateType: '0',
    })
    assertDone(field(field(doc, 'searchorderinfo_result'), 'apiResult'), method)
    return textField(field(doc, 'searchorderinfo_result'), 'orderTotal')
  })
  await step({ en: 'Refund applications can be read', zh: '可读取退款申请' }, async () => {
    const { doc } = await read(call, 'jingdong.pop.afs.soa.refundapply.queryPageList', {
      modifiedStart: minute.from,
      modifiedEnd: minute.to,
      pageIndex: 1,
      pageSize: 1,
    })
    assertDone(field(doc, 'queryResult'), 'queryPageList')
    return textField(field(doc, 'queryResult'), 'totalCount')
  })
  await step({ en: 'SKUs can be read', zh: '可读取商品 SKU' }, async () => {
    const { doc } = await read(call, 'jingdong.sku.read.searchSkuList', { pageNo: 1, page_size: 1, field: 'skuId' })
    return textField(field(doc, 'page'), 'totalItem')
  })
  return done
}

async function shop(call: JdCall): Promise<string | undefined> {
  const { doc } = await read(call, 'jingdong.seller.vender.info.get', {})
  const info = field(doc, 'vender_info_result')
  if (textField(info, 'vender_id') === undefined)
    throw new ChannelError({ kind: 'misconfigured', code: 'no-vender', message: 'JD names no merchant behind this token.' })
  return textField(info, 'shop_name')
}
