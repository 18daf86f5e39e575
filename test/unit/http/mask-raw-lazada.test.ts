import { expect, it } from 'vitest'
import { maskRaw } from '../../../src/http/mask-raw.ts'

it('loses buyers of Lazada, their papers and what is written on their gifts; keeps goods, money and packages', () => {
  const raw = JSON.stringify({
    order: {
      order_id: 560694402192001,
      price: '59.80',
      customer_first_name: 'Wei Ling',
      tax_code: '0101243150',
      national_registration_number: 'S1234567D',
      delivery_info: 'leave it with Robin',
      address_shipping: {
        first_name: 'Wei Ling',
        phone2: '6591234567',
        address1: '12 Tampines Street',
        post_code: '528123',
        addressDsitrict: 'Tampines',
      },
      recipient_info: { passport_no: 'K1234567E', identify_no: '900101-14-5566', detail_address: '#08-12' },
    },
    order_items: [
      {
        name: 'Bottle',
        sku: 'BOTTLE',
        tracking_code: 'LEXDO0069388114',
        gift_wrapping: 'Happy birthday',
        personalization: 'For Sam',
        digital_delivery_info: 'sam@example.com',
      },
    ],
  })
  const masked = maskRaw(raw, {})
  for (const word of ['Wei', '0101243150', 'S1234567D', 'Robin', '659', 'Tampines', '528123', 'K1234', '900101', '#08', 'Happy', 'Sam', 'sam@'])
    expect(masked).not.toContain(word)
  expect(JSON.parse(masked)).toMatchObject({
    order: { order_id: 560694402192001, price: '59.80' },
    order_items: [{ name: 'Bottle', sku: 'BOTTLE', tracking_code: 'LEXDO0069388114' }],
  })
})
