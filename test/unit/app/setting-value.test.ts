import { expect, it } from 'vitest'
import { registry } from '../../../connectors/index.ts'
import { settingValue, type ChannelForm } from '../../../src/app/cli/setting-value.ts'
import { formSchema } from '../../../src/http/config-schema.ts'

const formOf = (id: string): ChannelForm => ({ id, config_schema: formSchema(registry.get(id)?.manifest.config ?? never()) })
const never = (): never => {
  throw new Error('There is no such channel.')
}

it('an id of digits stays the text its channel wants, and numbers and switches become what they are', () => {
  const config = { partnerId: '2001887', shopId: '226242306', splitPieces: 'true', pageSize: '20', arrange: 'pickup' }
  const given = Object.fromEntries(Object.entries(config).map(([name, text]) => [name, settingValue(text, name, formOf('shopee'))]))
  expect(registry.get('shopee')?.manifest.config.parse(given)).toMatchObject({ ...config, splitPieces: true, pageSize: 20 })
  expect(registry.get('youzan')?.manifest.config.parse({ kdtId: settingValue('187395218', 'kdtId', formOf('youzan')) })).toMatchObject({
    kdtId: '187395218',
  })
})

it('a setting nobody knows the form of is taken for what it looks like', () => {
  expect(['12', 'true', '{"a":[1]}', '{broken', 'text', '0012345678901'].map((text) => settingValue(text, 'x', undefined))).toEqual([
    12,
    true,
    { a: [1] },
    '{broken',
    'text',
    '0012345678901',
  ])
})
