// Fills an empty database once: zones, taxes, shipping, payment, products. Promotions are made by the tests themselves.
const path = require('node:path')
const { LanguageCode, bootstrap } = require('@vendure/core')
const { populate } = require('@vendure/core/cli')
const { config } = require('./config.js')

const initialData = {
  defaultLanguage: LanguageCode.en,
  defaultZone: 'Europe',
  taxRates: [{ name: 'Standard Tax', percentage: 20 }],
  shippingMethods: [{ name: 'Standard Shipping', price: 500 }, { name: 'Express Shipping', price: 1295, taxRate: 20 }],
  countries: [{ name: 'United Kingdom', code: 'GB', zone: 'Europe' }, { name: 'Germany', code: 'DE', zone: 'Europe' }, { name: 'China', code: 'CN', zone: 'Asia' }],
  paymentMethods: [
    { name: 'Standard Payment', handler: { code: 'dummy-payment-handler', arguments: [{ name: 'automaticSettle', value: 'true' }] } },
    { name: 'Pay Later', handler: { code: 'dummy-payment-handler', arguments: [{ name: 'automaticSettle', value: 'false' }] } },
  ],
  collections: [],
}

populate(() => bootstrap(config), initialData, path.join(__dirname, 'products.csv')).then(
  async (app) => {
    await app.close()
    process.exit(0)
  },
  (error) => {
    process.stderr.write(`${error.stack}\n`)
    process.exit(1)
  },
)
