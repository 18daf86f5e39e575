import { expect, it } from 'vitest'
import { linesAt, placesOf } from '../../console/src/pages/explain/places.ts'
import { prettyLines } from '../../console/src/pages/order/raw-lines.ts'

const raw = '{"id":1,"a/b":"x","lines":[{"qty":2,"tags":[]},{"qty":3,"tags":["t","{"]}],"more":{"total":"9.00"},"none":{},"carried":"[{\\"p\\":1}]"}'

it('knows the place of every line of a document', () => {
  const lines = prettyLines(raw)
  const places = placesOf(lines)
  const at = (text: string): string | undefined => places[lines.findIndex((line) => line.includes(text))]
  expect(at('"qty": 2')).toBe('/lines/0/qty')
  expect(at('"qty": 3')).toBe('/lines/1/qty')
  expect(at('"{"')).toBe('/lines/1/tags/1')
  expect(at('"a/b"')).toBe('/a~1b')
  expect(at('"total"')).toBe('/more/total')
  expect(at('"none"')).toBe('/none')
  expect(at('"carried"')).toBe('/carried')
})

it('lights the lines of the places a value comes from, also inside a text', () => {
  const lines = prettyLines(raw)
  const lit = linesAt(lines, ['/lines/1/qty', '/carried#/0/p', '/absent'])
  expect([...lit].map((index) => lines[index]?.trim())).toEqual(['"qty": 3,', '"carried": "[{\\"p\\":1}]"'])
})
