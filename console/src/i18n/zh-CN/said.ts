/** 订单为何挂起、外发结果如何：系统自己的句子。人员和渠道的原话照原样显示。 */
export const said = {
  holdText: {
    'sku-unbound': '“{{name}}”没有绑定 SKU。绑定后重放即可，订单完整保留。',
    'location-unmapped': '渠道的地点 {{name}} 没有绑定我方库位。选择对应库位后重放。',
    'stock-short': '“{{name}}”卖出的多于现有的。请补货或取消，然后解除挂起。',
    'stock-short-there': '“{{name}}”在渠道指定的库位“{{place}}”卖出的多于现有的。请补货或取消，然后解除挂起。',
    'address-incomplete': '收货地址缺少：{{missing}}。',
    'totals-mismatch': '订单各部分加起来不等于总额，差额 {{amount}}。',
    'discount-mismatch': '有一项优惠与其在各行的分摊不一致。',
    'payment-mismatch': '渠道标为已付款，但 {{total}} 中只付了 {{paid}}。',
    'lines-missing': '订单没有商品行。',
    'quantity-invalid': '第 {{line}} 行：订购 {{ordered}}，取消 {{cancelled}}，已发 {{shipped}}。',
    'cancel-requested': '买家在发货前申请取消。请同意或拒绝；如要发货须强制。',
  },
  holdField: {
    name: '收件人',
    address: '地址',
    city: '城市',
  },
  effectSaid: {
    'no-outcome': '渠道没有说明该写入的结果。',
    'fence-passed': '该渠道无法读回；旧的写入已不可能生效，库存将重新设置。',
    'not-readable': '无法从渠道读回，请到渠道核对。',
    'not-there-yet': '渠道尚未显示。',
    'not-applied': '已读回：渠道没有收到，将重新发送。',
    'waits-for-read': '等待重新读取订单。',
    'no-shipment-writes': '该渠道不接受回传发货。',
    'no-pickup': '无法向该渠道回传自提，请在渠道操作。',
    'no-cancel-decisions': '该渠道不接受此决定，请在渠道操作。',
    'not-sent': '未轮到发送，没有发出任何内容。',
    'outbound-stopped': '外发已全部停止，没有发出任何内容。',
  },
} as const
