const escaped = (value: string): string => value.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
const element = (name: string, content: string): string => `<${name}>${content}</${name}>`
const amount = (name: string, value: number): string => `<${name} currencyID="USD">${(value / 100).toFixed(2)}</${name}>`

const PLACED = '2024-03-01T08:15:30.000Z'

/** An invented order in the shape of eBay's Trading API, about 3.6 KB with three transactions. */
export function xmlOrder(index: number): string {
  const lines = [0, 1, 2].map((at) => ({
    id: `${700_000_000 + index * 10 + at}`,
    good: (index * 7 + at * 13) % 10_000,
    quantity: 1 + at,
    unit: 1299 + at * 500,
  }))
  const subtotal = lines.reduce((sum, line) => sum + line.unit * line.quantity, 0)
  const [shipping, tax] = [599, Math.round(subtotal * 0.06)]
  const address = [
    ['Name', 'Ana Brook'],
    ['Street1', `${1 + (index % 9999)} Example Street`],
    ['CityName', 'Springfield'],
    ['StateOrProvince', 'IL'],
    ['Country', 'US'],
    ['CountryName', 'United States'],
    ['Phone', `+1555${1_000_000 + (index % 8_999_999)}`],
    ['PostalCode', '62701'],
  ]
  return element(
    'Order',
    [
      element('OrderID', `27-${10_000_000 + index}`),
      element('OrderStatus', 'Completed'),
      amount('AdjustmentAmount', 0),
      amount('AmountPaid', subtotal + shipping + tax),
      element(
        'CheckoutStatus',
        `${element('eBayPaymentStatus', 'NoPaymentFailure')}${element('LastModifiedTime', PLACED)}${element('PaymentMethod', 'CreditCard')}${element('Status', 'Complete')}`,
      ),
      element('ShippingDetails', element('SalesTax', `${amount('SalesTaxAmount', tax)}${element('SalesTaxState', 'IL')}`)),
      element('CreatedTime', PLACED),
      element('PaidTime', PLACED),
      element('ShippingAddress', address.map(([name = '', value = '']) => element(name, escaped(value))).join('')),
      element('ShippingServiceSelected', `${element('ShippingService', 'UPSGround')}${amount('ShippingServiceCost', shipping)}`),
      amount('Subtotal', subtotal),
      amount('Total', subtotal + shipping + tax),
      element('BuyerUserID', `buyer${index}`),
      element('TransactionArray', lines.map(transaction).join('')),
    ].join(''),
  )
}

const transaction = (line: { readonly id: string; readonly good: number; readonly quantity: number; readonly unit: number }): string =>
  element(
    'Transaction',
    [
      element('Buyer', `${element('Email', `buyer${line.id}@example.test`)}${element('UserFirstName', 'Ana')}${element('UserLastName', 'Brook')}`),
      element('CreatedDate', PLACED),
      element(
        'Item',
        `${element('ItemID', `11${line.good}`)}${element('Site', 'US')}${element('Title', `Invented product ${line.good}`)}${element('SKU', `SKU-${String(line.good).padStart(5, '0')}`)}${element('ConditionID', '1000')}`,
      ),
      element('QuantityPurchased', String(line.quantity)),
      element('Status', `${element('PaymentHoldStatus', 'None')}`),
      element('TransactionID', line.id),
      amount('TransactionPrice', line.unit),
      element(
        'Variation',
        `${element('SKU', `SKU-${String(line.good).padStart(5, '0')}`)}${element('VariationTitle', `Invented product ${line.good} [Size ${line.good % 4}]`)}`,
      ),
      element('OrderLineItemID', `11${line.good}-${line.id}`),
      element('Taxes', amount('TotalTaxAmount', 0)),
    ].join(''),
  )
