import { memoryEnv, memoryFlags } from '../../scripts/setup.mjs'
import { built } from '../hub-process.ts'
import { launch, outputOf } from '../processes.ts'
import { judge } from '../report.ts'
import type { Metric } from '../sitting.ts'

/**
 * The hub's own functions from a document's text to the rows of one batch: parse, hash, map, check, render, hash again, the
 * blind indexes of phone and mail. Sealing and the database are left out; bulk has them. In a process like the hub's.
 */
export const metric: Metric = {
  name: 'normalise',
  rank: 5,
  about: 'one document to its rows, JSON and XML',
  run: async (sitting) => {
    const said: unknown = JSON.parse(await outputOf(launch([...memoryFlags(), await built('normalise')], memoryEnv())))
    const { json, xml } = Object(said)
    sitting.say(`normalise: JSON ${Number(json).toFixed(1)} µs, XML ${Number(xml).toFixed(1)} µs of CPU`)
    return [
      judge({ metric: 'normalise_json', value: Number(json), unit: 'µs/order' }, { atMost: 60 }),
      judge({ metric: 'normalise_xml', value: Number(xml), unit: 'µs/order' }, { atMost: 350 }),
    ]
  },
}
