import { expect, it } from 'vitest'
import { readBody } from '../../../src/kit/http-body.ts'

const read =
  (contentType: string, text = '{"a":1}') =>
  () =>
    readBody(Buffer.from(text), contentType, 'json')

it.each(['application/json', 'text/json; charset=utf-8', 'application/problem+json', 'text/javascript;charset=UTF-8', 'application/javascript', ''])(
  'takes "%s" for JSON',
  (contentType) => {
    expect(read(contentType)()).toBe('{"a":1}')
  },
)

it.each([
  ['text/plain', '{"a":1}'],
  ['text/html', '{"a":1}'],
  ['text/javascript', '<html></html>'],
  ['text/javascript', 'callback({"a":1})'],
  ['text/javascript', '{"a":1'],
])('refuses "%s" that reads %s', (contentType, text) => {
  expect(read(contentType, text)).toThrow(expect.objectContaining({ fault: expect.objectContaining({ kind: 'unreadable' }) }))
})
