import { describe, expect, it } from 'vitest'
import { maskRaw } from '../../../src/http/mask-raw.ts'

describe('a raw document without a purpose', () => {
  it('keeps goods, money and structure, loses people', () => {
    const raw =
      '{"id":1,"billing":{"first_name":"Ada","last_name":"Lov\\u0065lace","address_1":"1 St","phone":"0170 1","email":"a@b.co"},"line_items":[{"name":"Tea","price":"1.00"}],"customer_note":"ring \\"twice\\""}'
    expect(JSON.parse(maskRaw(raw, {}))).toEqual({
      id: 1,
      billing: { first_name: '***', last_name: '***', address_1: '***', phone: '***', email: '***' },
      line_items: [{ name: 'Tea', price: '1.00' }],
      customer_note: '***',
    })
  })

  it('loses the known people wherever else they are named', () => {
    const raw = '{"memo_html":"For Zoë \\"Z\\" Quux, +44 20 1","total":"20.00","meta":[{"key":"x","value":"Zoë \\"Z\\" Quux"}]}'
    const masked = maskRaw(raw, { recipient: { name: 'Zoë "Z" Quux', phone: '+44 20 1' } })
    expect(masked).not.toContain('Quux')
    expect(masked).not.toContain('+44')
    expect(JSON.parse(masked).total).toBe('20.00')
  })

  it('loses buyers of TikTok Shop by their tax number and the other script of their names', () => {
    const raw =
      '{"cpf":"3213-31231412","recipient_address":{"first_name_local_script":"タロウ","last_name_local_script":"ヤマダ","region_code":"JP"}}'
    expect(JSON.parse(maskRaw(raw, {}))).toEqual({
      cpf: '***',
      recipient_address: { first_name_local_script: '***', last_name_local_script: '***', region_code: 'JP' },
    })
  })

  it('loses buyers of Shopee by their names there, their tax number and what they wrote', () => {
    const raw = JSON.stringify({
      order: { buyer_username: 'x4', buyer_cpf_id: '123', message_to_seller: 'at the door', dropshipper: 'Ann', item_list: [{ item_name: 'Mug' }] },
      escrow: { buyer_user_name: 'x4' },
      returns: [{ text_reason: 'I moved', user: { username: 'x4' }, virtual_contact_number: '0900' }],
    })
    const masked = maskRaw(raw, {})
    for (const own of ['x4', '123', 'door', 'Ann', 'moved', '0900']) expect(masked).not.toContain(own)
    expect(masked).toContain('Mug')
  })

  it('loses every recipient of an order at Square, and the name a ticket goes by', () => {
    const recipient = {
      display_name: 'Erika Muster',
      address: { address_line_1: '1 Demo Street', locality: 'Leeds', administrative_district_level_1: 'WY' },
    }
    const raw = JSON.stringify({ order: { ticket_name: 'Erika', line_items: [{ name: 'Mug' }], fulfillments: [{ pickup_details: { recipient } }] } })
    const masked = maskRaw(raw, {})
    for (const word of ['Erika', 'Demo', 'Leeds', 'WY']) expect(masked).not.toContain(word)
    expect(masked).toContain('"Mug"')
  })

  it('does the same for XML', () => {
    expect(maskRaw('<o><receiver_name>王小明</receiver_name><title>茶</title></o>', {})).toBe(
      '<o><receiver_name>***</receiver_name><title>茶</title></o>',
    )
  })

  it('loses whom an order is for under the names a channel gives them, a document inside a text included', () => {
    const place = JSON.stringify({ name: '黄龙万科', user_name: '张三丰', user_tel: '13700000000' })
    const raw = JSON.stringify({
      address_info: { receiver_tel: '13800138000', self_fetch_info: place },
      buyer_info: { fans_nickname: '小明', yz_open_id: 'o1' },
      orders: [{ title: '杯子', buyer_messages: '{"刻字":"王小明"}' }],
      child_orders: [{ tid: 'C1', user_name: '李四光', user_tel: '13900000000' }],
    })
    const masked = maskRaw(raw, {})
    for (const word of ['张三丰', '137', '138', '小明', '李四光', '139']) expect(masked).not.toContain(word)
    expect(JSON.parse(masked)).toMatchObject({ buyer_info: { yz_open_id: 'o1' }, orders: [{ title: '杯子' }], child_orders: [{ tid: 'C1' }] })
  })

  it('loses the people of WeChat, virtual numbers and notes included', () => {
    const address = { user_name: '周小演', detail_info: '演示路1号', house_number: '2栋301', tel_number: '13800000000', province_name: '广东省' }
    const raw = JSON.stringify({
      order_id: '3700000000000000001',
      address_info: { ...address, tel_number_ext_info: { real_tel_number: '13800000000', virtual_tel_number: '17000000001,1234' } },
      ext_info: { customer_notes: '给周小姐', merchant_notes: '老客户' },
      contact: { consignor_contact: '18900001234' },
      product_infos: [{ title: '杯子', real_price: 3480 }],
    })
    const masked = maskRaw(raw, {})
    for (const word of ['周', '演示路', '2栋', '138', '170', '老客户', '189']) expect(masked).not.toContain(word)
    expect(JSON.parse(masked)).toMatchObject({ order_id: '3700000000000000001', product_infos: [{ title: '杯子', real_price: 3480 }] })
  })

  it('loses ciphertexts, words of buyer and seller, and whom a message inside a text is for', () => {
    const data = JSON.stringify({ p_id: 1, receiver_msg: { name: '赵演示', addr: '演示路1号', tel: '13800000000' }, shop_id: 2 })
    const raw = JSON.stringify({
      post_receiver: '赵演示',
      encrypt_post_receiver: '##c1##',
      post_addr: { encrypt_detail: '##c2##', town: { name: '海淀区' } },
      buyer_words: '请发顺丰',
      sku_order_list: [{ product_name: '杯子', code: 'C-1' }],
      messages_: [{ tag: '102', data }],
    })
    const masked = maskRaw(raw, {})
    for (const word of ['赵演示', '##c1##', '##c2##', '请发顺丰', '演示路', '138']) expect(masked).not.toContain(word)
    expect(JSON.parse(masked)).toMatchObject({ sku_order_list: [{ product_name: '杯子', code: 'C-1' }] })
    expect(JSON.parse(JSON.parse(masked).messages_[0].data)).toEqual({ p_id: 1, receiver_msg: {}, shop_id: 2 })
  })

  it('loses the people of eBay, whoever they are to the order', () => {
    const raw = JSON.stringify({
      orderId: '12-00001-00001',
      buyer: { username: 'demo_buyer', taxIdentifier: { taxpayerId: 'RSSMRA80A01H501U' } },
      fulfillmentStartInstructions: [
        { shippingStep: { shipTo: { fullName: 'Dana Example', companyName: 'Example Bakery', primaryPhone: { phoneNumber: '5415550100' } } } },
      ],
      lineItems: [
        { title: 'Gift card', giftDetails: { senderName: 'Robin Sample', recipientEmail: 'sam@example.com', message: 'Happy birthday, Sam' } },
      ],
    })
    const masked = maskRaw(raw, {})
    for (const word of ['demo_buyer', 'RSSMRA', 'Dana', 'Bakery', '541', 'Robin', 'sam@', 'Happy']) expect(masked).not.toContain(word)
    expect(JSON.parse(masked)).toMatchObject({ orderId: '12-00001-00001', lineItems: [{ title: 'Gift card' }] })
  })
})
