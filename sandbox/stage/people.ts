/** One invented shopper with an address, plain data in no channel's shape. */
export interface Person {
  readonly firstName: string
  readonly lastName: string
  readonly company: string
  readonly line1: string
  readonly line2: string
  readonly city: string
  readonly region: string
  readonly postcode: string
  readonly country: string
  readonly email: string
  readonly phone: string
}

type Place = readonly [line: string, line2: string, city: string, region: string, postcode: string, country: string, phone: string]

const names: readonly (readonly [string, string])[] = [
  ['John', 'Doe'],
  ['Chloë', "O'Brien"],
  ['三', '张'],
  ['María José', 'Fernández-Núñez'],
  ['Jürgen', 'Weiß'],
  ['小明', '欧阳'],
  ['Aoife', 'Ní Bhriain'],
  ['太郎', '山田'],
  ['Zoë 🌸', 'Quinn'],
  ['Ngọc', 'Trần'],
]

const places: readonly Place[] = [
  ['969 Market', '', 'San Francisco', 'CA', '94103', 'US', '(555) 555-5555'],
  ['1 Northgate Road', 'Flat 2/B', 'Leeds', '', 'LS2 8DA', 'GB', '+44 113 496 0000'],
  ['文三路100号', '3幢2单元101室', '杭州市', 'CN10', '310012', 'CN', '13800138000'],
  ['Straße des 17. Juni 135', '', 'Berlin', 'DE-BE', '10623', 'DE', '+49 30 901820'],
  ['千代田1-1', 'ビル 5F', '千代田区', 'JP13', '100-0001', 'JP', '03-0000-0000'],
  ['Rue de l’Été 7 “bis”', '', 'Genève', 'GE', '1204', 'CH', '+41 22 000 00 00'],
]

/** The n-th shopper; deterministic, so nothing but `n` has to be remembered. */
export function personAt(n: number): Person {
  const name = names[n % names.length] ?? ['John', 'Doe']
  const place = places[n % places.length] ?? places[0]
  if (!place) throw new Error('No places to live in.')
  const [line1, line2, city, region, postcode, country, phone] = place
  return {
    firstName: name[0],
    lastName: name[1],
    company: n % 7 === 3 ? 'Sandbox & Sons' : '',
    line1,
    line2,
    city,
    region,
    postcode,
    country,
    email: `shopper${n}@example.com`,
    phone,
  }
}
